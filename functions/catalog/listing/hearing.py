"""What the read side makes of events. They may come twice and in any order: a card and a word keep the newest."""

from catalog.bootstrap import availability, generations, read_model
from common.domain.message import Message


def hear(message: Message) -> None:
    if message.source == "inventory":
        availability().hear(message)
        return
    # Read for each event, after it was committed: a rebuild that has not begun by now will find the event itself.
    now = generations().read()
    for generation in now.written:
        read_model(generation).hear_product(message)
    if message.type == "ProductArchived":
        generations().count_archived()
