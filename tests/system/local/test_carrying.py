"""An order goes its whole way, by nothing but what the templates say."""

import json

import pytest

from local.platform import NotSettled


def calls(platform):
    return [(call.caller, call.service, call.operation, call.at) for call in platform.seam.calls]


def test_a_loaf_is_ordered_baked_and_told_of(bakery, order, loaf):
    assert order().status == 201
    bakery.settle()
    assert loaf() == {"loaf": "l-1", "state": "baked", "flour": "rye", "told": "consumer"}
    [execution] = bakery.executions
    assert (execution.status, execution.states) == ("SUCCEEDED", ("Bake",))
    assert execution.input == {"loaf": "l-1", "flour": "rye", "note": "a loaf of rye"}


def test_an_error_is_caught_by_the_name_of_its_class(bakery, order, loaf):
    order(flour="charcoal")
    bakery.settle()
    assert loaf()["state"] == "thrown away"
    assert bakery.executions[0].states == ("Bake", "ThrowAway")


def ten_orders(platform):
    bodies = [json.dumps({"loaf": f"l-{number}"}).encode() for number in range(10)]
    pending = [platform.start_request("POST", "/loaves", {"content-type": "application/json"}, body) for body in bodies]
    answers = [(one.result().status, one.result().headers) for one in pending]
    platform.settle()
    return answers, calls(platform)


def test_the_same_seed_gives_the_same_run_and_another_one_another(open_bakery):
    first, again, other = (ten_orders(open_bakery(seed)) for seed in (7, 7, 8))
    assert first == again
    assert first[1] != other[1]


def test_of_many_who_want_the_same_loaf_one_gets_it(bakery):
    pending = [
        bakery.start_request("POST", "/loaves", {"content-type": "application/json"}, b'{"loaf": "last"}')
        for _ in range(8)
    ]
    assert sorted(one.result().status for one in pending) == [201] + [500] * 7


def test_functions_keep_their_own_settings_though_they_share_modules(bakery, order, loaf):
    order()
    bakery.settle()
    assert bakery.invoke("Bakery-Sweeper", {"time": "now"}) is None
    assert loaf()["told"] == "consumer"


def test_what_a_function_prints_is_its_log(bakery, capsys):
    bakery.invoke("Bakery-Sweeper", {"time": "now"})
    assert capsys.readouterr().out == ""
    assert bakery.functions.named("Bakery-Sweeper").log_bytes == len("swept\n")


def test_a_function_reaches_nothing_but_the_sandboxes(bakery):
    with pytest.raises(RuntimeError, match=r"mill.example is not there"):
        bakery.invoke("Bakery-Mill", {})


def test_a_message_that_nobody_can_read_ends_with_the_dead_letters_and_holds_up_no_other(bakery, order, loaf, letters):
    order("l-1", flour="weevils")
    order("l-2")
    before = bakery.now()
    bakery.settle()
    assert loaf("l-2")["told"] == "consumer"
    assert letters("DeadLetters") == [{"loaf": "l-1", "state": "ordered", "flour": "weevils"}]
    assert 180 <= bakery.now() - before < 181


def test_it_is_not_settled_while_a_message_is_to_come_again(bakery, order):
    order(flour="weevils")
    with pytest.raises(NotSettled):
        bakery.settle(timeout_s=30)


def test_a_step_that_takes_too_long_is_cut_off_by_lambda(bakery, order):
    order(flour="slow")
    bakery.settle()
    [execution] = bakery.executions
    assert (execution.status, execution.error) == ("FAILED", "Sandbox.Timedout")
    assert execution.stopped - execution.started == 10


def test_a_schedule_fires_when_the_clock_passes_it(bakery, loaf):
    bakery.advance(299)
    bakery.settle()
    assert loaf("sweeper") == {}
    bakery.advance(601)
    assert loaf("sweeper")["swept"] == "2026-01-05T09:15:00Z"
    swept = [one.started for one in bakery.functions.invocations if one.function == "Bakery-Sweeper"]
    assert [one - swept[0] for one in swept] == [0, 300, 600]


def test_nothing_of_the_platform_stays_behind(open_bakery):
    import os
    import time

    environment, sleep, urandom = dict(os.environ), time.sleep, os.urandom
    platform = open_bakery()
    platform.request("POST", "/loaves", {}, b"{}")
    platform.stop()
    assert (dict(os.environ), time.sleep, os.urandom) == (environment, sleep, urandom)
    assert time.time() > platform.now() - 1 > 1_767_603_600
