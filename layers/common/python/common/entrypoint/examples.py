"""Examples of bodies, made from their schemas: a field means the same wherever it stands, so each is named once.

`Model.field` comes first, then what a field is bound to be, what its name stands for, and its own `examples`. A text or
an object that none of these tells anything about is an error: who adds a field says what it looks like. The sums of the
order that is shown add up.
"""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]


def _euro(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency": "EUR"}


ID: Final = "3f2b8c1d9e4a4f60b7a5c2d81e6f9034"
AT: Final = "2026-01-06T09:30:00Z"
SHOP: Final = "https://api.shop.example"
NAMED: Final[Mapping[str, Any]] = {
    # Who and what
    **{f"{what}_id": f"{prefix}_{ID}" for what, prefix in {
        "customer": "cus", "product": "prd", "order": "ord", "payment": "pay", "refund": "ref",
        "shipment": "shp", "return": "ret", "notification": "ntf", "session": "ses", "import": "imp", "image": "img",
        "rebuild": "reb",
    }.items()},
    "parent_id": "prd_c04de1f2a8b94d7e9b1f6a3e5d2c7b80",
    "event_id": ID,
    "causation_id": ID,
    "correlation_id": ID,
    "trace_id": "1-695cd2a8-3f2b8c1d9e4a4f60b7a5c2d8",
    "warehouse_id": "berlin",
    "sku": "mug-blue",
    "name": "Blue mug",
    "description": "A stoneware mug that holds 350 ml.",
    "category": "home/kitchen",
    "attributes": {"colour": "blue"},
    "CategoryCount.name": "kitchen",
    "images": f"{SHOP}/images/mug-blue.jpg",
    # Where
    "line1": "1 Loop",
    "line2": "Back yard",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
    "location": "Berlin, DE",
    "OrderAddress.name": "Ada Lovelace",
    "Address.name": "Ada Lovelace",
    "QuotedAddress.name": "Ada Lovelace",
    # Money and counting
    "currency": "EUR",
    "price": _euro(1290),
    "unit_price": _euro(1290),
    "subtotal": _euro(2580),
    "discount": _euro(258),
    "shipping": _euro(490),
    "tax": _euro(534),
    "total": _euro(3346),
    "expected_total": _euro(3346),
    "OrderItem.tax": _euro(441),
    "OrderItem.total": _euro(2580),
    "authorized": _euro(3346),
    "captured": _euro(3346),
    "refunded": _euro(0),
    "voided": _euro(0),
    "ShippingOption.price": _euro(490),
    "min_subtotal": _euro(2000),
    "quantity": 2,
    "CouponRequest.value": 10,
    "Coupon.value": 10,
    "max_uses": 1000,
    "ends_at": "2026-02-01T00:00:00Z",
    "gross": _euro(3346),
    "revenue": _euro(3346),
    "average_order": _euro(3346),
    "cancelled": _euro(3346),
    "delta": 40,
    "on_hand": 40,
    "reserved": 2,
    "available": 38,
    "SkuAvailability.available": 10,
    "AdjustmentRequest.reason": "delivery",
    "StockAdjustment.reason": "delivery",
    "StockMovement.reason": "delivery",
    "StockMovement.order_id": None,
    "ProductPrice.until": None,
    "account": "customer_receivable",
    "bucket": "2026-01-06",
    "date": "2026-01-06",
    "Funnel.rejected": {"payment_declined": 1},
    # Orders and their parts
    "coupon": "WELCOME10",
    "status": "confirmed",
    "Health.status": "ok",
    "OrderPayment.status": "authorized",
    "OrderShipment.status": "created",
    "OrderView.reason": None,
    "OrderView.returns": [],
    "reason": "too big",
    "shipping_method": "standard",
    "method": "standard",
    "provider": "stripe",
    "provider_reference": "pi_3f2b8c1d9e4a",
    "lapsing": f"pay_{ID}",
    "carrier": "DHL",
    "tracking_number": "EZ1000000001",
    "type": "OrderConfirmed",
    "summary": "The order is confirmed.",
    "actor": f"cus_{ID}",
    "actor_role": "staff",
    "cause": ID,
    "data": {"status": "confirmed"},
    # What Stripe and EasyPost tell
    "StripeEvent.id": "evt_1",
    "StripeEvent.type": "payment_intent.canceled",
    "StripeEvent.data": {"object": {"id": "pi_3f2b8c1d9e4a", "object": "payment_intent", "status": "canceled"}},
    "Notice.id": "evt_1",
    "Notice.description": "tracker.updated",
    "Notice.result": {"tracking_code": "EZ1000000001", "status": "in_transit", "tracking_details": []},
    # Signing in
    "Registration.name": "Ada Lovelace",
    "Guest.name": "Ada Lovelace",
    "Profile.name": "Ada Lovelace",
    "ProfileChange.name": "Ada Lovelace",
    "email": "ada@customer.example",
    "password": "correct horse battery staple",
    "current_password": "correct horse battery staple",
    "token": f"{ID}.c2lnbmF0dXJl",
    "access_token": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjdXNfIn0.c2lnbmF0dXJl",
    "refresh_token": f"{ID}.c2VjcmV0",
    "token_type": "Bearer",
    "expires_in": 600,
    "otp": "123456",
    "secret": "JBSWY3DPEHPK3PXP",
    "otpauth_uri": "otpauth://totp/Commerce:ada@customer.example?secret=JBSWY3DPEHPK3PXP&issuer=Commerce",
    "recovery_codes": "k4vt-9wqd",
    "user_agent": "Mozilla/5.0",
    "phone": "+4930123456",
    # Mails and links
    "subject": "Your order is confirmed",
    "template": "order_confirmed",
    "redirect_url": "https://hooks.stripe.com/redirect/authenticate/src_1",
    "upload_url": "https://images.s3.amazonaws.com/?X-Amz-Signature=…",
    "image_url": f"{SHOP}/images/mug-blue.jpg",
    "label_url": "https://easypost-files.s3.amazonaws.com/label.png",
    # Keys (RFC 7517) and discovery
    "kid": "k1",
    "kty": "RSA",
    "alg": "RS256",
    "use": "sig",
    "n": "0vx7agoebGcQSuu",
    "e": "AQAB",
    "issuer": SHOP,
    "jwks_uri": f"{SHOP}/.well-known/jwks.json",
    "token_endpoint": f"{SHOP}/identity/login",
    "claims_supported": "sub",
    "id_token_signing_alg_values_supported": "RS256",
    "response_types_supported": "token",
    "subject_types_supported": "public",
    # Lists, errors and what was done
    "next_cursor": "eyJrIjoiLi4uIn0.c2lnbmF0dXJl",
    "code": "WELCOME10",
    "field": "items.0.quantity",
    "message": "Input should be greater than or equal to 1",
    "Import.status": "completed",
    "Import.lines": 10000,
    "Import.accepted": 9999,
    "LineError.field": "price.amount",
    "LineError.line": 8,
    "LineError.message": "Input should be greater than or equal to 0",
    "RebuildView.status": "finished",
    "Rebuild.status": "completed",
    "action": "StockAdjusted",
    "domain": "inventory",
    "details": {"delta": 40},
}  # fmt: skip
KINDS: Final[Mapping[str | None, type]] = {"string": str, "object": dict, "integer": int}
FORMATS: Final = {"date-time": AT, "date": AT[:10]}


class NothingToShow(Exception):
    """Nobody has said what the field looks like."""


def example(schema: Schema, known: Mapping[str, Schema], name: str = "", inside: tuple[str, ...] = ("",)) -> Any:
    """A value that the schema allows. `known` are the document's components, `inside` the models around it.

    Raise NothingToShow without an idea.
    """
    if f"{inside[-1]}.{name}" in NAMED:
        return NAMED[f"{inside[-1]}.{name}"]
    if model := _model(schema):
        schema = known[model]
    for bound in ([schema["const"]] if "const" in schema else None, schema.get("enum")):
        if bound:
            return bound[0]
    if forms := [form for form in schema.get("anyOf", ()) if form.get("type") != "null"]:
        return example(forms[0], known, name, inside)
    kind = schema.get("type")
    if isinstance(NAMED.get(name), KINDS.get(kind, ())):
        return NAMED[name]
    if examples := schema.get("examples"):
        return examples[0]
    match kind:
        case "object" if "properties" in schema:
            within = (*inside, model) if model else inside
            return {each: example(field, known, each, within) for each, field in schema["properties"].items()}
        case "array":
            return [] if _model(schema["items"]) in inside else [example(schema["items"], known, name, inside)]
        case "boolean":
            return schema.get("default", False)
        case "integer" | "number":
            return max(int(schema.get("minimum", 1)), int(schema.get("exclusiveMinimum", 0)) + 1)
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    raise NothingToShow(f"Give {name} of {inside[-1]} an example, in its Field or in {__name__}.")


def _model(schema: Schema) -> str | None:
    return str(schema["$ref"]).rpartition("/")[2] if "$ref" in schema else None
