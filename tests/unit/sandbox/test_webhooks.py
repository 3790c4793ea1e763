"""Deliveries are owed until they succeed, or three days are over."""

import time

import pytest

from sandbox.webhooks import GIVE_UP_AFTER, WebhookQueue


@pytest.fixture
def queue(clock):
    queue = WebhookQueue("/hook", lambda body, now: {"Signed": f"{now}:{len(body)}"})
    queue.put("evt_1", "thing.happened", {"id": "evt_1"})
    return queue


def test_what_is_sent_is_not_handed_out_twice(queue):
    [webhook] = queue.due()
    assert (webhook.path, webhook.body) == ("/hook", b'{\n  "id": "evt_1"\n}')
    assert (queue.due(), queue.next_due(), queue.owed()) == ([], None, [webhook])
    webhook.delivered(True)
    assert queue.owed() == []


def test_a_failure_is_tried_again_later_with_a_new_signature(queue, clock):
    [webhook] = queue.due()
    signed = webhook.headers["Signed"]
    webhook.delivered(False)
    assert (queue.due(), queue.next_due()) == ([], time.time() + 10)
    clock.shift(10)
    [again] = queue.due()
    assert again is webhook
    assert again.headers["Signed"] != signed


def test_delays_grow_until_it_is_given_up(queue, clock):
    begun, waits = time.time(), []
    while (due := queue.next_due()) is not None:
        waits.append(due - time.time())
        clock.move_to(due)
        queue.due()[0].delivered(False)
    assert waits == [0, 10, 60, 600, 3600, 6 * 3600, *[12 * 3600] * 5]
    assert time.time() - begun <= GIVE_UP_AFTER
    assert queue.owed() == []
