"""The write side: products as they stand. A product's row, its SKU and its event are one transaction.

pk                 sk              what
product#<id>       -               the product; version is that of its stream
product#<parent>   variant#<id>    it is a variant of the parent
prices#<id>        <version>       the price since then; until when, once another has come
sku#<sku>          -               the SKU is taken, for good: what it was stays in orders
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from catalog.product.commands import CreateProduct, ProductCommand
from catalog.product.decider import MAX_VARIANTS, Catalogued, SkuTaken, decider
from catalog.product.events import AnyProductEvent, PriceChanged, Product, ProductCreated
from common.application.command_handler import Handled, again_if_outrun
from common.domain.errors import ConcurrentWrite, NotFound
from common.domain.message import Origin
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.rows import THE_ONE, Page, Row, Rows
from common.infrastructure.transaction import MISSING, Write, put, update

OUTRUN = ConcurrentWrite("The product has just changed. Try again.")


class Family(NamedTuple):
    product: Product
    version: int
    variants: list[str]  # ids


class Products:
    def __init__(self, rows: Rows, streams: DynamoRepository[AnyProductEvent]) -> None:
        self._rows = rows
        self._streams = streams

    def handle(
        self, command: ProductCommand, origin: Origin, expect: Callable[[int], None] = lambda version: None
    ) -> Handled[Catalogued | None, AnyProductEvent]:
        """Raise what the decider refuses with, what `expect` raises for the version there is, or SkuTaken."""
        return again_if_outrun(lambda: self._once(command, origin, expect))

    def _once(
        self, command: ProductCommand, origin: Origin, expect: Callable[[int], None]
    ) -> Handled[Catalogued | None, AnyProductEvent]:
        row = self._rows.get(f"product#{command.product_id}")
        before, version = (_state(row), row["version"]) if row else (None, 0)
        if before:
            expect(version)
        elif isinstance(command, CreateProduct) and command.parent_id:
            command = self._with_parent(command, command.parent_id)
        events = decider.decide(command, before)
        after = decider.evolve(before, events[-1]) if events else before
        if events and after:
            also = self._writes(after, events, version + len(events), row)
            self._streams.save(command.product_id, version, events, origin, also=also)
        return Handled(after, events, version + len(events))

    def with_sku(self, sku: str) -> Product | None:
        taken = self._rows.get(f"sku#{sku}")
        [product] = self.of([taken["product_id"]]) if taken else [None]
        return product

    def created(self, product_id: str) -> Product:
        """As it was at first."""
        return self._streams.load(product_id)[0].product

    def family(self, product_id: str) -> Family | None:
        """The product with the ids of its variants, as they stand now."""
        rows = self._rows.query(f"product#{product_id}", limit=1 + MAX_VARIANTS).rows
        if not rows:
            return None
        own, *variants = rows
        return Family(_state(own).product, own["version"], [row["product_id"] for row in variants])

    def of(self, product_ids: Sequence[str]) -> list[Product]:
        """In the order of their ids. At most 100."""
        rows = self._rows.get_all((f"product#{product_id}", THE_ONE) for product_id in product_ids)
        return [_state(row).product for row in sorted(rows, key=lambda row: str(row["pk"]))]

    def prices(self, product_id: str, limit: int, after: Mapping[str, Any] | None) -> Page:
        """Rows of `price`, `since` and `until`, the newest first. Raise NotFound when there is no such product."""
        page = self._rows.query(f"prices#{product_id}", limit=limit, after=after, newest_first=True)
        if not page.rows and after is None:
            raise NotFound("There is no such product.")
        return page._replace(rows=[{**row, "price": json.loads(row["price"])} for row in page.rows])

    def _with_parent(self, command: CreateProduct, parent_id: str) -> CreateProduct:
        family = self.family(parent_id)
        known = {"parent": family.product, "siblings": len(family.variants)} if family else {}
        return command.model_copy(update=known)

    def _writes(
        self, state: Catalogued, events: Sequence[AnyProductEvent], version: int, before: Row | None
    ) -> list[Write]:
        """Unconditional but for the SKU: the stream lets one commit through per version."""
        product, table = state.product, self._rows.table
        priced = any(isinstance(event, ProductCreated | PriceChanged) for event in events)
        row = {
            "pk": f"product#{product.product_id}",
            "sk": THE_ONE,
            "product": product.model_dump_json(),
            "fingerprint": state.fingerprint,
            "version": version,
            "priced": version if priced or before is None else before["priced"],
        }
        writes = [put(table, row, OUTRUN)]
        if priced:
            writes += self._priced(product, version, before)
        if before is None:
            writes += self._first(product)
        return writes

    def _priced(self, product: Product, version: int, before: Row | None) -> Iterable[Write]:
        table, key, now = self._rows.table, f"prices#{product.product_id}", product.updated_at.isoformat()
        price = {"price": product.price.model_dump_json(), "since": now}
        yield put(table, {"pk": key, "sk": _position(version), **price}, OUTRUN)
        if before:
            last = {"pk": key, "sk": _position(before["priced"])}
            yield update(table, last, "SET #until = :now", OUTRUN, now=now)

    def _first(self, product: Product) -> Iterable[Write]:
        table = self._rows.table
        taken = SkuTaken(f"{product.sku} is the SKU of another product.", field="sku")
        sku = {"pk": f"sku#{product.sku}", "sk": THE_ONE, "product_id": product.product_id}
        yield put(table, sku, taken, MISSING)
        if product.parent_id:
            key = {"pk": f"product#{product.parent_id}", "sk": f"variant#{product.product_id}"}
            yield put(table, {**key, "product_id": product.product_id}, OUTRUN)


def _position(version: int) -> str:
    """Of a price among a product's prices: sorts as the versions do."""
    return f"{version:010d}"


def _state(row: Row) -> Catalogued:
    return Catalogued(Product.model_validate(json.loads(row["product"])), row["fingerprint"])
