"""The bank's page for 3-D Secure, where the customer says yes or no."""

from html import escape
from urllib.parse import urlencode

from sandbox.request import Json

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>3D Secure 2 test page</title>
<body style="font: 1rem/1.5 system-ui; max-width: 26rem; margin: 4rem auto">
<h1>3D Secure 2 test page</h1>
<p>Payment <code>{id}</code> of <b>{amount} {currency}</b> (minor units).</p>
{content}
</body></html>
"""

CHOICE = """<form method="post" action="?outcome=complete"><button>Complete authentication</button></form>
<form method="post" action="?outcome=fail"><button>Fail authentication</button></form>"""


def ask(intent: Json) -> str:
    return _page(intent, CHOICE)


def tell(intent: Json) -> str:
    return _page(intent, f"<p>The payment is now <b>{escape(intent['status'])}</b>. You may close this page.</p>")


def _page(intent: Json, content: str) -> str:
    shown = {name: escape(str(intent[name])) for name in ("id", "amount")}
    return PAGE.format(**shown, currency=escape(intent["currency"].upper()), content=content)


def return_address(return_url: str, intent: Json, passed: bool) -> str:
    """Where Stripe sends the customer back to, with what it tells the shop in the query."""
    told = {
        "payment_intent": intent["id"],
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if passed else "failed",
    }
    return f"{return_url}{'&' if '?' in return_url else '?'}{urlencode(told)}"
