"""The promises that a running system can be asked: read from its tables, its queues and the provider's own log.

They hold when nothing is on its way; while it is, some may not hold yet.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from boto3.dynamodb.types import Binary, TypeDeserializer

from local.platform import Platform

DOMAINS: Final = ("identity", "catalog", "inventory", "order", "payment", "shipping", "notification", "analytics")
UNDONE: Final = ("OrderCancelRequested", "OrderRejected", "OrderSettled")
FINAL: Final = {"rejected", "cancelled", "shipped", "delivered", "returned"}
SECRET: Final = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+|(?<!\d)4242424242424242(?!\d)")


@dataclass(frozen=True)
class Fact:
    stream: str
    sequence: int
    type: str
    data: dict[str, Any]
    origin: dict[str, str]


@dataclass
class Snapshot:
    """All that has been committed, by domain and stream."""

    platform: Platform
    commits: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, platform: Platform) -> "Snapshot":
        taken = cls(platform)
        tables = set(_names(platform))
        for domain in DOMAINS:
            for kind, into in (("events", taken.commits), ("state", taken.rows)):
                name = f"commerce-{domain}-{kind}"
                into[domain] = list(_scan(platform, name)) if name in tables else []
        return taken

    def facts(self, domain: str) -> Iterator[Fact]:
        for commit in sorted(self.commits[domain], key=lambda commit: (commit["stream"], commit["version"])):
            for sequence, text in enumerate(commit["events"], start=int(commit["version"])):
                event = json.loads(text)
                yield Fact(commit["stream"], sequence, event["type"], event, commit["origin"])

    @cached_property
    def by_order(self) -> dict[str, list[Fact]]:
        """What order, payment and inventory did for each order."""
        found: dict[str, list[Fact]] = defaultdict(list)
        for domain in ("order", "payment", "inventory"):
            for fact in self.facts(domain):
                if "order_id" in fact.data:
                    found[fact.data["order_id"]].append(fact)
        return found

    @cached_property
    def shipments(self) -> dict[str, set[str]]:
        """An order's, as shipping knows them."""
        found: dict[str, set[str]] = defaultdict(set)
        for fact in self.facts("shipping"):
            if {"order_id", "shipment_id"} <= fact.data.keys():
                found[fact.data["order_id"]].add(fact.data["shipment_id"])
        return found

    def summed(self, order_id: str, type: str) -> int:
        return sum(f.data["amount"]["amount"] for f in self.by_order[order_id] if f.type == type)

    def refunded(self, order_id: str) -> int:
        """What was given back, less what came back: a refund that failed after it was given posts it."""
        came_back = (f for f in self.by_order[order_id] if f.type == "RefundFailed" and f.data.get("postings"))
        lost: int = sum(f.data["amount"]["amount"] for f in came_back)
        return self.summed(order_id, "PaymentRefunded") - lost

    def said(self, order_id: str, *types: str) -> bool:
        return any(f.type in types for f in self.by_order[order_id])


Broken = Iterator[str]
Place = tuple[str, str, int | None]  # SKU, warehouse and, of a hot SKU, shard


def money_adds_up(now: Snapshot) -> Broken:
    """1. Per order: authorized = captured + voided + held; held = 0 once it is final; refunded ≤ captured."""
    for order_id in now.by_order:
        authorized, captured, voided = (
            now.summed(order_id, f"Payment{what}") for what in ("Authorized", "Captured", "Voided")
        )
        refunded = now.refunded(order_id)
        held = authorized - captured - voided
        if held < 0 or refunded > captured:
            yield f"{order_id}: {authorized=} {captured=} {voided=} {refunded=}"
        ended = now.said(order_id, "OrderClosed", "OrderCancelled", "OrderShipped")
        if ended and held:
            yield f"{order_id} is final and holds {held}"


def ledger_is_balanced(now: Snapshot) -> Broken:
    """2. Every set of postings sums to zero per currency, and the ledger's balances are the sums of its postings."""
    posted: Counter[str] = Counter()
    for fact in now.facts("payment"):
        sums: Counter[str] = Counter()
        for posting in fact.data.get("postings", []):
            sums[posting["amount"]["currency"]] += posting["amount"]["amount"]
            posted[f"{posting['account']}_{posting['amount']['currency']}"] += posting["amount"]["amount"]
        if any(sums.values()):
            yield f"{fact.stream}#{fact.sequence} {fact.type}: {dict(sums)}"
    for row in now.rows["payment"]:
        if row["pk"] == "ledger":
            posted.subtract({name: int(amount) for name, amount in row.items() if name not in ("pk", "sk")})
    yield from (f"{account}: the ledger is {-left} off its events" for account, left in posted.items() if left)


def provider_agrees(now: Snapshot) -> Broken:
    """3. The provider agrees: one authorization and void per order, one capture per shipment, one refund per id."""
    if now.platform.stripe is None:
        return
    said = {"authorize": "Authorized", "capture": "Captured", "void": "Voided", "refund": "Refunded"}
    effects: dict[tuple[str, str], list[int]] = defaultdict(list)
    given: Counter[str] = Counter()
    for done in now.platform.stripe.log:
        if done.order_id:
            effects[done.order_id, done.kind].append(done.amount)
            if done.kind == "refund" and done.refund_id:
                given[done.metadata.get("refund_id", done.refund_id)] += 1 if done.amount > 0 else -1
    for (order_id, kind), amounts in effects.items():
        allowed = max(len(now.shipments[order_id]), 1) if kind == "capture" else 1
        if kind != "refund" and len(amounts) > allowed:
            yield f"{order_id}: {len(amounts)} times {kind}"
    for order_id in {*now.by_order, *(order_id for order_id, _ in effects)}:
        for kind in said:
            ours = now.refunded(order_id) if kind == "refund" else now.summed(order_id, f"Payment{said[kind]}")
            theirs = sum(effects[order_id, kind])
            if ours != theirs:
                yield f"{order_id}: {kind} {theirs} there, {ours} here"
        shares = Counter(f.data.get("shipment_id") for f in now.by_order[order_id] if f.type == "PaymentCaptured")
        yield from (f"{order_id}: {share} was captured {times} times" for share, times in shares.items() if times > 1)
    yield from (f"{refund_id} was given {times} times" for refund_id, times in given.items() if times > 1)


def money_follows_orders(now: Snapshot) -> Broken:
    """4. No captured payment without a confirmed order or a full refund; none confirmed without authorization."""
    for order_id in now.by_order:
        confirmed = now.said(order_id, "OrderConfirmed")
        captured, refunded = now.summed(order_id, "PaymentCaptured"), now.refunded(order_id)
        if captured and not confirmed and captured != refunded:
            yield f"{order_id} has captured {captured} unconfirmed"
        if confirmed and not now.said(order_id, "PaymentAuthorized"):
            yield f"{order_id} is confirmed without an authorization"


def stock_adds_up(now: Snapshot) -> Broken:
    """5. 0 ≤ reserved ≤ on hand; movements sum to what is on hand; open reservations to what is reserved."""
    moved: Counter[Place] = Counter()
    reserved: Counter[Place] = Counter()
    for _, facts in _streams(now, "inventory"):
        reserved.update(_kept(facts))
        for fact in facts:
            moved.update(_moved(fact))
    stood = {_place(row): row for row in now.rows["inventory"] if row["pk"].startswith("stock#") and "on_hand" in row}
    for place, row in stood.items():
        on_hand, kept = int(row["on_hand"]), int(row["reserved"])
        if not 0 <= kept <= on_hand or int(row["available"]) != on_hand - kept:
            yield f"{place}: {kept} reserved and {row['available']} available of {on_hand}"
    for place in {*stood, *(+moved), *(+reserved)}:
        on_hand, kept = (int(stood.get(place, {}).get(name, 0)) for name in ("on_hand", "reserved"))
        if on_hand != moved[place]:
            yield f"{place}: {on_hand} on hand, moved {moved[place]}"
        if kept != reserved[place]:
            yield f"{place}: {kept} reserved, open reservations {reserved[place]}"


def reservations_end_once(now: Snapshot) -> Broken:
    """7. A reservation ends exactly once; payment is captured only while the stock is held, or it is refunded."""
    for stream, facts in _streams(now, "inventory"):
        ends = [fact.type for number, fact in enumerate(facts, start=1) if _ends(fact, _kept(facts[:number]))]
        if len(ends) > 1:
            yield f"{stream} ended {len(ends)} times: {ends}"
        shipments = Counter(fact.data.get("shipment_id") for fact in facts if fact.type == "StockCommitted")
        returns = Counter(fact.data["return_id"] for fact in facts if fact.type == "StockReturned")
        yield from (f"{stream}: {what} moved stock {n} times" for what, n in (shipments + returns).items() if n > 1)
        sold, back = (_summed(facts, type) for type in ("StockCommitted", "StockReturned"))
        if back - sold:
            yield f"{stream}: came back without having left: {dict(back - sold)}"
    for order_id in now.by_order:
        earned = now.summed(order_id, "PaymentCaptured") - now.summed(order_id, "PaymentRefunded")
        if earned > 0 and not now.said(order_id, "StockHeld"):
            yield f"{order_id} is paid for, and its stock was never held"


def parcels_hold_what_was_ordered(now: Snapshot) -> Broken:
    """No more of an order leaves than was ordered, in whatever parts; one label is bought for each that leaves; parts
    are cancelled together, or none is, unless staff gave back the money of what had left; then the order is, too."""
    given_back = {f.data["order_id"] for f in now.facts("order") if f.data.get("goods_left")}
    ordered = {f.data["order_id"]: _quantities(f) for f in now.facts("order") if f.type == "OrderPlaced"}
    left: dict[str, Counter[str]] = defaultdict(Counter)
    labels: Counter[str] = Counter()
    for fact in now.facts("shipping"):
        if fact.type == "ShipmentDispatched":
            left[fact.data["order_id"]] += _quantities(fact)
            labels[fact.data["shipment_id"]] += 1
    for stream, facts in _streams(now, "shipping"):
        both = {"ShipmentCancelled", "ShipmentDispatched"} <= {fact.type for fact in facts}
        if both and facts[0].data["order_id"] not in given_back:
            yield f"{stream}: one part is cancelled, another has left"
        order_id = facts[0].data["order_id"]
        if any(fact.type == "ShipmentCancelled" for fact in facts) and not now.said(order_id, *UNDONE):
            yield f"{order_id}: its parcels are cancelled, and it goes on"
    for order_id, quantities in left.items():
        if not quantities <= ordered[order_id]:
            yield f"{order_id}: {dict(quantities)} left of {dict(ordered[order_id])}"
    if now.platform.easypost is not None:
        bought = Counter(done.reference or "" for done in now.platform.easypost.log if done.kind == "buy")
        if bought != labels:
            yield f"labels: bought {dict(bought - labels)}, not bought {dict(labels - bought)}"


def coupons_add_up(now: Snapshot) -> Broken:
    """6. Of a coupon that is limited, as many uses are counted as orders have it that were not undone; never more than
    the limit."""
    used: Counter[tuple[str, str]] = Counter()
    limits: dict[tuple[str, str], int] = {}
    for _, facts in _streams(now, "order"):
        use = facts[0].data.get("coupon")
        undone = any(fact.type in ("OrderRejected", "OrderCancelled") for fact in facts)
        for counter, limit in _counters(use, facts[0].data["customer_id"]) if use else ():
            limits[counter] = limit
            used[counter] += not undone
    counted = {(row["pk"], row["sk"]): int(row["uses"]) for row in now.rows["order"] if "uses" in row}
    for counter, limit in limits.items():
        if counted.get(counter, 0) != used[counter] or used[counter] > limit:
            yield f"{counter}: {counted.get(counter, 0)} counted, {used[counter]} used, of {limit}"


def _counters(use: dict[str, Any], customer_id: str) -> Iterator[tuple[tuple[str, str], int]]:
    for kind, counter in (("max_uses", "uses"), ("max_uses_per_customer", f"uses#{customer_id}")):
        if use[kind] is not None:
            yield (f"coupon#{use['code']}", counter), use[kind]


def sequences_have_no_gap(now: Snapshot) -> Broken:
    """10. Per aggregate, event sequences are 1, 2, 3… without a gap."""
    for domain in DOMAINS:
        for stream, facts in _streams(now, domain):
            if [f.sequence for f in facts] != list(range(1, len(facts) + 1)):
                yield f"{domain} {stream}: {[f.sequence for f in facts]}"


def what_is_committed_is_told(now: Snapshot) -> Broken:
    """9. Every event that is committed has been on the bus, or its relay is about to see it."""
    told = now.platform.rules.told
    for domain in DOMAINS:
        unread = {
            (keys["stream"]["S"], keys["version"]["N"]) for keys in now.platform.unread(f"commerce-{domain}-events")
        }
        for commit in now.commits[domain]:
            stream, first = commit["stream"], int(commit["version"])
            if (stream, str(first)) not in unread:
                ids = (f"{stream}#{number}" for number in range(first, first + len(commit["events"])))
                yield from (f"{domain}: {one}" for one in ids if (domain, one) not in told)


def nothing_is_dead(now: Snapshot) -> Broken:
    """9. Every event reaches its subscribers: no dead letters."""
    sqs = now.platform.operator("sqs")
    for url in sqs.list_queues(QueueNamePrefix="commerce-").get("QueueUrls", []):
        if url.endswith("-dead-letters"):
            got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
            if int(got["ApproximateNumberOfMessages"]):
                yield f"{url.rsplit('/', 1)[-1]}: {got['ApproximateNumberOfMessages']}"


def one_mail_per_fact(now: Snapshot) -> Broken:
    """9. A fact takes effect once at each subscriber: it is told to the customer once."""
    sent = Counter(f.stream for f in now.facts("notification") if f.type == "NotificationSent")
    yield from (f"{stream} was sent {times} times" for stream, times in sent.items() if times > 1)


def secrets_are_nowhere(now: Snapshot) -> Broken:
    """24. No card number and no token in any table."""
    for domain in DOMAINS:
        for row in (*now.commits[domain], *now.rows[domain]):
            if SECRET.search(json.dumps(row, default=_text)):
                yield f"{domain}: {row.get('stream') or row.get('pk')}"


def everyone_is_known(now: Snapshot) -> Broken:
    """25. Every change says who did it, in which conversation and because of what."""
    for domain in DOMAINS:
        for commit in now.commits[domain]:
            if not all(commit["origin"].get(name) for name in ("actor", "correlation_id", "causation_id")):
                yield f"{domain} {commit['stream']}#{commit['version']}"


PROMISES: Final[dict[str, Callable[[Snapshot], Broken]]] = {
    "money_adds_up": money_adds_up,
    "ledger_is_balanced": ledger_is_balanced,
    "provider_agrees": provider_agrees,
    "money_follows_orders": money_follows_orders,
    "stock_adds_up": stock_adds_up,
    "reservations_end_once": reservations_end_once,
    "parcels_hold_what_was_ordered": parcels_hold_what_was_ordered,
    "coupons_add_up": coupons_add_up,
    "what_is_committed_is_told": what_is_committed_is_told,
    "nothing_is_dead": nothing_is_dead,
    "one_mail_per_fact": one_mail_per_fact,
    "sequences_have_no_gap": sequences_have_no_gap,
    "secrets_are_nowhere": secrets_are_nowhere,
    "everyone_is_known": everyone_is_known,
}


def check(platform: Platform) -> dict[str, Any]:
    """`{"holds": …, "promises": [{"name", "promise", "holds", "breaks"}]}`, `breaks` with at most 20 findings each."""
    now = Snapshot.of(platform)
    found = {name: list(promise(now)) for name, promise in PROMISES.items()}
    return {
        "holds": not any(found.values()),
        "promises": [
            {"name": name, "promise": _title(PROMISES[name]), "holds": not breaks, "breaks": breaks[:20]}
            for name, breaks in found.items()
        ],
    }


def _title(promise: Callable[[Snapshot], Broken]) -> str:
    return (promise.__doc__ or "").strip()


def _streams(now: Snapshot, domain: str) -> Iterator[tuple[str, list[Fact]]]:
    streams: dict[str, list[Fact]] = defaultdict(list)
    for fact in now.facts(domain):
        streams[fact.stream].append(fact)
    yield from streams.items()


def _place(row: dict[str, Any]) -> Place:
    _, sku, *shard = row["pk"].split("#")
    return sku, row["sk"], int(shard[0]) if shard else None


def _moved(fact: Fact) -> Counter[Place]:
    """What came to a place, or left it."""
    match fact.type:
        case "StockAdjusted" | "StockShifted":
            places = fact.data["places"] or [{"delta": fact.data["delta"], "shard": None}]
            return Counter(
                {(fact.data["sku"], fact.data["warehouse_id"], each["shard"]): each["delta"] for each in places}
            )
        case "StockReturned":
            return _allocated(fact)
        case "StockCommitted":
            return Counter({place: -quantity for place, quantity in _allocated(fact).items()})
    return Counter()


def _kept(facts: list[Fact]) -> Counter[Place]:
    """What a reservation keeps after these facts."""
    kept: Counter[Place] = Counter()
    for fact in facts:
        if fact.type == "StockReserved":
            kept += _allocated(fact)
        elif fact.type in ("StockReleased", "ReservationExpired", "StockCommitted"):
            kept.subtract(_allocated(fact))
    return kept


def _ends(fact: Fact, kept: Counter[Place]) -> bool:
    """Given what is kept after it."""
    return fact.type in ("StockReleased", "ReservationExpired") or (
        fact.type == "StockCommitted" and not any(kept.values())
    )


def _summed(facts: list[Fact], type: str) -> Counter[Place]:
    return sum((_allocated(fact) for fact in facts if fact.type == type), start=Counter())


def _allocated(fact: Fact) -> Counter[Place]:
    taken: Counter[Place] = Counter()
    for item in fact.data["items"]:
        for part in item["allocations"]:
            taken[item["sku"], part["warehouse_id"], part.get("shard")] += part["quantity"]
    return taken


def _quantities(fact: Fact) -> Counter[str]:
    return Counter({item["sku"]: item["quantity"] for item in fact.data["items"]})


def _text(value: Any) -> str:
    return value.value.decode("latin-1") if isinstance(value, Binary) else str(value)  # type: ignore[attr-defined]


def _names(platform: Platform) -> list[str]:
    pages = platform.operator("dynamodb").get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"]]


def _scan(platform: Platform, table: str) -> Iterator[dict[str, Any]]:
    plain = TypeDeserializer().deserialize
    for page in platform.operator("dynamodb").get_paginator("scan").paginate(TableName=table):
        yield from ({name: plain(value) for name, value in item.items()} for item in page["Items"])
