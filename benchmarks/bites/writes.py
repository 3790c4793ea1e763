"""Conditions of writes: each keeps two who meet from undoing each other's work."""

from typing import Final

from benchmarks.bites.bite import COMMON, Bite, always, bite

STOCK: Final = "functions/inventory/stock/rows.py"
FACTOR: Final = "functions/identity/second_factor.py"
DAYBOOKS: Final = "functions/analytics/daybooks.py"
LISTING: Final = "functions/catalog/listing/read_model.py"
BY_VERSION: Final = "The stream's version, in the same transaction: of two at once one is outrun there."
RANDOM: Final = "The id is new and has 122 random bits; nobody else makes it."

BITES: Final[tuple[Bite, ...]] = (
    bite(
        "condition: one commit per version of a stream",
        f"{COMMON}/repository.py",
        '"attribute_not_exists(#stream)"',
        '"attribute_not_exists(#stream) OR attribute_exists(#stream)"',
        "integration/common/test_repository.py",
    ),
    # Stock
    bite(
        "condition: stock is reserved only while there is enough",
        STOCK,
        '"#available >= :quantity", moved',
        '"", moved',
        "integration/inventory/test_inventory.py",
    ),
    bite(
        "condition: stock is released only while it is reserved",
        STOCK,
        'change, "#reserved >= :quantity", _disagree(sku)',
        'change, "", _disagree(sku)',
        "integration/inventory/test_disagreement.py",
    ),
    always(
        "stock is committed only while it is reserved",
        STOCK,
        "#reserved >= :quantity AND #on_hand >= :quantity",
        "integration/inventory/test_disagreement.py",
    ),
    always(
        "an adjustment is made to what it was decided on",
        STOCK,
        "#on_hand = :on_hand AND #reserved = :reserved",
        "integration/inventory/test_inventory.py",
    ),
    bite(
        "condition: the first goods of a place come where nothing is",
        STOCK,
        "return put(self._rows.table, row, _outrun(), MISSING)",
        "return put(self._rows.table, row, _outrun())",
        "integration/inventory",
        kept_by=BY_VERSION,
    ),
    bite(
        "condition: only what is free is shifted",
        STOCK,
        '"#available >= :quantity", _outrun()',
        '"", _outrun()',
        "integration/inventory/test_hot_sku.py",
    ),
    always(
        "goods come back to a place that there is",
        STOCK,
        "attribute_exists(#pk)",
        kept_by="DynamoDB refuses to add to a figure that is not there.",
    ),
    always(
        "a note of what expires stays while more has been noted",
        "functions/inventory/reservation/expiring.py",
        "size(#orders) = :seen",
        "integration/inventory/test_inventory.py",
    ),
    # Orders and payments
    always(
        "a coupon is used only while a use is left",
        "functions/order/catalogue.py",
        "attribute_not_exists(#uses) OR #uses < :most",
        "integration/order/test_coupons.py",
    ),
    always(
        "one probe at a time after a breaker's cool-down",
        f"{COMMON}/resilience.py",
        "#left_alone = :seen",
        "integration/payment/test_breaker.py",
    ),
    bite(
        "condition: a late success does not close a breaker that others opened",
        f"{COMMON}/resilience.py",
        'self._note("REMOVE #failures")',
        'self._note("REMOVE #failures, #left_alone")',
        "integration/payment/test_breaker.py",
    ),
    # People
    bite(
        "condition: an address is one customer's",
        "functions/identity/customers.py",
        'registered just now."), MISSING)',
        'registered just now."))',
        "integration/identity/test_registration.py",
    ),
    always(
        "an erased person's address is freed only while it is theirs",
        "functions/identity/customers.py",
        "#customer_id = :id",
        "integration/identity/test_erasure.py",
        kept_by="An address is freed by its owner's erasure alone, which the stream's version lets through once.",
    ),
    bite(
        "condition: a refresh token is spent once",
        "functions/identity/sessions.py",
        '"#current = :current AND attribute_not_exists(#ended)"',
        '"attribute_not_exists(#ended)"',
        "integration/identity/test_sessions.py",
    ),
    bite(
        "condition: a session that ends meanwhile is not rotated",
        "functions/identity/sessions.py",
        '"#current = :current AND attribute_not_exists(#ended)"',
        '"#current = :current"',
        "integration/identity/test_races.py",
    ),
    bite(
        "condition: a session is begun once",
        "functions/identity/sessions.py",
        'ConcurrentWrite("The session exists."), MISSING)',
        'ConcurrentWrite("The session exists."))',
        kept_by=RANDOM,
    ),
    bite(
        "condition: a mailed token is spent once",
        "functions/identity/mail_tokens.py",
        '"attribute_exists(#pk) AND attribute_not_exists(#spent)"',
        '"attribute_exists(#pk)"',
        "integration/identity/test_registration.py",
    ),
    bite(
        "condition: a mailed token is issued once",
        "functions/identity/mail_tokens.py",
        "return put(self._rows.table, row, InvalidToken(), MISSING)",
        "return put(self._rows.table, row, InvalidToken())",
        kept_by=RANDOM,
    ),
    always("a one-time code is good once", FACTOR, "#last_step < :step", "integration/identity/test_second_factor.py"),
    always(
        "a recovery code is good once",
        FACTOR,
        "#recovery = :seen",
        "integration/identity/test_second_factor.py",
        kept_by=BY_VERSION,
    ),
    always(
        "the secret that is turned on is the one that was proved",
        FACTOR,
        "#sealed = :sealed",
        "integration/identity/test_races.py",
    ),
    bite(
        "condition: a second factor is turned on once",
        FACTOR,
        "put(self._rows.table, on, raced, MISSING)",
        "put(self._rows.table, on, raced)",
        "integration/identity/test_second_factor.py",
        kept_by="Its event is in the same transaction, and " + BY_VERSION[0].lower() + BY_VERSION[1:],
    ),
    always(
        "tries at a password are counted one by one",
        "functions/identity/throttle.py",
        "#tries = :tries AND #expires_at = :until",
        "integration/identity/test_throttle.py",
    ),
    bite(
        "condition: the first try is counted once",
        "functions/identity/throttle.py",
        "return self._rows.put(counted, MISSING)",
        "return self._rows.put(counted)",
        "integration/identity/test_throttle.py",
    ),
    always(
        "no more tries are taken back than were counted",
        "functions/identity/throttle.py",
        "#tries > :none",
        "integration/identity/test_throttle.py",
    ),
    bite(
        "condition: a person's key is made once",
        f"{COMMON}/person_keys.py",
        'ConditionExpression="attribute_not_exists(#pk)"',
        'ConditionExpression="attribute_not_exists(#pk) OR attribute_exists(#pk)"',
        "integration/common/test_person_keys.py",
    ),
    # Mails
    bite(
        "condition: a mail that is being sent is left to who sends it",
        "functions/notification/journal.py",
        '(#status = :sending AND :again = :true)"',
        '(#status = :sending AND :again = :true) OR :again <> :true"',
        "integration/notification/test_mailing.py",
    ),
    always(
        "who is erased gets no preferences",
        "functions/notification/contacts.py",
        "attribute_not_exists(#erased)",
        "integration/notification/test_mailing.py",
    ),
    # Catalogue
    bite(
        "condition: a SKU is one product's",
        "functions/catalog/product/products.py",
        "yield put(table, sku, taken, MISSING)",
        "yield put(table, sku, taken)",
        "integration/catalog/test_products.py",
    ),
    always(
        "one rebuild of the catalogue at a time",
        "functions/catalog/listing/generations.py",
        "attribute_not_exists(#building)",
        "integration/catalog/test_rebuild.py",
    ),
    bite(
        "condition: what is switched to is what was built, in place of what was read",
        "functions/catalog/listing/generations.py",
        'f"#building = :name AND (#live = :former OR {NO_LIVE})"',
        '"#building = :name OR #live = :former OR attribute_exists(#pk)"',
        "integration/catalog/test_rebuild.py",
        kept_by="Only one is built at a time, and the rebuild's own stream lets each step through once.",
    ),
    always(
        "a card goes on from the version that was read",
        LISTING,
        "#version = :before",
        "integration/catalog/test_listing.py",
        "integration/catalog/test_projection.py",
    ),
    bite(
        "condition: a product's first card comes where none is",
        LISTING,
        "yield put(self._rows.table, row, OUTRUN, MISSING)",
        "yield put(self._rows.table, row, OUTRUN)",
        "integration/catalog/test_projection.py",
        "integration/catalog/test_listing.py",
    ),
    always(
        "a word that a later event has brought back stays",
        LISTING,
        "#version <= :version",
        "integration/catalog/test_projection.py",
        "integration/catalog/test_listing.py",
    ),
    # Figures
    always(
        "one rebuild of the figures at a time",
        "functions/analytics/generations.py",
        "attribute_not_exists(#pk) OR #version = :before",
        "integration/analytics/test_archive.py",
    ),
    bite(
        "condition: of two who write a daybook one is outrun",
        DAYBOOKS,
        "elif not self._rows.put(entry, MISSING):",
        "elif not self._rows.put(entry):",
        "integration/analytics/test_figures.py",
    ),
    bite(
        "condition: of two who open a daybook one is outrun",
        DAYBOOKS,
        "[put(self._rows.table, entry, outrun(), MISSING), put(self._rows.table, mark, outrun())]",
        "[put(self._rows.table, entry, outrun()), put(self._rows.table, mark, outrun())]",
        "integration/analytics/test_figures.py",
    ),
    bite(
        "condition: a daybook is closed after its last entry",
        DAYBOOKS,
        "put(table, entry, outrun(), MISSING)",
        "put(table, entry, outrun())",
        "integration/analytics/test_figures.py",
    ),
)
