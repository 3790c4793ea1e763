"""The HTTP API of the templates: routes, authorizer, throttles, CORS, payload format 2.0."""

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from local.assembly import ACCOUNT, REGION, Resource
from local.carriage import Carriage, DeliveryFailed
from local.http import Request, Response, message
from local.limits import PAYLOAD
from local.resource_policies import API
from local.routes import Route, Routes

LARGEST_BODY: Final = 10 * 1024 * 1024
LARGEST_HEADERS: Final = 10_240
LONGEST_WAIT: Final = 30.0
TEXTUAL: Final = ("text/", "application/json", "application/xml", "application/javascript")

Json = dict[str, Any]


class Bucket:
    """Tokens that fill up with time."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._tokens, self._since = rate, burst, burst, now

    def take(self, now: float) -> bool:
        self._tokens = min(self._burst, self._tokens + (now - self._since) * self._rate)
        self._since = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Gateway:
    """Serves the first HTTP API among the resources. Called from within a task."""

    def __init__(self, carriage: Carriage, resources: Iterable[Resource], *, throttle: bool = True) -> None:
        by_type: dict[str, list[Resource]] = {}
        for resource in resources:
            by_type.setdefault(resource.type.rpartition("::")[2], []).append(resource)
        self._carriage = carriage
        self._routes = Routes(by_type.get("Route", []))
        self._integrations = {one.ref: one.properties for one in by_type.get("Integration", [])}
        self._authorizers = {one.ref: one.properties for one in by_type.get("Authorizer", [])}
        apis, stages = by_type.get("Api", []), by_type.get("Stage", [])
        self._api_id = apis[0].ref if apis else "none"
        self._cors: Json = apis[0].properties.get("CorsConfiguration", {}) if apis else {}
        self._stage: Json = stages[0].properties if stages else {}
        self._buckets: dict[str, Bucket] = {}
        self._decisions: dict[tuple[str, ...], tuple[float, Json]] = {}
        self._throttle = throttle
        self.asked: set[str] = set()  # keys of routes whose function was asked

    def handle(self, request: Request) -> Response:
        if preflight := self._preflight(request):
            return preflight
        return self._with_cors(request, self._answer(request))

    def _answer(self, request: Request) -> Response:
        if len(request.body) > LARGEST_BODY:
            return message(413, "Request Entity Too Large")
        if sum(len(name) + len(value) for name, value in request.headers) > LARGEST_HEADERS:
            return message(431, "Request Header Fields Too Large")
        found = self._routes.find(request.method, request.target.partition("?")[0])
        if found is None:
            return message(404, "Not Found")
        route, parameters = found
        if not self._admits(route):
            return message(429, "Too Many Requests", **{"retry-after": "1"})
        event = self._event(request, route, parameters)
        if route.properties.get("AuthorizationType", "NONE") != "NONE":
            refusal = self._authorise(route, request, event)
            if refusal is not None:
                return refusal
        return self._integrate(route, event)

    def _admits(self, route: Route) -> bool:
        own = self._stage.get("RouteSettings", {}).get(route.key, {})
        settings = self._stage.get("DefaultRouteSettings", {}) | own
        if not self._throttle or "ThrottlingRateLimit" not in settings:
            return True
        now = self._carriage.scheduler.clock.now()
        if route.key not in self._buckets:
            rate, burst = float(settings["ThrottlingRateLimit"]), float(settings["ThrottlingBurstLimit"])
            self._buckets[route.key] = Bucket(rate, burst, now)
        return self._buckets[route.key].take(now)

    def _authorise(self, route: Route, request: Request, event: Json) -> Response | None:
        """Put the authorizer's context into the event, or return the refusal."""
        authorizer = self._authorizers[route.properties["AuthorizerId"]]
        if authorizer["AuthorizerType"] != "REQUEST":
            raise NotImplementedError(f"an authorizer of type {authorizer['AuthorizerType']}")
        sources = [_identity(source, event) for source in authorizer.get("IdentitySource", [])]
        if any(source is None for source in sources):
            return message(401, "Unauthorized")
        key = (route.properties["AuthorizerId"], *(str(source) for source in sources))
        now = self._carriage.scheduler.clock.now()
        kept = self._decisions.get(key)
        if kept is None or kept[0] <= now:
            asked = {
                **event,
                "type": "REQUEST",
                "routeArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{self._api_id}/$default/{route.key}",
                "identitySource": sources,
            }
            asked.pop("body", None)
            decision = self._invoke(authorizer["AuthorizerUri"], asked)
            if not isinstance(decision, dict):
                return message(500, "Internal Server Error")
            ttl = float(authorizer.get("AuthorizerResultTtlInSeconds", 0)) if sources else 0.0
            kept = (now + ttl, decision)
            if ttl:
                self._decisions[key] = kept
        if not kept[1].get("isAuthorized"):
            return message(403, "Forbidden")
        event["requestContext"]["authorizer"] = {"lambda": kept[1].get("context") or {}}
        return None

    def _integrate(self, route: Route, event: Json) -> Response:
        self.asked.add(route.key)
        integration = self._integrations[route.properties["Target"].partition("/")[2]]
        if len(event.get("body", "")) > PAYLOAD // 2 and len(json.dumps(event)) > PAYLOAD:
            return message(413, "Request Entity Too Large")
        limit = float(integration.get("TimeoutInMillis", LONGEST_WAIT * 1000)) / 1000
        task = self._carriage.go("api", lambda: self._invoke(integration["IntegrationUri"], event))
        if not task.finished.wait(limit):
            return message(503, "Service Unavailable")
        answer = task.outcome()
        return message(500, "Internal Server Error") if answer is None else _response(answer)

    def _invoke(self, uri: str, event: Json) -> Any:
        """What the function answered; None if it failed, answered nothing, or does not let the gateway in."""
        arn = uri.partition("/functions/")[2].partition("/invocations")[0] if "/functions/" in uri else uri
        if not self._carriage.policies.may_invoke(API, arn):
            return None
        try:
            answer = self._carriage.invoke(arn, event)
        except DeliveryFailed:
            return None
        return None if answer.error else json.loads(answer.payload)

    def _event(self, request: Request, route: Route, parameters: dict[str, str]) -> Json:
        now = self._carriage.scheduler.clock.now()
        headers = request.joined_headers()
        headers.setdefault("host", "commerce.local")
        headers |= {"x-forwarded-for": request.source_ip, "x-forwarded-proto": "http"}
        cookies = headers.pop("cookie", None)
        text = _as_text(request.body, headers.get("content-type", ""))
        event: Json = {
            "version": "2.0",
            "routeKey": route.key,
            "rawPath": request.path,
            "rawQueryString": request.query_string,
            "headers": headers,
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": self._api_id,
                "domainName": headers["host"],
                "domainPrefix": headers["host"].partition(".")[0],
                "http": {
                    "method": request.method,
                    "path": request.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": request.source_ip,
                    "userAgent": headers.get("user-agent", ""),
                },
                "requestId": str(uuid4()),
                "routeKey": route.key,
                "stage": self._stage.get("StageName", "$default"),
                "time": datetime.fromtimestamp(now, tz=UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
                "timeEpoch": int(now * 1000),
            },
            "isBase64Encoded": bool(request.body) and text is None,
        }
        if cookies:
            event["cookies"] = [one.strip() for one in cookies.split(";")]
        if request.query:
            event["queryStringParameters"] = request.query
        if parameters:
            event["pathParameters"] = parameters
        if request.body:
            event["body"] = base64.b64encode(request.body).decode() if text is None else text
        return event

    def _preflight(self, request: Request) -> Response | None:
        headers = request.joined_headers()
        if not self._cors or request.method != "OPTIONS" or "access-control-request-method" not in headers:
            return None
        return self._with_cors(request, Response(204))

    def _with_cors(self, request: Request, response: Response) -> Response:
        origin = request.joined_headers().get("origin")
        allowed = self._cors.get("AllowOrigins", [])
        if not origin or not ({"*", origin} & set(allowed)):
            return response
        lists = {"AllowMethods": "allow-methods", "AllowHeaders": "allow-headers", "ExposeHeaders": "expose-headers"}
        headers = {
            f"access-control-{name}": ",".join(self._cors[key]) for key, name in lists.items() if key in self._cors
        }
        headers["access-control-allow-origin"] = "*" if "*" in allowed else origin
        if "MaxAge" in self._cors:
            headers["access-control-max-age"] = str(self._cors["MaxAge"])
        if self._cors.get("AllowCredentials"):
            headers["access-control-allow-credentials"] = "true"
        return Response(response.status, response.headers | headers, response.body, response.cookies)


def _identity(source: str, event: Json) -> str | None:
    _, place, name = source.split(".", 2) if source.count(".") > 1 else ("", *source.split(".", 1))
    found: str | None
    match place:
        case "header":
            found = event["headers"].get(name.lower())
        case "querystring":
            found = event.get("queryStringParameters", {}).get(name)
        case _:
            found = event["requestContext"].get(name)
    return found or None


def _as_text(body: bytes, content_type: str) -> str | None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not kind.startswith(TEXTUAL) and not kind.endswith(("+json", "+xml")):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _response(answer: Any) -> Response:
    """Format 2.0: an object with a statusCode is the answer; anything else is the body of a 200."""
    if not isinstance(answer, dict) or "statusCode" not in answer:
        said = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(200, {"content-type": "application/json"}, said.encode())
    headers = {name.lower(): str(value) for name, value in (answer.get("headers") or {}).items()}
    headers.setdefault("content-type", "application/json")
    text = answer.get("body") or ""
    body = base64.b64decode(text) if answer.get("isBase64Encoded") else str(text).encode()
    return Response(int(answer["statusCode"]), headers, body, tuple(answer.get("cookies") or ()))
