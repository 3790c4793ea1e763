"""Given what happened to a product, when asked, then this happens. No AWS, no mocks."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.product.commands import ArchiveProduct, ChangePrice, ChangeProduct, CreateProduct
from catalog.product.decider import MAX_VARIANTS, ProductIsArchived, TooManyVariants, UnknownParent, decider
from catalog.product.events import PriceChanged, Product, ProductArchived, ProductChanged, ProductCreated
from common.domain.errors import IdempotencyKeyReused, NotFound
from common.domain.money import Money

NOW = datetime(2024, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def euro(cents):
    return Money(amount=cents, currency="EUR")


def but(model, **changes):
    return model.model_copy(update=changes)


TOLD = {
    "product_id": "prd_1",
    "sku": "mug",
    "name": "Mug",
    "description": "To drink from",
    "category": "home/mugs",
    "price": euro(750),
    "attributes": {"dishwasher": True},
    "images": (),
    "parent_id": None,
}
MUG = Product(**TOLD, created_at=NOW, updated_at=NOW)
CREATE = CreateProduct(**TOLD, fingerprint="f", at=NOW)
CREATED = ProductCreated(product=MUG, fingerprint="f", at=NOW)
ARCHIVED = ProductArchived(product=but(MUG, status="archived", updated_at=LATER), at=LATER)
CHEAPER = PriceChanged(product=but(MUG, price=euro(700), updated_at=LATER), at=LATER)
VARIANT = but(CREATE, product_id="prd_2", sku="mug-red", parent_id="prd_1")
ARCHIVE = ArchiveProduct(product_id="prd_1", at=LATER)


def change(**changes):
    return ChangeProduct(product_id="prd_1", changes=changes, at=LATER)


def price(cents):
    return ChangePrice(product_id="prd_1", price=euro(cents), at=LATER)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([], CREATE, [CREATED], id="created as told"),
        pytest.param([CREATED], CREATE, [], id="created by a repeated request: already so"),
        pytest.param([CREATED, CHEAPER], CREATE, [], id="repeated after it has changed: already so"),
        pytest.param(
            [CREATED],
            change(name="Cup"),
            [ProductChanged(product=but(MUG, name="Cup", updated_at=LATER), at=LATER)],
            id="renamed",
        ),
        pytest.param([CREATED], change(name="Mug", images=()), [], id="changed into what it is: nothing happens"),
        pytest.param([CREATED], change(), [], id="nothing changed"),
        pytest.param(
            [CREATED],
            change(attributes={"dishwasher": 1}),
            [ProductChanged(product=but(MUG, attributes={"dishwasher": 1}, updated_at=LATER), at=LATER)],
            id="1 is not true",
        ),
        pytest.param([CREATED], price(700), [CHEAPER], id="priced anew"),
        pytest.param([CREATED], price(750), [], id="priced as it is"),
        pytest.param([CREATED, CHEAPER], price(750), [PriceChanged(product=but(MUG, updated_at=LATER), at=LATER)]),
        pytest.param([CREATED], ARCHIVE, [ARCHIVED], id="archived"),
        pytest.param([CREATED, ARCHIVED], ARCHIVE, [], id="archived again"),
    ],
)
def test_what_happens(given, when, then):
    assert decider.decide(when, decider.fold(given)) == then


@pytest.mark.parametrize(
    ("given", "when", "refusal"),
    [
        pytest.param([CREATED], but(CREATE, fingerprint="g"), IdempotencyKeyReused, id="the key came with another"),
        pytest.param([], price(700), NotFound, id="there is none to price"),
        pytest.param([], ARCHIVE, NotFound, id="there is none to archive"),
        pytest.param([CREATED, ARCHIVED], change(name="Cup"), ProductIsArchived, id="changed when archived"),
        pytest.param([CREATED, ARCHIVED], price(750), ProductIsArchived, id="priced when archived, even if the same"),
        pytest.param([], VARIANT, UnknownParent, id="a variant of nothing"),
        pytest.param([], but(VARIANT, parent=ARCHIVED.product), UnknownParent, id="a variant of what is archived"),
        pytest.param([], but(VARIANT, parent=but(MUG, parent_id="prd_0")), UnknownParent, id="a variant of a variant"),
        pytest.param([], but(VARIANT, parent=MUG, siblings=MAX_VARIANTS), TooManyVariants, id="one variant too many"),
    ],
)
def test_what_is_refused(given, when, refusal):
    with pytest.raises(refusal):
        decider.decide(when, decider.fold(given))


def test_the_last_variant_that_there_is_room_for():
    [event] = decider.decide(but(VARIANT, parent=MUG, siblings=MAX_VARIANTS - 1), None)
    assert event.product.parent_id == "prd_1"


def test_the_state_is_the_product_of_the_last_event():
    assert decider.fold([CREATED, CHEAPER, ARCHIVED]).product == ARCHIVED.product
