"""Promise 12: a message that cannot be handled is kept and delays no other; redriven, it is as if nothing was."""

import pytest

from common.infrastructure.dead_letters import DeadLetters
from local import targets
from local.cli import dead_letters as dlq
from local.cli import output


class HereAsOperator:
    """The account that an operator's command speaks to."""

    def __init__(self, platform):
        self.client = platform.operator


@pytest.fixture
def letters(platform):
    def of(name):
        url = platform.operator("sqs").get_queue_url(QueueName=f"commerce-{name}-dead-letters")["QueueUrl"]
        return DeadLetters(platform.operator("sqs"), platform.operator("events"), url, "commerce")

    return of


def break_down(platform, consumer, service="dynamodb"):
    platform.seam.faults.add("error", service=service, caller=f"commerce-{consumer}", times=1_000_000)


def waiting(shop):
    return [line for promise in shop.promises_broken() for line in promise["breaks"]]


def test_what_a_broken_consumer_could_not_hear_is_kept_and_redriven(platform, shop, staff, ada, monkeypatch):
    shop.stock(staff, "mug", 10)
    shop.settle()
    break_down(platform, "shipping-consumer")
    order_id = ada.order("mug")["order_id"]
    shop.settle()  # five times a minute of being hidden
    assert ada.get(f"/orders/{order_id}")["status"] == "confirmed"  # nobody else was held up
    assert waiting(shop) == ["commerce-shipping-dead-letters: 1"]
    platform.seam.faults.clear()

    operator, said = HereAsOperator(platform), []
    for way in ("say", "heading"):
        monkeypatch.setattr(output, way, said.append)
    dlq.ls(operator)
    dlq.show(operator, "shipping")
    platform.advance(2)
    assert "commerce-shipping-dead-letters" in said[0]
    assert any("OrderConfirmed" in line and "received" in line for line in said)
    assert dlq.redrive(operator, None) == 0
    shop.settle()
    assert shop.promises_broken() == []
    staff = shop.sign_in("admin@commerce.example")
    assert len(staff.get(f"/shipments?order_id={order_id}")["items"]) == 1


def test_a_saga_that_could_not_be_started_starts_after_a_redrive(platform, shop, letters, monkeypatch):
    staff, ada = shop.sign_in("admin@commerce.example"), shop.sign_in("ada@customer.example")
    shop.stock(staff, "cup", 10)
    shop.settle()
    platform.seam.faults.add("error", service="stepfunctions", operation="StartExecution", times=1_000_000)
    order_id = ada.order("cup")["order_id"]
    monkeypatch.setattr(targets, "AGE", 60.0)  # EventBridge tries for a day, and then the sweeper has long given up
    platform.advance(90)
    platform.seam.faults.clear()
    assert letters("place-order-not-started").redrive() == 1
    shop.settle()
    assert shop.sign_in("ada@customer.example").get(f"/orders/{order_id}")["status"] == "confirmed"
    assert shop.promises_broken() == []


def test_a_message_that_nobody_can_read_delays_no_other(platform, shop):
    staff, ada = shop.sign_in("admin@commerce.example"), shop.sign_in("ada@customer.example")
    shop.stock(staff, "bowl", 10)
    shop.settle()
    sqs = platform.operator("sqs")
    url = sqs.get_queue_url(QueueName="commerce-shipping")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{poison")
    order_id = ada.order("bowl")["order_id"]
    shop.settle()
    assert ada.get(f"/shipments?order_id={order_id}")["items"]
    platform.advance(600)
    shop.settle()
    assert waiting(shop) == ["commerce-shipping-dead-letters: 1"]
    dead = sqs.get_queue_url(QueueName="commerce-shipping-dead-letters")["QueueUrl"]
    sqs.purge_queue(QueueUrl=dead)


DOMAINS = ("analytics", "catalog", "identity", "inventory", "notification", "order", "payment", "shipping")


def test_what_no_relay_can_publish_is_published_from_the_tables(platform, shop, staff, ada):
    """Each gives up on its stream's records, and its republisher reads them again: slower, and nothing is lost."""
    for domain in DOMAINS:
        break_down(platform, f"{domain}-relay", service="events")
    staff = shop.sign_in("admin@commerce.example")
    shop.stock(staff, "vase", 10)
    rebuild = staff.post("/analytics/rebuilds")
    settle_for_long(platform, shop)
    order_id = shop.sign_in("ada@customer.example").order("vase", 2)["order_id"]
    settle_for_long(platform, shop)
    platform.seam.faults.clear()
    staff = shop.sign_in("admin@commerce.example")
    assert staff.get(f"/orders/{order_id}")["status"] == "confirmed"
    assert len(staff.get(f"/shipments?order_id={order_id}")["items"]) == 1
    assert [mail["subject"] for mail in shop.mailbox("ada@customer.example") if order_id[-8:] in mail["text"]]
    assert staff.get(f"/analytics/rebuilds/{rebuild['rebuild_id']}")["status"] == "finished"
    told = staff.get(f"/orders/{order_id}/timeline?limit=100")["items"]
    assert "ShipmentCreated" in {entry["type"] for entry in told}
    assert shop.promises_broken() == []


def settle_for_long(platform, shop):
    """A relay tries ten times before it gives up, each event's followers again."""
    for _ in range(12):
        platform.advance(900)
        shop.settle()
