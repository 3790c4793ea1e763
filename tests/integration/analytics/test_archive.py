"""What is told is kept in the archive, once it is told it can be counted from there again."""

import gzip
import json

import pytest

from analytics import bootstrap, handlers
from common.domain.message import Message

TABLE = "commerce-analytics-state"


@pytest.fixture
def objects(s3):
    """Their lines, by key."""

    def read():
        keys = [found["Key"] for found in s3.list_objects_v2(Bucket="archive").get("Contents", [])]
        bodies = {key: s3.get_object(Bucket="archive", Key=key)["Body"].read() for key in keys}
        return {key: gzip.decompress(body).decode().splitlines() for key, body in bodies.items()}

    return read


def events(dynamodb):
    items = dynamodb.scan(TableName="commerce-analytics-events")["Items"]
    commits = sorted(items, key=lambda item: (item["stream"]["S"], int(item["version"]["N"])))
    return [
        (item["stream"]["S"], int(item["version"]["N"]), json.loads(item["events"]["L"][0]["S"])) for item in commits
    ]


@pytest.fixture
def post(http):
    def post(key="k-1", *, caller="cus_root", roles="admin", body=None):
        return http(handlers.api, "POST", "/analytics/rebuilds", caller=caller, roles=roles, key=key, body=body)

    return post


@pytest.fixture
def found(http):
    def found(rebuild_id, roles="admin"):
        path = f"/analytics/rebuilds/{rebuild_id}"
        route = "/analytics/rebuilds/{rebuild_id}"
        return http(handlers.api, "GET", route, path=path, caller="cus_root", roles=roles)

    return found


@pytest.fixture
def steps(dynamodb, message, deliver):
    """Bring the rebuilder what has happened, until nothing more does. Return how many steps it took."""
    told = set()

    def run(most=100, twice=False):
        for number in range(most):
            new = [
                (stream, version, event) for stream, version, event in events(dynamodb) if (stream, version) not in told
            ]
            if not new:
                return number
            for stream, version, event in new:
                told.add((stream, version))
                at = event.pop("at")
                says = message("analytics", event.pop("type"), stream, event, sequence=version, time=at)
                for _ in range(2 if twice else 1):
                    assert deliver(handlers.rebuilder, says) == []
        return most

    return run


def test_events_are_kept_by_day_each_once_in_a_batch(tell, sale, step, objects):
    first, second = sale("ord_1"), sale("ord_2", time="2026-01-06T00:00:00Z")
    tell(first, second, first, step("OrderPlaced", sequence=1))
    kept = {key.split("/")[1]: [json.loads(line) for line in lines] for key, lines in objects().items()}
    assert {day: [one["id"] for one in lines] for day, lines in kept.items()} == {
        "day=2026-01-05": ["ord_1#1", "ord_1#2"],
        "day=2026-01-06": ["ord_2#2"],
    }
    assert kept["day=2026-01-06"] == [Message.model_validate(second).model_dump(mode="json")]


def test_the_same_batch_again_is_the_same_object_with_the_same_bytes(tell, sale, s3, objects):
    batch = [sale(f"ord_{n}") for n in range(5)]
    tell(*batch)
    [key] = objects()
    before = s3.get_object(Bucket="archive", Key=key)["Body"].read()
    tell(*reversed(batch))
    assert list(objects()) == [key]
    assert s3.get_object(Bucket="archive", Key=key)["Body"].read() == before


def test_no_person_is_in_the_archive(tell, message, objects):
    person = {"customer_id": "cus_ada", "email": "ada@customer.example", "name": "Ada Lovelace"}
    told = {"order_id": "ord_1", "customer_id": "cus_ada", "reason": "call Ada on 0170", "shipping_address": person}
    tell(
        message("identity", "CustomerRegistered", "cus_ada", person),
        message("order", "OrderPlaced", "ord_1", told),
        message("order", "OrderCancelRequested", "ord_1", told, sequence=2),
        message("order", "OrderRejected", "ord_1", {**told, "reason": "out_of_stock"}, sequence=3),
    )
    text = "".join(line for lines in objects().values() for line in lines)
    assert "Ada" not in text and "ada@" not in text
    assert "cus_ada" in text and "out_of_stock" in text


def test_what_cannot_be_kept_is_not_counted_either(tell, sale, ask, monkeypatch):
    class Down:
        def put_object(self, **_):
            raise ConnectionError

    monkeypatch.setattr(bootstrap.archive(), "_client", Down())
    with pytest.raises(ConnectionError):
        tell(sale())
    assert ask("overview", from_="2026-01-01", to="2026-01-31").body["sales"] == []


def some_sales(sale, refund, step, numbers):
    for number in numbers:
        time = f"2026-01-{1 + number % 9:02}T{number % 24:02}:00:00Z"
        sold = sale(f"ord_{number}", customer=f"cus_{number % 4}", sku=("mug", "cup")[number % 2], time=time)
        yield sold
        if number % 5 == 0:
            yield refund(f"ref_{number}x", 10 + number, sequence=10 + number)
        if number % 7 == 0:
            told = {name: sold["data"][name] for name in ("items", "total")}
            yield step("OrderCancelled", f"ord_{number}", sequence=9, reason="no more", **told)
        yield step("OrderRejected", f"ord_x{number}", reason="out_of_stock", time=time)


def test_rebuilt_figures_are_the_same_to_the_cent_on_every_route(
    tell, sale, refund, step, everything, post, found, steps, dynamodb, monkeypatch
):
    monkeypatch.setattr("analytics.use_cases.OBJECTS_A_STEP", 4)
    told = list(some_sales(sale, refund, step, range(30)))
    for start in range(0, len(told), 10):
        tell(*told[start : start + 10])
    tell(*told[5:25])  # some of it again, in another batch: other objects of the archive
    before = everything()

    answer = post()
    assert (answer.status, answer.body["status"], answer.body["events"]) == (202, "running", 0)
    assert answer.headers["Location"] == f"/analytics/rebuilds/{answer.body['rebuild_id']}"
    assert everything() == before  # nothing fails, and nothing is missing, while it runs
    assert steps() > 5
    rebuild = found(answer.body["rebuild_id"]).body
    assert rebuild["status"] == "finished"
    assert rebuild["events"] > len(told)
    assert everything() == before

    rows = [row["pk"]["S"] for row in dynamodb.scan(TableName=TABLE)["Items"]]
    assert [pk for pk in rows if pk.startswith("first#")] == []  # the old figures are gone
    assert [pk for pk in rows if pk.startswith(answer.body["rebuild_id"])]


def test_what_happens_while_it_runs_counts_once_whoever_hears_of_it_and_when(
    tell, sale, refund, step, everything, post, steps, monkeypatch
):
    monkeypatch.setattr("analytics.use_cases.OBJECTS_A_STEP", 2)
    told = list(some_sales(sale, refund, step, range(40)))
    tell(*told[:30])
    post()
    tell(*told[25:40])
    steps(2)
    tell(*told[35:60])
    steps(2, twice=True)
    tell(*told[20:30], *told[60:])
    steps(twice=True)
    tell(*told[70:])
    rebuilt = everything()
    post("k-2")
    steps()
    assert everything() == rebuilt
    assert sum(day["orders"] for day in rebuilt[3]["items"]) == 40 - len(range(0, 40, 7))


def test_a_consumer_that_did_not_know_of_the_rebuild_loses_nothing(
    tell, sale, everything, post, steps, monkeypatch, ask
):
    """It has archived its batch before it asks where to count: the rebuild finds it there."""
    tell(sale("ord_1"))
    before = bootstrap.generation_row().now()
    post()
    monkeypatch.setattr(type(bootstrap.generation_row()), "now", lambda self: before)
    tell(sale("ord_2"))
    monkeypatch.undo()
    steps()
    assert ask("sales", from_="2026-01-01", to="2026-01-31").body["items"][0]["orders"] == 2


def test_a_rebuild_that_was_broken_off_goes_on_where_it_stood(
    tell, sale, everything, post, found, steps, deliver, message, monkeypatch, dynamodb
):
    monkeypatch.setattr("analytics.use_cases.OBJECTS_A_STEP", 2)
    for number in range(9):
        tell(sale(f"ord_{number}"))
    before, rebuild_id = everything(), post().body["rebuild_id"]
    steps(2)
    count = bootstrap.daybooks().count

    def broken(generation, facts):
        count(generation, facts)
        raise ConnectionError

    monkeypatch.setattr(bootstrap.daybooks(), "count", broken)
    stream, version, event = events(dynamodb)[-1]
    says = message("analytics", event.pop("type"), stream, event, sequence=version)
    assert deliver(handlers.rebuilder, says) == [0]
    monkeypatch.setattr(bootstrap.daybooks(), "count", count)
    assert found(rebuild_id).body["status"] == "running"
    steps()
    assert found(rebuild_id).body["status"] == "finished"
    assert everything() == before


def test_one_rebuild_at_a_time_and_the_same_request_is_the_same_rebuild(tell, sale, post, found, steps):
    tell(sale())
    first = post("k-1")
    again = post("k-1")
    assert (again.text, again.headers["Idempotent-Replayed"]) == (first.text, "true")
    assert (post("k-2").status, post("k-2").body["code"]) == (409, "rebuild_running")
    steps()
    assert post("k-2").status == 202
    assert found(first.body["rebuild_id"]).body["status"] == "finished"


def test_of_two_who_start_a_rebuild_at_once_one_does(post, steps, found, meanwhile):
    twins = []
    meanwhile(bootstrap.generation_row(), "now", lambda: twins.append(post("k-2")))
    twins.append(post("k-1"))
    assert [one.status for one in twins] == [202, 409]
    steps()
    assert found(twins[0].body["rebuild_id"]).body["status"] == "finished"


def test_only_admins_may_rebuild_and_a_wrong_request_starts_nothing(post, found, dynamodb):
    assert post(roles="staff").status == 403
    assert post(caller=None).status == 401
    assert (post(key=None).status, post(key=None).body["code"]) == (400, "idempotency_key_required")
    assert post(body={"from": "2026-01-01"}).status == 422
    assert found("rbd_nobody").status == 404
    assert found("rbd_nobody", roles="staff").status == 403
    assert events(dynamodb) == []
