"""What may be asked of a product."""

from typing import Any

from catalog.product.events import Attribute, Product
from common.domain.message import Command
from common.domain.money import Money


class CreateProduct(Command):
    product_id: str
    sku: str
    name: str
    description: str
    category: str | None
    price: Money
    attributes: dict[str, Attribute]
    images: tuple[str, ...]
    parent_id: str | None
    parent: Product | None = None  # as it stands, where there is one of that id
    siblings: int = 0  # the variants that the parent has already
    fingerprint: str


class ChangeProduct(Command):
    product_id: str
    changes: dict[str, Any]  # by field: name, description, category, attributes, images


class ChangePrice(Command):
    product_id: str
    price: Money


class ReviseProduct(Command):
    """Both at once, as an import does."""

    product_id: str
    changes: dict[str, Any]  # as above, and the price


class AddImage(Command):
    product_id: str
    image: str  # where it is read


class ArchiveProduct(Command):
    product_id: str


ProductCommand = CreateProduct | ChangeProduct | ChangePrice | ReviseProduct | AddImage | ArchiveProduct
