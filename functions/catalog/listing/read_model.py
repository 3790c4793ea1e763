"""What lists and searches find: rows of one generation, fed by the domain's own events and by nothing else.

    pk                     sk                       what
    card#<id>              -                        the product as last heard of; version is its event's sequence
    list#<category>        <name>\\t<id>             it is in this category, or below; gsi1 by price, gsi2 by age
    term#<rank><letter>    <word>\\t<name>\\t<id>     a word of its name (rank 0) or of its description only (rank 1)
    categories             <category>               how many products are in it, or below

Each `pk` begins with its generation, as in `first/card#prd_1`. A list's and a term's row tell where the product stands
in each order and which words it has, so it can be sorted, and what does not fit passed over, without its card.

Card, lists and counts change in one transaction, which the card's version guards: an event heard twice changes
nothing, and a late one does not come through. Terms are too many for a transaction. They are written before it and
removed after it, so at any time there are too many and never too few; who searches looks at the card in any case.
Whoever loses the race for the card may have written terms over newer ones, and writes the winner's once more.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import NamedTuple

from catalog.listing.words import fold, words
from catalog.product.events import Product
from common.application.command_handler import again_if_outrun
from common.domain.errors import ConcurrentWrite
from common.domain.message import Message
from common.infrastructure.rows import THE_ONE, Row, Rows
from common.infrastructure.transaction import MISSING, Write, delete, put, update

ALL = ""  # the category that everything is in
ATTEMPTS = 10  # at counts that other products change, too
NAME_COUNTS = 100  # letters that a list is sorted by
IN_NAME, IN_DESCRIPTION = "0", "1"
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


def terms(product: Product) -> dict[str, str]:
    """Rank by word. What is archived has none."""
    if product.status == "archived":
        return {}
    named = set(words(product.name))
    return {word: IN_NAME if word in named else IN_DESCRIPTION for word in words(product.name, product.description)}


class Card(NamedTuple):
    product: Product
    version: int
    former: list[str]  # positions of terms it had, which may still be there


class ReadModel:
    def __init__(self, rows: Rows, generation: str) -> None:
        self._rows = rows
        self.generation = generation

    def pk(self, name: str) -> str:
        return f"{self.generation}/{name}"

    def hear_product(self, message: Message) -> None:
        """Keep the product as this event says it is, unless a later one has been heard."""
        self.project(Product.model_validate(message.data["product"]), message.sequence)

    def project(self, product: Product, version: int) -> None:
        again_if_outrun(lambda: self._project(product, version), ATTEMPTS)

    def _project(self, product: Product, version: int) -> None:
        before = self._card(product.product_id)
        if before and before.version >= version:
            self._mend(before)
            return
        old, new = _positions(before.product) if before else set(), _positions(product)
        former = sorted((old | set(before.former if before else ())) - new)
        self._put_terms(product, version)
        self._rows.commit([*self._put_card(Card(product, version, former), before), *self._lists(before, product)])
        self._forget(product.product_id, former, version)

    def _mend(self, card: Card) -> None:
        """Finish what was cut off, and what a race for this card may have left."""
        self._put_terms(card.product, card.version)
        self._forget(card.product.product_id, card.former, card.version)
        now = self._card(card.product.product_id)
        if now and now.version > card.version:
            self._mend(now)

    def _card(self, product_id: str) -> Card | None:
        row = self._rows.get(self.pk(f"card#{product_id}"))
        return Card(Product.model_validate_json(row["product"]), row["version"], row["former"]) if row else None

    def _put_card(self, card: Card, before: Card | None) -> Iterable[Write]:
        row = self._card_row(card)
        if before is None:
            yield put(self._rows.table, row, OUTRUN, MISSING)
        else:
            yield put(self._rows.table, row, OUTRUN, "#version = :before", before=before.version)

    def _card_row(self, card: Card) -> Row:
        return {
            "pk": self.pk(f"card#{card.product.product_id}"),
            "sk": THE_ONE,
            "product": card.product.model_dump_json(),
            "former": card.former,
            "version": card.version,
        }

    def _lists(self, before: Card | None, after: Product) -> Iterable[Write]:
        table, old = self._rows.table, before.product if before else None
        was = {(category, by_name(old)) for category in categories(old)} if old else set()
        now = {(category, by_name(after)) for category in categories(after)}
        for category, position in sorted(was - now):
            yield delete(table, {"pk": self.pk(f"list#{category}"), "sk": position}, OUTRUN)
        moved = old is None or _stands(old) != _stands(after)
        for category, _ in sorted(now if moved else now - was):
            yield put(table, self._listed(category, after), OUTRUN)
        left, entered = {category for category, _ in was}, {category for category, _ in now}
        for category in sorted((left ^ entered) - {ALL}):
            change = 1 if category in entered else -1
            key_ = {"pk": self.pk("categories"), "sk": category}
            yield update(table, key_, "ADD #count :one", OUTRUN, one=change)

    def _listed(self, category: str, product: Product) -> Row:
        key = self.pk(f"list#{category}")
        row = {"pk": key, "sk": by_name(product), **_stands(product)}
        return row | {"gsi1pk": key, "gsi1sk": by_price(product), "gsi2pk": key, "gsi2sk": by_age(product)}

    def rows_of(self, product: Product, version: int = 1) -> Iterator[Row]:
        """All rows of a product but for the counts, as they are when nothing has been before."""
        yield self._card_row(Card(product, version, []))
        yield from (self._listed(category, product) for category in categories(product))
        yield from self._terms(product, version)

    def _put_terms(self, product: Product, version: int) -> None:
        self._rows.put_all(self._terms(product, version))

    def _terms(self, product: Product, version: int) -> Iterator[Row]:
        stands = _stands(product)
        yield from ({**self._term(position), **stands, "version": version} for position in sorted(_positions(product)))

    def _forget(self, product_id: str, former: Iterable[str], version: int) -> None:
        """Unless a later event has brought the word back."""
        for position in former:
            key = self._term(position)
            self._rows.delete(key["pk"], key["sk"], "#version <= :version", version=version)

    def _term(self, position: str) -> Row:
        rank, rest = position[0], position[1:]
        return {"pk": self.pk(f"term#{rank}{rest[0]}"), "sk": rest}


def _positions(product: Product) -> set[str]:
    """Of its terms: rank, word, name and id, as they are sorted."""
    return {f"{rank}{word}\t{by_name(product)}" for word, rank in terms(product).items()}


def _stands(product: Product) -> Row:
    """Where it stands in each order and among the categories, and what it can be found by."""
    return {
        "category": product.category or ALL,
        "product_id": product.product_id,
        "name": by_name(product),
        "price": by_price(product),
        "age": by_age(product),
        "words": " ".join(words(product.name, product.description)),
    }


def matching(product: Product, beginning: str) -> Iterator[str]:
    """The positions of the terms that begin so, in their order."""
    yield from sorted(position for position in _positions(product) if position[1:].startswith(beginning))
