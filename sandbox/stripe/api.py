"""The front door: authentication, routes, idempotency, answers in Stripe's form."""

import copy
import json
import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs

from sandbox.request import Answer, Headers, Json, Request
from sandbox.stripe import page
from sandbox.stripe.account import API_VERSION, Account, Operation
from sandbox.stripe.disputes import Disputes
from sandbox.stripe.errors import InvalidParameter, NotFound, StripeError
from sandbox.stripe.form import parse_form
from sandbox.stripe.idempotency import SavedAnswer, SavedAnswers
from sandbox.stripe.lists import expand, page_of, search
from sandbox.stripe.payment_intents import PaymentIntents
from sandbox.stripe.refunds import Refunds
from sandbox.webhooks import Webhook

# "data is searchable in under 1 minute" (https://docs.stripe.com/search#data-freshness); this is the worst case.
SEARCH_DELAY = 60.0

INTENTS, ID = "/v1/payment_intents", "([^/]+)"
Endpoint = Callable[[Json, list[str]], Json]
OPERATIONS = (  # method, path, operation
    ("POST", INTENTS, "create"),
    ("GET", INTENTS, "list"),
    ("GET", f"{INTENTS}/search", "search"),
    ("GET", f"{INTENTS}/{ID}", "retrieve"),
    ("POST", f"{INTENTS}/{ID}/confirm", "authorize"),
    ("POST", f"{INTENTS}/{ID}/capture", "capture"),
    ("POST", f"{INTENTS}/{ID}/cancel", "void"),
    ("POST", "/v1/refunds", "refund"),
    ("GET", "/v1/refunds", "list_refunds"),
    ("GET", f"/v1/refunds/{ID}", "retrieve_refund"),
    ("GET", f"/v1/charges/{ID}", "retrieve_charge"),
    ("GET", f"/v1/disputes/{ID}", "retrieve_dispute"),
    ("GET", "/v1/events", "list_events"),
    ("GET", f"/v1/events/{ID}", "retrieve_event"),
    ("GET", "/v1/balance_transactions", "list_balance_transactions"),
    ("GET", f"/v1/balance_transactions/{ID}", "retrieve_balance_transaction"),
)
ROUTES = tuple((method, re.compile(path), operation) for method, path, operation in OPERATIONS)
AUTHENTICATE = re.compile(r"/_local/sandbox/stripe/authenticate/([^/]+)")


class StripeSandbox:
    """Stripe for one account with one webhook endpoint. What it did is in `log`, `effects` and `totals`."""

    def __init__(self, api_key: str, webhook_secret: str, public_url: str, search_delay: float = SEARCH_DELAY) -> None:
        self._api_key = api_key
        self._account = Account(webhook_secret, public_url)
        self._intents = PaymentIntents(self._account)
        self._refunds = Refunds(self._account)
        self._disputes = Disputes(self._account)
        self._saved = SavedAnswers()
        self.search_delay = search_delay
        self._endpoints = self._endpoints_by_operation()

    def operation(self, method: str, path_and_query: str, body: bytes = b"") -> str:
        """The name of a call; creating with `confirm=true` is an authorization, so give the body too."""
        name, _ = _route(method.upper(), path_and_query.partition("?")[0])
        if name == "create" and "confirm=true" in body.decode(errors="replace").split("&"):
            return "authorize"
        return name or "unknown"

    def handle(self, method: str, path_and_query: str, headers: Headers, body: bytes) -> Answer:
        self._intents.lapse()
        request = Request.of(method, path_and_query, headers, body)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        self._account.request = {"id": self._account.ids.new("req"), "idempotency_key": key}
        answered = {"Content-Type": "application/json", "Request-Id": self._account.request["id"]}
        answered["Stripe-Version"] = request.headers.get("stripe-version", API_VERSION)
        if key:
            answered["Idempotency-Key"] = key
        try:
            answer = self._answer(request, key)
            if answer.request_id != answered["Request-Id"]:
                answered |= {"Idempotent-Replayed": "true", "Original-Request": answer.request_id}
            return answer.status, answered, answer.body
        except StripeError as error:
            return error.status, answered, _encoded(error.body)
        finally:
            self._account.request = None

    def page(self, method: str, path: str, query: str, headers: Headers | None = None) -> Answer:
        """The 3-D Secure page. A script's GET (no text/html in Accept), or `?outcome=complete|fail`, acts at once."""
        html = {"Content-Type": "text/html; charset=utf-8"}
        found = AUTHENTICATE.fullmatch(path)
        intent = self._account.intents.get(found[1]) if found else None
        if intent is None:
            return 404, html, b"There is no such payment."
        browser = "text/html" in {name.lower(): text for name, text in (headers or {}).items()}.get("accept", "")
        outcome = parse_qs(query).get("outcome", [None if browser and method == "GET" else "complete"])[0]
        if intent["status"] != "requires_action":
            return 409, html, page.tell(intent).encode()
        if outcome is None:
            return 200, html, page.ask(intent).encode()
        passed = outcome == "complete"
        return_url = intent["next_action"]["redirect_to_url"]["return_url"]
        self._intents.authenticate(intent, passed)
        if not browser:
            return 200, {"Content-Type": "application/json"}, _encoded({"id": intent["id"], "status": intent["status"]})
        if return_url:
            return 303, {"Location": page.return_address(return_url, intent, passed)}, b""
        return 200, html, page.tell(intent).encode()

    def due_webhooks(self) -> list[Webhook]:
        self._intents.lapse()
        return self._account.webhooks.due()

    def next_due(self) -> float | None:
        """When a webhook or the end of a hold falls due."""
        moments = (self._account.webhooks.next_due(), self._intents.next_lapse())
        return min((moment for moment in moments if moment is not None), default=None)

    def owed_webhooks(self) -> list[Webhook]:
        """All that is not yet delivered, sent or not."""
        return self._account.webhooks.owed()

    def resend(self, event_id: str) -> None:
        """Owe an event once more, as Stripe's dashboard does, and as its network does by accident."""
        event = self._account.events[event_id]
        self._account.webhooks.put(event_id, event["type"], event)

    def bounce_refund(self, refund_id: str) -> None:
        """The customer's bank sends a refund back."""
        self._refunds.bounce(self._refunds.get(refund_id))

    def open_dispute(self, intent_id: str, *, inquiry: bool = False) -> str:
        """The customer's bank wants the money back, or only asks about it. The dispute's id."""
        return str(self._disputes.open(self._intents.get(intent_id), inquiry=inquiry)["id"])

    def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        self._disputes.close(self._disputes.get(dispute_id), won)

    @property
    def log(self) -> list[Operation]:
        return self._account.log

    @property
    def events(self) -> list[Json]:
        return list(self._account.events.values())

    def effects(self, order_id: str) -> list[Operation]:
        return self._account.effects(order_id)

    def totals(self, order_id: str | None = None) -> dict[str, dict[str, int]]:
        """Sums by currency and kind, of one order or of all: {"EUR": {"authorize": 1999, "capture": 1999, …}}."""
        return self._account.totals(order_id)

    def fail(self, operation: str, kind: str, times: int = 1) -> None:
        """`error` (500) and `rate_limit` (429) happen at the door, before the call runs or its key is saved; `decline`
        makes the bank say no to the next authorization or refund."""
        if kind == "decline" and operation not in ("authorize", "refund"):
            raise ValueError("only an authorization or a refund can be declined")
        self._account.faults.add(operation, kind, times)

    def clear_faults(self) -> None:
        self._account.faults.clear()

    def _answer(self, request: Request, key: str | None) -> SavedAnswer:
        self._authenticate(request)
        self._fail_on_demand(self.operation(request.method, request.path, request.body))
        name, ids = _route(request.method, request.path)
        if name is None:
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            raise StripeError(404, "invalid_request_error", message)
        params = parse_form(_sent(request))
        if key and (saved := self._saved.find(key, request.path, params)):
            return saved
        status, body = self._run(self._endpoints[name], params, ids)
        assert self._account.request, "a call is in hand"
        answer = SavedAnswer(request.path, params, status, body, self._account.request["id"], time.time())
        if key:
            self._saved.save(key, answer)
        return answer

    def _authenticate(self, request: Request) -> None:
        key = request.api_key()
        if not key:
            message = "You did not provide an API key. Use Basic or Bearer authentication."
            raise StripeError(401, "invalid_request_error", message)
        if key != self._api_key:
            raise StripeError(401, "invalid_request_error", f"Invalid API Key provided: {key[:7]}***")

    def _fail_on_demand(self, operation: str) -> None:
        if self._account.faults.take(operation, "error"):
            raise StripeError(500, "api_error", "An unknown error occurred.")
        if self._account.faults.take(operation, "rate_limit"):
            raise StripeError(429, "rate_limit_error", "Request rate limit exceeded.", "rate_limit")

    def _run(self, endpoint: Endpoint, params: Json, ids: list[str]) -> tuple[int, bytes]:
        """Every outcome of a call that began; a parameter that is wrong means that it never began, and raises."""
        try:
            answer = endpoint(params, ids)
            if paths := params.get("expand"):
                answer = copy.deepcopy(answer)
                expand(self._account, answer, paths)
            return 200, _encoded(answer)
        except InvalidParameter:
            raise
        except StripeError as error:
            return error.status, _encoded(error.body)

    def _endpoints_by_operation(self) -> dict[str, Endpoint]:
        account, intents, refunds = self._account, self._intents, self._refunds
        transactions = account.balance_transactions
        return {
            "create": lambda params, _: intents.create(params),
            "list": lambda params, _: page_of(account.intents, INTENTS, params, ("customer",)),
            "search": lambda params, _: search(account.intents, f"{INTENTS}/search", params, self.search_delay),
            "retrieve": lambda _, ids: intents.get(ids[0]),
            "authorize": lambda params, ids: intents.confirm(intents.get(ids[0]), params),
            "capture": lambda params, ids: intents.capture(intents.get(ids[0]), params),
            "void": lambda params, ids: intents.cancel(intents.get(ids[0]), params),
            "refund": lambda params, _: refunds.create(params),
            "list_refunds": lambda params, _: page_of(
                account.refunds, "/v1/refunds", params, ("payment_intent", "charge")
            ),
            "retrieve_refund": lambda _, ids: refunds.get(ids[0]),
            "retrieve_charge": lambda _, ids: _found(account.charges, "charge", ids[0]),
            "list_events": lambda params, _: page_of(account.events, "/v1/events", params, ("type", "types")),
            "retrieve_dispute": lambda _, ids: self._disputes.get(ids[0]),
            "retrieve_event": lambda _, ids: _found(account.events, "event", ids[0]),
            "list_balance_transactions": lambda params, _: page_of(
                transactions, "/v1/balance_transactions", params, ("type", "currency", "source")
            ),
            "retrieve_balance_transaction": lambda _, ids: _found(transactions, "balance_transaction", ids[0]),
        }


def _route(method: str, path: str) -> tuple[str | None, list[str]]:
    for its_method, pattern, operation in ROUTES:
        if method == its_method and (found := pattern.fullmatch(path)):
            return operation, list(found.groups())
    return None, []


def _sent(request: Request) -> str:
    if request.method != "POST":
        return request.query
    if request.headers.get("content-type", "").startswith("application/json"):
        message = "Invalid request (check that your POST content type is application/x-www-form-urlencoded)."
        raise StripeError(400, "invalid_request_error", message)
    return request.body.decode(errors="replace")


def _found(table: dict[str, Json], what: str, object_id: str) -> Json:
    if object_id not in table:
        raise NotFound(what, object_id)
    return table[object_id]


def _encoded(answer: Json) -> bytes:
    return json.dumps(answer, indent=2).encode()
