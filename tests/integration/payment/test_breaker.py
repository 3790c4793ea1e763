"""Promise 20: a provider that fails is left alone by all instances, and then tried by one at a time."""

import pytest

from common.infrastructure import resilience
from common.infrastructure.resilience import Breaker, OutcomeUnknown, ProviderDown

INSTANCES = 4
FAILURES = 5  # in a row are too many


@pytest.fixture
def instances(till):
    """Breakers as several execution environments have them: they share a row, and nothing else."""
    return [Breaker("stripe", till, "commerce-payment-state") for _ in range(INSTANCES)]


@pytest.fixture
def provider():
    class Provider:
        calls, broken = 0, True
        meanwhile = staticmethod(lambda: None)

        def __call__(self):
            self.calls += 1
            self.meanwhile()
            if self.broken:
                raise OutcomeUnknown("no answer")
            return "done"

    return Provider()


def ask(breaker, provider):
    try:
        return breaker.call(provider)
    except OutcomeUnknown:
        return "failed"
    except ProviderDown:
        return "refused"


@pytest.fixture
def opened(instances, provider, clock):
    for number in range(FAILURES):
        assert ask(instances[number % INSTANCES], provider) == "failed"
    provider.calls = 0
    return instances


def test_failures_count_whoever_meets_them(opened, provider):
    assert [ask(breaker, provider) for breaker in opened] == ["refused"] * INSTANCES
    assert provider.calls == 0


def test_a_success_starts_the_count_anew(instances, provider, clock):
    for broken in (*[True] * 4, False, *[True] * 4):
        provider.broken = broken
        ask(instances[0], provider)
    assert ask(instances[1], provider) == "failed"


def test_who_is_refused_is_told_how_long_to_wait(opened, provider, clock):
    clock.shift(12)
    with pytest.raises(ProviderDown) as refused:
        opened[0].call(provider)
    assert refused.value.retry_after == resilience.COOL_DOWN - 12


def test_nobody_calls_before_the_cool_down_is_over(opened, provider, clock):
    clock.shift(resilience.COOL_DOWN - 1)
    assert [ask(breaker, provider) for breaker in opened] == ["refused"] * INSTANCES
    assert provider.calls == 0


def test_one_tries_and_the_others_wait_for_what_comes_of_it(opened, provider, clock):
    clock.shift(resilience.COOL_DOWN)
    others = []
    provider.meanwhile = lambda: others.extend(ask(breaker, lambda: 1 / 0) for breaker in opened[1:])
    assert ask(opened[0], provider) == "failed"
    assert (others, provider.calls) == (["refused"] * 3, 1)
    provider.meanwhile = lambda: None
    assert [ask(breaker, provider) for breaker in opened] == ["refused"] * INSTANCES
    clock.shift(resilience.COOL_DOWN)
    provider.broken = False
    assert [ask(breaker, provider) for breaker in opened] == ["done"] * INSTANCES


def test_of_two_who_saw_the_same_moment_one_tries(opened, provider, clock):
    clock.shift(resilience.COOL_DOWN)
    seen = opened[0]._read()
    opened[1]._read = lambda: seen
    provider.broken = False
    provider.meanwhile = lambda: setattr(provider, "meanwhile", lambda: None) or twins.append(ask(opened[1], provider))
    twins = []
    assert ask(opened[0], provider) == "done"
    assert (twins, provider.calls) == (["refused"], 1)


def test_who_called_before_others_opened_it_does_not_close_it(instances, provider, clock):
    for breaker in instances:
        assert ask(breaker, provider) == "failed"

    def outrun():
        provider.meanwhile = lambda: None
        assert ask(instances[1], provider) == "failed"  # the fifth
        provider.broken = False

    provider.meanwhile = outrun
    assert ask(instances[0], provider) == "done"
    assert [ask(breaker, provider) for breaker in instances] == ["refused"] * INSTANCES


def test_who_died_trying_does_not_keep_the_others_waiting(opened, provider, clock):
    clock.shift(resilience.COOL_DOWN)

    def die():
        raise SystemExit

    with pytest.raises(SystemExit):
        opened[0].call(die)
    assert ask(opened[1], provider) == "refused"
    clock.shift(resilience.PROBE)
    provider.broken = False
    assert ask(opened[1], provider) == "done"


def test_a_table_that_is_down_is_no_outage_of_the_provider(provider, till):
    provider.broken = False
    assert ask(Breaker("stripe", till, "no-such-table"), provider) == "done"
