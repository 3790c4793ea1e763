"""What inventory makes of the events it hears: movements, notes of what may expire, words for how much there is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from common.domain.message import Message
from inventory import bootstrap
from inventory.reservation.commands import ExtendReservation
from inventory.stock.decider import misplaced
from inventory.stock.movements import moved
from inventory.use_cases import announce, change, put_in_place

MOVING = ("StockCommitted", "StockReturned")
MAY_ACT_FOR = timedelta(minutes=15)  # a customer, unless the order says otherwise
SLACK = timedelta(minutes=5)  # for the saga that goes on when they have acted: an execution has no longer


def hear_all(messages: Sequence[Message]) -> None:
    """Twice, late or shuffled: a movement is the same row, a note the same note, a word is told when it changes."""
    bootstrap.stock().record([row for message in messages if message.type in MOVING for row in moved(message)])
    bootstrap.expiry_notes().note(
        {
            message.data["order_id"]: datetime.fromisoformat(message.data["expires_at"])
            for message in messages
            if message.type == "StockReserved"
        }
    )
    for message in messages:
        if message.type == "OrderAwaitingPayment":
            _extend(message)
    for sku, message in _news_by_sku(messages).items():
        because = message.because("inventory.consumer")
        if misplaced(announce(sku, message.time, because)):
            put_in_place(sku, message.time, because)


def _extend(message: Message) -> None:
    told = message.data.get("act_until")
    until = datetime.fromisoformat(told) if told else message.time + MAY_ACT_FOR
    command = ExtendReservation(order_id=message.data["order_id"], until=until + SLACK, at=message.time)
    change(command, message.because("inventory.consumer"))


def _news_by_sku(messages: Sequence[Message]) -> dict[str, Message]:
    """The last message about each SKU whose availability may have changed."""
    news: dict[str, Message] = {}
    for message in messages:
        match message.type:
            case "StockCommitted" | "OrderAwaitingPayment":  # what was reserved was not available before either
                continue
            case "StockAdjusted" | "StockSpread" | "StockGathered":
                news[message.data["sku"]] = message
            case _:
                news |= {item["sku"]: message for item in message.data["items"]}
    return news
