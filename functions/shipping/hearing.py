"""What shipping makes of the events it hears: shipments of what was ordered, and what products weigh."""

from common.domain.message import Message
from shipping import bootstrap
from shipping.commands import CreateShipment


def hear(message: Message) -> None:
    """Each branch may run twice, in any order: a shipment's id derives from its order's, a product's row is gated."""
    match message.source:
        case "catalog":
            bootstrap.products().learn(message)
        case "order":
            _create_shipment(message)


def _create_shipment(message: Message) -> None:
    asked = {name: message.data[name] for name in CreateShipment.model_fields if name != "at"}
    command = CreateShipment(**asked, at=message.time)
    bootstrap.shipments().handle(command.shipment_id, command, message.because("shipping.consumer"))
