"""Every mail in every language as files, to be looked at: `python -m notification.preview <folder>`."""

import sys
from pathlib import Path
from typing import Any, Final

from notification.languages import LANGUAGES
from notification.mails import MAILS, Facts, Place, written

PLACE: Final = Place("Commerce", "https://shop.example", lambda purpose, token_id: f"{token_id}.{'m' * 43}")
UNSUBSCRIBE: Final = "https://shop.example/notifications/unsubscribe?token=sealed"
ORDER: Final = {"order_id": "ord_4b1d9e2c", "customer_id": "cus_ada", "at": "2026-03-14T09:26:53Z"}
PARCEL: Final = {"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}
HAPPENED: Final = {"at": "2026-03-14T09:26:53Z"}
TOKEN: Final = {"token_id": "0" * 32, "expires_at": "2026-03-15T09:26:53Z"}


def _euro(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency": "EUR"}


def _bought(name: str, quantity: int, price: int) -> dict[str, Any]:
    return {"name": name, "quantity": quantity, "unit_price": _euro(price), "total": _euro(price * quantity)}


SAMPLES: Final[dict[str, Facts]] = {
    "ConfirmationRequested": TOKEN,
    "PasswordResetRequested": TOKEN,
    "RegistrationRepeated": {},
    **dict.fromkeys(("PasswordChanged", "SecondFactorEnabled", "SecondFactorDisabled"), HAPPENED),
    "OrderConfirmed": ORDER
    | {
        "items": [_bought("Kettle, brushed steel", 1, 128_900), _bought("Mug <large> & saucer", 2, 750)],
        "subtotal": _euro(130_400),
        "discount": _euro(13_040),
        "shipping": _euro(490),
        "tax": _euro(22_392),
        "total": _euro(140_242),
    },
    "OrderRejected": ORDER | {"reason": "payment_declined"},
    **dict.fromkeys(("OrderShipped", "OrderPartShipped"), ORDER | PARCEL),
    **dict.fromkeys(("OrderDelivered", "OrderCancelRefused", "OrderCancelled"), ORDER),
    **dict.fromkeys(("ReturnApproved", "ReturnRejected"), ORDER | {"return_id": "ret_7c0a"}),
    "ReturnReceived": ORDER | {"return_id": "ret_7c0a", "refund": _euro(1_500)},
    "PaymentActionRequired": ORDER | {"redirect_url": "https://hooks.stripe.com/3d_secure/redirect"},
    "PaymentRefunded": ORDER | {"amount": _euro(1_500)},
}


def previews() -> dict[str, str]:
    """By file name."""
    files = {}
    for type in MAILS:
        for locale in LANGUAGES:
            mail = written(type, SAMPLES[type], name="Ada Lovelace", locale=locale, place=PLACE)
            unsubscribe = UNSUBSCRIBE if mail.mail_list else None
            files[f"{mail.template}.{locale}.html"] = mail.html(unsubscribe)
            files[f"{mail.template}.{locale}.txt"] = f"{mail.subject}\n\n{mail.text(unsubscribe)}"
            if mail.sms:
                files[f"{mail.template}.{locale}.sms.txt"] = f"{mail.sms}\n"
    return files


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, content in previews().items():
        (folder / name).write_text(content, encoding="utf-8")
