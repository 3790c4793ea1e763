"""The read side: what lists and searches find, fed by the domain's own events and by inventory's.

    pk                     sk                       what
    card#<id>              -                        the product as last heard of; version is its event's sequence
    list#<category>        <name>\\t<id>             it is in this category, or below; gsi1 by price, gsi2 by age
    term#<first letter>    <word>\\t<id>             the word is in its name or description
    categories             <category>               how many products are in it, or below
    availability#<sku>     -                        what inventory last said

Card, lists and counts change in one transaction, which the card's version guards: an event heard twice changes
nothing, and a late one does not come through. Terms are too many for a transaction. They are written before it and
removed after it, so at any time there are too many and never too few; who searches looks at the card in any case.
"""

from collections.abc import Iterable
from datetime import UTC

from catalog.events import Product
from catalog.words import fold, words
from common.application.command_handler import again_if_outrun
from common.domain.errors import ConcurrentWrite
from common.domain.message import Message
from common.infrastructure.rows import THE_ONE, Row, Rows
from common.infrastructure.transaction import MISSING, Write, delete, put, update

ALL = ""  # the category that everything is in
ATTEMPTS = 10  # at counts that other products change, too
NAME_COUNTS = 100  # letters that a list is sorted by
OUTRUN = ConcurrentWrite("The card or a count has just changed. Try again.")


def by_name(product: Product) -> str:
    """Positions in a list are texts that sort as the list does, and end in what makes them unique."""
    return f"{fold(product.name)[:NAME_COUNTS]}\t{product.product_id}"


def by_price(product: Product) -> str:
    return f"{product.price.amount:013d}\t{product.product_id}"


def by_age(product: Product) -> str:
    at = product.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{at}\t{product.product_id}"


def categories(product: Product) -> list[str]:
    """`home/mugs` is in the root, in `home`, and in itself. What is archived is in none."""
    if product.status == "archived":
        return []
    parts = product.category.split("/") if product.category else []
    return [ALL, *("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))]


def terms(product: Product) -> set[str]:
    return set(words(product.name, product.description)) if product.status == "active" else set()


class ReadModel:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def hear_product(self, message: Message) -> None:
        """Keep the product as this event says it is, unless a later one has been heard."""
        product = Product.model_validate(message.data["product"])
        again_if_outrun(lambda: self._project(product, message.sequence), ATTEMPTS)

    def hear_availability(self, message: Message) -> None:
        row = {"pk": f"availability#{message.data['sku']}", "sk": THE_ONE, "word": message.data["availability"]}
        self._rows.project(row, message.sequence)

    def _project(self, product: Product, version: int) -> None:
        row = self._rows.get(f"card#{product.product_id}")
        if row and row["version"] > version:
            return
        if row and row["version"] == version:
            self._forget(product, row["former"], version)  # in case that it was cut off before
            return
        before = Product.model_validate_json(row["product"]) if row else None
        old, new = (terms(before) if before else set()), terms(product)
        former = sorted((old | set(row["former"] if row else ())) - new)
        self._rows.put_all(_term(word, product, version) for word in sorted(new - old))
        self._rows.commit([self._card(product, version, former, row), *self._lists(before, product)])
        self._forget(product, former, version)

    def _card(self, product: Product, version: int, former: list[str], before: Row | None) -> Write:
        row = {
            "pk": f"card#{product.product_id}",
            "sk": THE_ONE,
            "product": product.model_dump_json(),
            "former": former,  # words it had, whose terms may still be there
            "version": version,
        }
        if before is None:
            return put(self._rows.table, row, OUTRUN, MISSING)
        return put(self._rows.table, row, OUTRUN, "#version = :before", before=before["version"])

    def _lists(self, before: Product | None, after: Product) -> Iterable[Write]:
        table = self._rows.table
        was = {(category, by_name(before)) for category in categories(before)} if before else set()
        now = {(category, by_name(after)) for category in categories(after)}
        for category, position in sorted(was - now):
            yield delete(table, {"pk": f"list#{category}", "sk": position}, OUTRUN)
        moved = before is None or by_price(before) != by_price(after)
        for category, position in sorted(now if moved else now - was):
            key = f"list#{category}"
            row = {"pk": key, "sk": position, "product_id": after.product_id}
            row |= {"gsi1pk": key, "gsi1sk": by_price(after), "gsi2pk": key, "gsi2sk": by_age(after)}
            yield put(table, row, OUTRUN)
        left, entered = {category for category, _ in was}, {category for category, _ in now}
        for category in sorted((left ^ entered) - {ALL}):
            change = 1 if category in entered else -1
            key_ = {"pk": "categories", "sk": category}
            yield update(table, key_, "ADD #count :one", OUTRUN, one=change)

    def _forget(self, product: Product, former: Iterable[str], version: int) -> None:
        """Unless a later event has brought the word back."""
        for word in former:
            key = _term(word, product, version)
            self._rows.delete(key["pk"], key["sk"], "#version <= :version", version=version)


def _term(word: str, product: Product, version: int) -> Row:
    return {
        "pk": f"term#{word[0]}",
        "sk": f"{word}\t{product.product_id}",
        "product_id": product.product_id,
        "version": version,
    }
