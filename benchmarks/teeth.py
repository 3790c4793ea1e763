"""Whether the tests would notice: take one safeguard after the other out of a copy of the code, and run the tests.

    python -m benchmarks.teeth [--only WORD]

Each bite names the file, what is taken out, and the tests that should fail without it. One that no test misses is a
survivor; docs/reliability.md explains those that are known.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PARTS: Final = ("functions", "layers", "cdk", "local", "sandbox", "stepfunctions", "tests", "benchmarks")
FILES: Final = ("pyproject.toml", "cdk.json", "requirements.lock", "package.json", "package-lock.json", "commerce")


@dataclass(frozen=True)
class Bite:
    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def _test(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/{name}" for name in names)


COMMON: Final = "layers/common/python/common/infrastructure"
ENTRY: Final = "layers/common/python/common/entrypoint"
SEES: Final = "not caller.may_see(order.placed.customer_id)"
BITES: Final = (
    # Conditions of writes
    Bite(
        "condition: one commit per version of a stream",
        f"{COMMON}/repository.py",
        '"attribute_not_exists(#stream)"',
        '"attribute_not_exists(#stream) OR attribute_exists(#stream)"',
        _test("integration/common/test_repository.py"),
    ),
    Bite(
        "condition: stock is reserved only while there is enough",
        "functions/inventory/stock/rows.py",
        '"#available >= :quantity", moved',
        '"", moved',
        _test("integration/inventory"),
    ),
    Bite(
        "condition: stock is released only while it is reserved",
        "functions/inventory/stock/rows.py",
        'change, "#reserved >= :quantity", _disagree(sku)',
        'change, "", _disagree(sku)',
        _test("integration/inventory"),
    ),
    Bite(
        "condition: a coupon is used only while a use is left",
        "functions/order/catalogue.py",
        "OR #uses < :most",
        "OR #uses < :most OR #uses >= :most",
        _test("integration/order/test_coupons.py"),
    ),
    Bite(
        "condition: a refresh token is spent once",
        "functions/identity/sessions.py",
        '"#current = :current AND attribute_not_exists(#ended)"',
        '"attribute_not_exists(#ended)"',
        _test("integration/identity/test_sessions.py"),
    ),
    Bite(
        "condition: a mailed token is spent once",
        "functions/identity/mail_tokens.py",
        '"attribute_exists(#pk) AND attribute_not_exists(#spent)"',
        '"attribute_exists(#pk)"',
        _test("integration/identity"),
    ),
    Bite(
        "condition: a mail that is being sent is left to who sends it",
        "functions/notification/journal.py",
        '(#status = :sending AND :again = :true)"',
        '(#status = :sending AND :again = :true) OR :again <> :true"',
        _test("integration/notification"),
    ),
    Bite(
        "condition: a SKU is one product's",
        "functions/catalog/product/products.py",
        "yield put(table, sku, taken, MISSING)",
        "yield put(table, sku, taken)",
        _test("integration/catalog/test_products.py"),
    ),
    Bite(
        "condition: an address is one customer's",
        "functions/identity/customers.py",
        'registered just now."), MISSING)',
        'registered just now."))',
        _test("integration/identity"),
    ),
    Bite(
        "condition: a one-time code is good once",
        "functions/identity/second_factor.py",
        '"#last_step < :step"',
        '"#last_step < :step OR #last_step >= :step"',
        _test("integration/identity/test_second_factor.py"),
    ),
    Bite(
        "condition: a recovery code is good once",
        "functions/identity/second_factor.py",
        '"#recovery = :seen"',
        '"#recovery = :seen OR #recovery <> :seen"',
        _test("integration/identity/test_second_factor.py"),
    ),
    Bite(
        "condition: tries at a password are counted one by one",
        "functions/identity/throttle.py",
        '"#tries = :tries AND #expires_at = :until"',
        '"(#tries = :tries OR #tries <> :tries) AND (#expires_at = :until OR #expires_at <> :until)"',
        _test("integration/identity/test_throttle.py"),
    ),
    Bite(
        "condition: who is erased gets no preferences",
        "functions/notification/contacts.py",
        '"attribute_not_exists(#erased)"',
        '"attribute_not_exists(#erased) OR attribute_exists(#erased)"',
        _test("integration/notification"),
    ),
    Bite(
        "condition: stock is committed only while it is reserved",
        "functions/inventory/stock/rows.py",
        'change, "#reserved >= :quantity AND #on_hand >= :quantity", _disagree(sku)',
        'change, "", _disagree(sku)',
        _test("integration/inventory"),
    ),
    Bite(
        "condition: an adjustment is made to what it was decided on",
        "functions/inventory/stock/rows.py",
        '"#on_hand = :on_hand AND #reserved = :reserved"',
        '"(#on_hand = :on_hand OR #on_hand <> :on_hand) AND (#reserved = :reserved OR #reserved <> :reserved)"',
        _test("integration/inventory", "system/test_stock.py"),
    ),
    Bite(
        "condition: one rebuild of the catalogue at a time",
        "functions/catalog/listing/generations.py",
        '"attribute_not_exists(#building)"',
        '"attribute_not_exists(#building) OR attribute_exists(#building)"',
        _test("integration/catalog/test_rebuild.py"),
    ),
    Bite(
        "condition: one rebuild of the figures at a time",
        "functions/analytics/generations.py",
        '"attribute_not_exists(#pk) OR #version = :before"',
        '"attribute_not_exists(#pk) OR #version = :before OR #version <> :before"',
        _test("integration/analytics"),
    ),
    Bite(
        "condition: a person's key is made once",
        f"{COMMON}/person_keys.py",
        'ConditionExpression="attribute_not_exists(#pk)"',
        'ConditionExpression="attribute_not_exists(#pk) OR attribute_exists(#pk)"',
        _test("integration/common"),
    ),
    Bite(
        "condition: one probe at a time after a breaker's cool-down",
        f"{COMMON}/resilience.py",
        '"#left_alone = :seen"',
        '"#left_alone = :seen OR #left_alone <> :seen"',
        _test("integration/common/test_resilience.py"),
    ),
    # Inbox marks and idempotency records
    Bite(
        "inbox: the ledger posts an event once",
        "functions/payment/books.py",
        'has been posted."), MISSING)',
        'has been posted."))',
        _test("integration/payment"),
    ),
    Bite(
        "inbox: an event is counted once",
        "functions/analytics/daybooks.py",
        "if fact.id not in book.ids]",
        "]",
        _test("integration/analytics"),
    ),
    Bite(
        "inbox: of two who write a daybook one is outrun",
        "functions/analytics/daybooks.py",
        "elif not self._rows.put(entry, MISSING):",
        "elif not self._rows.put(entry):",
        _test("integration/analytics"),
    ),
    Bite(
        "inbox: a message is marked with its effect",
        f"{COMMON}/inbox.py",
        'has been heard."), MISSING)',
        'has been heard."))',
        _test("integration/payment/test_webhooks.py", "integration/payment/test_news.py"),
    ),
    Bite(
        "idempotency: of twins one is committed",
        f"{COMMON}/idempotency.py",
        'f"{MISSING} OR #expires_at < :now"',
        'f"{MISSING} OR #expires_at < :now OR #expires_at >= :now"',
        _test("integration/common/test_once.py"),
    ),
    Bite(
        "idempotency: a key with another request is refused",
        f"{COMMON}/idempotency.py",
        'if row["fingerprint"] != request.fingerprint:',
        "if False:",
        _test("integration/common/test_once.py", "integration/order/test_orders.py"),
    ),
    Bite(
        "idempotency: a capture that was taken is not taken again",
        "functions/payment/decider.py",
        "if _was_taken(command, payment):",
        "if False:",
        _test("unit/payment", "integration/payment/test_saga.py"),
    ),
    # Version gates
    Bite(
        "gate: a projection never goes back",
        f"{COMMON}/rows.py",
        "OR #version < :version",
        "OR #version < :version OR #version >= :version",
        _test("integration/common/test_rows.py"),
    ),
    Bite(
        "gate: old news never move a parcel back",
        "functions/shipping/tracking.py",
        'return last.status == "failed" or STEPS[news.status] > STEPS[last.status]',
        "return True",
        _test("unit/shipping/test_tracking.py", "integration/shipping/test_webhooks.py"),
    ),
    Bite(
        "gate: If-Match names the version that is changed",
        f"{ENTRY}/versions.py",
        'if "*" not in named and etag(version) not in named:',
        "if False:",
        _test("integration/catalog/test_products.py"),
    ),
    Bite(
        "gate: the catalogue's read side never goes back",
        "functions/catalog/listing/read_model.py",
        '"#version = :before"',
        '"#version = :before OR #version <> :before"',
        _test("integration/catalog"),
    ),
    # Partial failures
    Bite(
        "partial failure: the relay says which record the bus refused",
        f"{ENTRY}/relay.py",
        "[] if refused is None else",
        "[] if True else",
        _test("unit/common/test_relay.py"),
    ),
    # Who may see
    Bite("owner: an order", "functions/order/handlers.py", SEES, "False", _test("integration/order/test_orders.py")),
    Bite(
        "owner: a timeline",
        "functions/order/handlers.py",
        'not caller.may_see(own[0].data["customer_id"])',
        "False",
        _test("integration/order", "system/test_order_parts.py"),
    ),
    Bite(
        "owner: a payment",
        "functions/payment/handlers.py",
        "not caller.may_see(payment.requested.customer_id)",
        "False",
        _test("integration/payment/test_http.py"),
    ),
    Bite(
        "owner: a shipment",
        "functions/shipping/handlers.py",
        "not caller.may_see(shipment.created.customer_id)",
        "False",
        _test("integration/shipping/test_shipping.py"),
    ),
    Bite("owner: a return", "functions/order/returns/routes.py", SEES, "False", _test("system/test_returns.py")),
    # Signatures
    Bite(
        "signature: Stripe's webhooks",
        "functions/payment/webhook.py",
        "if not any(hmac",
        "if False and not any(hmac",
        _test("integration/payment/test_webhooks.py"),
    ),
    Bite(
        "signature: the age of Stripe's webhooks",
        "functions/payment/webhook.py",
        "> TOLERANCE:",
        "> 10**12:",
        _test("integration/payment/test_webhooks.py"),
    ),
    Bite(
        "signature: EasyPost's webhooks",
        "functions/shipping/webhook.py",
        "if not hmac",
        "if False and not hmac",
        _test("unit/shipping/test_webhook.py"),
    ),
    Bite(
        "signature: the audience of access tokens",
        "functions/identity/access_tokens.py",
        '"verify_exp": False,',
        '"verify_exp": False, "verify_aud": False,',
        _test("integration/identity/test_access_tokens.py"),
    ),
    Bite(
        "signature: access tokens expire",
        "functions/identity/access_tokens.py",
        'if claims["exp"] <= now:',
        "if False:",
        _test("integration/identity/test_access_tokens.py"),
    ),
    # Compensations
    Bite(
        "compensation: a rejected order's stock is released",
        "stepfunctions/place_order.asl.json",
        '"Next": "ReleaseStock"',
        '"Next": "CloseOrder"',
        _test("system/test_first_order.py"),
    ),
    Bite(
        "compensation: a cancelled order's payment is voided",
        "stepfunctions/cancel_order.asl.json",
        '"Next": "VoidPayment"',
        '"Next": "ReleaseStock"',
        _test("system/test_first_order.py"),
    ),
    Bite(
        "compensation: who cannot be charged is rejected",
        "stepfunctions/place_order.asl.json",
        '"Next": "RejectOrder"',
        '"Next": "OrderConfirmed"',
        _test("system/test_first_order.py"),
    ),
    Bite(
        "compensation: what cannot be captured waits for a person",
        "stepfunctions/fulfil_order.asl.json",
        '"Next": "ParkOrder"',
        '"Next": "OrderShipped"',
        _test("system/test_order_parts.py", "system/test_payments.py", "system/test_operating.py"),
    ),
    Bite(
        "compensation: a cancellation that comes too late is refused",
        "stepfunctions/cancel_order.asl.json",
        '"Next": "RefuseCancel"',
        '"Next": "VoidPayment"',
        _test("system/test_order_races.py", "system/test_shipping_races.py"),
    ),
    Bite(
        "compensation: a return that cannot be paid back waits for a person",
        "stepfunctions/return_order.asl.json",
        '"Next": "ParkOrder"',
        '"Next": "ReturnCompleted"',
        _test("system/test_returns.py"),
    ),
    Bite(
        "retry: a saga's task is tried again",
        "stepfunctions/place_order.asl.json",
        '"MaxAttempts": 2',
        '"MaxAttempts": 0',
        _test("system/test_payments.py", "system/test_crash_anywhere.py"),
    ),
    Bite(
        "retry: a race that was lost is run again",
        "layers/common/python/common/application/command_handler.py",
        "for _ in range(attempts - 1):",
        "for _ in range(0):",
        _test("unit/common", "integration/order"),
    ),
    Bite(
        "wake-up: a decision is told to the return that waits for it",
        "functions/order/returns/waiting.py",
        'self._send(row["token"], word)',
        "pass",
        _test("system/test_returns.py"),
    ),
    Bite(
        "seal: of whom is erased nothing can be opened",
        f"{COMMON}/person_keys.py",
        '{"pk": person, "erased": True}',
        '{"pk": f"not {person}", "erased": True}',
        _test("system/test_erasure.py"),
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="of those whose name has this in it")
    asked = parser.parse_args()
    wanted = [bite for bite in BITES if asked.only in bite.what]
    survivors = []
    with tempfile.TemporaryDirectory() as place:
        copy, whole = Path(place) / "bitten", Path(place) / "whole"
        _copy(whole)
        passes = cache(lambda tests: _passes(whole, tests))
        for bite in wanted:
            started = time.perf_counter()
            if not passes(bite.tests):
                raise SystemExit(f"{', '.join(bite.tests)} fail with everything in its place: they cannot tell.")
            caught = _bite(bite, copy)
            took = time.perf_counter() - started
            print(f"{'caught' if caught else 'MISSED'} {bite.what} ({took:.0f} s)", flush=True)
            survivors += [] if caught else [bite.what]
    print(f"{len(wanted) - len(survivors)} of {len(wanted)} caught")
    return 1 if survivors else 0


def _bite(bite: Bite, copy: Path) -> bool:
    """Whether a test fails without it. In a copy: what is being worked on stays as it is."""
    _copy(copy)
    file = copy / bite.file
    text = file.read_text()
    if bite.old not in text:
        raise SystemExit(f"{bite.file} has no {bite.old!r} any more: mend the list")
    file.write_text(text.replace(bite.old, bite.new))
    return not _passes(copy, bite.tests)


def _copy(copy: Path) -> None:
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy / name)


def _passes(copy: Path, tests: Iterable[str]) -> bool:
    asked = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(asked, cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"The tests could not be run.\n{done.stdout[-3000:]}")
    if done.returncode:
        print(
            "  ", next((line for line in done.stdout.splitlines() if line.startswith("FAILED")), "")[:150], flush=True
        )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
