"""`./commerce orders`: those that wait for a person, and what that person may do about them. Over HTTP, as staff."""

from collections.abc import Iterator
from typing import Any, Final, Literal

from local.cli import output
from local.cli.desk import Desk

Action = Literal["retry", "compensate", "close"]
CAUSES: Final = {
    "payment_not_capturable": "the money for what has left could not be taken",
    "stock_not_reserved": "what has left was not reserved for it",
    "not_in_the_order": "a parcel holds what the order does not have",
    "not_sold": "more comes back than has left",
    "return_not_open": "its money was given back for a return that is over",
    "shipment_failed": "the carrier could not deliver a parcel",
    "shipment_returned": "a parcel is on its way back to us",
    "place_order_stuck": "it was started again and again, and never ended",
    "cancel_order_stuck": "its cancellation was started again and again, and never ended",
    "fulfil_order_stuck": "what follows its dispatch was started again and again, and never ended",
}
DONE: Final = {
    "retry": "What waited is started again; every step that was done before is found done.",
    "compensate": "All its money goes back, and the goods that have not left. It ends as cancelled.",
    "close": "It is closed. Nothing more happens to it by itself.",
}


def ls(staff: Desk, status: str) -> None:
    """One line per order, and below it why it waits."""
    orders = list(_all(staff, status))
    for order in orders:
        total = order["total"]
        amount = f"{total['amount']} {total['currency']}"
        output.say(f"{order['order_id']}  {order['status']:<16} {amount:>12}  since {order['updated_at'][:19]}Z")
        if reason := order.get("reason"):
            output.say(f"    {reason}" + (f": {CAUSES[reason]}" if reason in CAUSES else ""))
    if not orders:
        output.say("No order needs attention." if status == "needs_attention" else f"No order is {status}.")
    elif status == "needs_attention":
        output.say('\n./commerce orders retry|compensate|close ORDER_ID --reason "…"')


def act(staff: Desk, action: Action, order_id: str, reason: str) -> None:
    before = staff.get(f"/orders/{order_id}")["status"]
    after = staff.post(f"/orders/{order_id}/{action}", {"reason": reason})["status"]
    output.say(f"{order_id}: {before} -> {after}. {DONE[action]}")


def _all(staff: Desk, status: str) -> Iterator[dict[str, Any]]:
    query = {"status": status, "limit": "100"}
    page = staff.get("/orders", **query)
    yield from page["items"]
    while page["next_cursor"]:
        page = staff.get("/orders", **query, cursor=page["next_cursor"])
        yield from page["items"]
