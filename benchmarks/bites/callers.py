"""Who may do and see what, and how we know who they are."""

import re
from collections.abc import Iterator
from typing import Final

from benchmarks.bites.bite import COMMON, ENTRY, ROOT, Bite, NotThere, bite, places

TOKENS: Final = "functions/identity/access_tokens.py"
STRANGERS: Final = {
    "order": ("integration/order/test_orders.py", "integration/order/test_bad_input.py", "system/test_returns.py"),
    "payment": ("integration/payment",),
    "shipping": ("integration/shipping/test_shipping.py", "integration/shipping/test_split.py"),
}
ROUTE: Final = re.compile(r'\.(get|post|put|patch|delete)\("([^"]+)"[^\n]*security=(STAFF|ADMIN)')
SIGNED_IN: Final = '[{"bearer": ["customer"]}]'


def _nth(pattern: str, number: int, new: str, text: str) -> str:
    found = list(re.finditer(pattern, text))
    if number >= len(found):
        raise NotThere(f"{pattern} is there {len(found)} times")
    start, end = found[number].span()
    return text[:start] + new + text[end:]


def _owners() -> Iterator[Bite]:
    """Each place that asks whether the caller may see what is someone's."""
    asks = "caller.may_see("
    for path in places(asks):
        domain, text = path.relative_to(ROOT / "functions").parts[0], path.read_text()
        for number, found in enumerate(re.finditer(re.escape(asks), text)):
            function = re.findall(r"def (\w+)", text[: found.start()])[-1]

            def take_out(text: str, number: int = number) -> str:
                return _nth(re.escape(asks), number, "(lambda owner: True)(", text)

            tests = tuple(f"tests/{name}" for name in STRANGERS[domain])
            where = path.relative_to(ROOT / "functions").with_suffix("")
            yield Bite(f"owner: {where}, {function}", str(path.relative_to(ROOT)), take_out, tests)


def _roles() -> Iterator[Bite]:
    """Each route that is for staff or for admins."""
    for path in places("security="):
        for number, found in enumerate(ROUTE.finditer(path.read_text())):

            def take_out(text: str, number: int = number) -> str:
                start, end = list(ROUTE.finditer(text))[number].span(3)
                return text[:start] + SIGNED_IN + text[end:]

            what = f"role: {found[1].upper()} {found[2]}"
            yield Bite(what, str(path.relative_to(ROOT)), take_out, ("tests/unit/common/test_who_may.py",))


BITES: Final[tuple[Bite, ...]] = (
    *_owners(),
    bite(
        "owner: a session",
        "functions/identity/use_cases/signing_in.py",
        "if bootstrap.sessions().owner(sid) != caller.sub:",
        "if bootstrap.sessions().owner(sid) is None:",
        "integration/identity/test_sessions.py",
    ),
    bite(
        "owner: a list of orders",
        "functions/order/handlers.py",
        "whose = customer_id if caller.is_staff else caller.sub",
        "whose = customer_id or caller.sub",
        "integration/order/test_orders.py",
    ),
    *_roles(),
    bite(
        "role: a route that is for staff asks for the role",
        f"{ENTRY}/authentication.py",
        "if needed in _ROLES_FOR and not caller.roles & _ROLES_FOR[needed]:",
        "if False:",
        "integration/inventory/test_bad_input.py",
    ),
    bite(
        "role: who is signed in no more is nobody",
        f"{ENTRY}/authentication.py",
        'if int(vouched["exp"]) <= event["requestContext"]["timeEpoch"] / 1000:',
        "if False:",
        "system/test_identity.py::test_signing_out_ends_access_within_ten_minutes",
    ),
    # Signatures
    bite(
        "signature: Stripe's webhooks",
        "functions/payment/webhook.py",
        "if not any(hmac",
        "if False and not any(hmac",
        "integration/payment/test_webhooks.py",
    ),
    bite(
        "signature: the age of Stripe's webhooks",
        "functions/payment/webhook.py",
        "> TOLERANCE:",
        "> 10**12:",
        "integration/payment/test_webhooks.py",
    ),
    bite(
        "signature: EasyPost's webhooks",
        "functions/shipping/webhook.py",
        "if not hmac",
        "if False and not hmac",
        "unit/shipping/test_webhook.py",
    ),
    bite(
        "signature: the audience of access tokens",
        TOKENS,
        '"verify_exp": False,',
        '"verify_exp": False, "verify_aud": False,',
        "integration/identity/test_access_tokens.py",
    ),
    bite(
        "signature: the issuer of access tokens",
        TOKENS,
        '"verify_exp": False,',
        '"verify_exp": False, "verify_iss": False,',
        "integration/identity/test_access_tokens.py",
    ),
    bite(
        "signature: access tokens are signed",
        TOKENS,
        '"verify_exp": False,',
        '"verify_exp": False, "verify_signature": False,',
        "integration/identity/test_access_tokens.py",
    ),
    bite(
        "signature: access tokens expire",
        TOKENS,
        'if claims["exp"] <= now:',
        "if False:",
        "integration/identity/test_access_tokens.py",
    ),
    bite(
        "signature: an access token brings no key along",
        TOKENS,
        "header.keys() != HEADER or ",
        "",
        "integration/identity/test_access_tokens.py",
    ),
    bite(
        "signature: an access token is of our type",
        TOKENS,
        ' or header["typ"] != TYPE',
        "",
        "integration/identity/test_access_tokens.py",
    ),
    bite(
        "signature: cursors are ours, and of this query",
        f"{ENTRY}/pagination.py",
        "if not hmac.compare_digest(seal, self._seal(text, query)):",
        "if False:",
        "unit/common/test_cursors.py",
    ),
    bite(
        "signature: a cursor is its caller's",
        f"{ENTRY}/pagination.py",
        'json.dumps([who, event["rawPath"], asked], sort_keys=True)',
        'json.dumps([event["rawPath"], asked], sort_keys=True)',
        "integration/inventory/test_bad_input.py",
    ),
    bite(
        "signature: links that unsubscribe are ours",
        f"{COMMON}/seals.py",
        "return text if hmac.compare_digest(mac.encode(), self.mac(purpose, text).encode()) else None",
        "return text",
        "integration/notification/test_preferences.py",
    ),
    bite(
        "signature: mailed tokens are ours",
        "functions/identity/mail_tokens.py",
        "except self._kms.exceptions.KMSInvalidMacException:\n            return False",
        "except self._kms.exceptions.KMSInvalidMacException:\n            return True",
        "integration/identity/test_registration.py",
    ),
    bite(
        "signature: a password is asked for",
        "functions/identity/use_cases/signing_in.py",
        "if not bootstrap.passwords().match(password, account.password_hash if account else None) or account is None:",
        "if account is None:",
        "integration/identity/test_sessions.py::test_wrong_in_any_way_is_one_and_the_same_answer",
    ),
    bite(
        "signature: a refresh token that was spent ends its family",
        "functions/identity/use_cases/signing_in.py",
        'bootstrap.sessions().end(session.sid, "reused", at, anonymous(session.customer_id))',
        "pass",
        "integration/identity/test_sessions.py",
    ),
    bite(
        "signature: a refresh token is of its family",
        "functions/identity/sessions.py",
        'if found is None or not hmac.compare_digest(found.row["family"], _hash(family)):',
        "if found is None:",
        "integration/identity/test_sessions.py",
    ),
    bite(
        "seal: of whom is erased nothing can be opened",
        f"{COMMON}/person_keys.py",
        '{"pk": person, "erased": True}',
        '{"pk": f"not {person}", "erased": True}',
        "integration/common/test_person_keys.py",
        "integration/identity/test_erasure.py",
    ),
    bite(
        "seal: a box opens for whom it was sealed only",
        f"{COMMON}/person_keys.py",
        "person.encode()",
        "person[:0].encode()",
        kept_by="Everybody has a key of their own, and KMS unwraps it for its owner only.",
    ),
)
