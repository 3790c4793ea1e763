"""The rules of a product. Pure: no clock, no random ids, no AWS.

active ─▶ archived      an archived product can be read and no longer changed; its SKU stays taken
"""

from dataclasses import dataclass
from typing import Any, assert_never

from catalog.product.commands import (
    AddImage,
    ArchiveProduct,
    ChangePrice,
    ChangeProduct,
    CreateProduct,
    ProductCommand,
    ReviseProduct,
)
from catalog.product.events import (
    AnyProductEvent,
    PriceChanged,
    Product,
    ProductArchived,
    ProductChanged,
    ProductCreated,
)
from common.domain.decider import Decider
from common.domain.errors import Conflict, IdempotencyKeyReused, Invalid, NotFound

MAX_IMAGES = 20
MAX_VARIANTS = 99  # of one parent: they are shown together with it


@dataclass(frozen=True)
class Catalogued:
    """A product, and the fingerprint of the request that made it."""

    product: Product
    fingerprint: str


class SkuTaken(Conflict): ...


class ProductIsArchived(Conflict): ...


class UnknownParent(Invalid): ...


class TooManyVariants(Invalid): ...


class TooManyImages(Conflict): ...


def decide(command: ProductCommand, state: Catalogued | None) -> list[AnyProductEvent]:
    """Return what happens, or [] if it is already so, or raise if it may not."""
    if isinstance(command, CreateProduct):
        return _create(command, state)
    if state is None:
        raise NotFound("There is no such product.")
    match command:
        case ChangeProduct():
            changed = _with(state.product, command, **command.changes)
            return [ProductChanged(product=changed, at=command.at)] if changed else []
        case ChangePrice():
            changed = _with(state.product, command, price=command.price)
            return [PriceChanged(product=changed, at=command.at)] if changed else []
        case ReviseProduct():
            return _revise(command, state.product)
        case AddImage():
            return _add(command, state.product)
        case ArchiveProduct():
            if state.product.status == "archived":
                return []
            archived = state.product.model_copy(update={"status": "archived", "updated_at": command.at})
            return [ProductArchived(product=archived, at=command.at)]
        case _:
            assert_never(command)


def _create(command: CreateProduct, state: Catalogued | None) -> list[AnyProductEvent]:
    if state:
        if state.fingerprint == command.fingerprint:
            return []
        raise IdempotencyKeyReused("This Idempotency-Key has created another product.")
    if command.parent_id:
        _refuse_parent(command)
    product = Product(
        **command.model_dump(include=Product.model_fields.keys() - {"status"}),
        created_at=command.at,
        updated_at=command.at,
    )
    return [ProductCreated(product=product, fingerprint=command.fingerprint, at=command.at)]


def _refuse_parent(command: CreateProduct) -> None:
    if command.parent is None or command.parent.status == "archived":
        raise UnknownParent("There is no such product to be a variant of.", field="parent_id")
    if command.parent.parent_id:
        raise UnknownParent("A variant has no variants.", field="parent_id")
    if command.siblings >= MAX_VARIANTS:
        raise TooManyVariants(f"A product has at most {MAX_VARIANTS} variants.", field="parent_id")


def _revise(command: ReviseProduct, product: Product) -> list[AnyProductEvent]:
    happened: list[AnyProductEvent] = []
    changes = {name: value for name, value in command.changes.items() if name != "price"}
    if changed := _with(product, command, **changes):
        happened.append(ProductChanged(product=changed, at=command.at))
    if priced := _with(changed or product, command, price=command.changes.get("price", product.price)):
        happened.append(PriceChanged(product=priced, at=command.at))
    return happened


def _add(command: AddImage, product: Product) -> list[AnyProductEvent]:
    if command.image in product.images:
        return []
    if len(product.images) >= MAX_IMAGES:
        raise TooManyImages(f"A product has at most {MAX_IMAGES} images.")
    added = _with(product, command, images=(*product.images, command.image))
    return [ProductChanged(product=added, at=command.at)] if added else []


def _with(product: Product, command: ProductCommand, **changes: Any) -> Product | None:
    """The product with the changes, or None if they change nothing."""
    if product.status == "archived":
        raise ProductIsArchived("An archived product cannot be changed.")
    changed = product.model_copy(update=changes)
    if changed.model_dump_json() == product.model_dump_json():  # as values, True would be 1
        return None
    return changed.model_copy(update={"updated_at": command.at})


def evolve(state: Catalogued | None, event: AnyProductEvent) -> Catalogued:
    if isinstance(event, ProductCreated):
        return Catalogued(event.product, event.fingerprint)
    assert state, "a stream begins with ProductCreated"
    return Catalogued(event.product, state.fingerprint)


decider: Decider[ProductCommand, Catalogued | None, AnyProductEvent] = Decider(None, decide, evolve)
