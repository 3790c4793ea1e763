"""Who asks to be forgotten is: nothing of them can be read anywhere, and what was bought stays as it was."""

import pytest

from common.entrypoint.observability import logger
from local.shop import ADDRESS, Refused
from tests.system.kept import everything

MAIL, NAME = "mallory.blum@customer.example", "Mallory Blum"
HOME = ADDRESS | {"name": NAME, "line1": "77 Winding Lane", "city": "Bielefeld"}
TRACES = ("mallory", "blum", "winding lane", "bielefeld")


@pytest.fixture(scope="module")
def outspoken():
    """Functions log all that they may ever be told to log."""
    level = logger.log_level
    logger.setLevel("DEBUG")
    yield
    logger.setLevel(level)


@pytest.fixture(scope="module")
def bought(outspoken, platform, shop, staff):
    """Mallory's order has arrived, another is on its way; her tokens, and the ids. What was refused has been logged."""
    shop.stock(staff, "mug", 20)
    shop.settle()
    mallory = shop.join(MAIL, NAME)
    orders = []
    for _ in range(3):
        orders.append(mallory.order("mug", shipping_address=HOME)["order_id"])
        shop.settle()
    parcel = shop.dispatch(staff, orders[0])
    shop.settle()
    shop.carrier_says(parcel["tracking_number"], "delivered")
    mallory.post(f"/orders/{orders[1]}/cancel", {})
    shop.settle()
    assert mallory.ask("POST", "/orders", {"shipping_address": HOME}).status_code == 422
    assert mallory.ask("POST", "/identity/login", {"email": MAIL, "password": NAME}).status_code == 401
    return mallory, orders


def found(platform):
    return sorted(
        {f"{where}: {trace}" for where, text in everything(platform) for trace in TRACES if trace in text.lower()}
    )


def test_addresses_and_names_stand_in_boxes_only(platform, bought):
    """But for the rows by which identity lets someone in."""
    looked_at = {where.partition(" ")[0] for where, _ in everything(platform)}
    assert looked_at >= {"commerce-identity-events", "stream", "object", "execution", "log"}
    assert {where.partition(":")[0] for where in found(platform)} <= {"commerce-identity-state"}


def test_nothing_of_who_is_erased_can_be_read_and_what_was_bought_stays(platform, shop, staff, bought):
    mallory, (arrived, cancelled, waiting) = bought
    before = shop.client.get("/_local/invariants").json()
    assert before["holds"]
    assert mallory.ask("DELETE", "/identity/me").status_code == 202
    shop.settle()
    platform.advance(11 * 60)
    shop.settle()
    assert found(platform) == []

    staff = shop.sign_in("admin@commerce.example")
    order = staff.get(f"/orders/{arrived}")
    assert (order["status"], order["shipping_address"]) == ("delivered", None)
    assert staff.get(f"/orders/{cancelled}")["status"] == "cancelled"
    assert staff.get(f"/orders/{arrived}/timeline?limit=100")["items"]
    assert shop.promises_broken() == []

    with pytest.raises(Refused) as refused:
        shop.dispatch(staff, waiting)
    assert (refused.value.status, refused.value.code) == (409, "person_erased")
    with pytest.raises(Refused):
        shop.sign_in(MAIL)
    assert shop.join(MAIL, NAME).get("/orders")["items"] == []  # a stranger with the same address
