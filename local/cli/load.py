"""`./commerce load`: requests that come when they come, whether or not the ones before were answered.

Open-loop: arrivals keep to a schedule, and a latency counts from the moment at which its request was to be sent, so a
platform that stalls is charged for everyone who would have come meanwhile.
"""

import asyncio
import contextlib
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import httpx

from local.cli import output
from local.cli.synth import ROOT, ready
from local.cli.whereabouts import HOST, Whereabouts, client, running
from local.shop import ADDRESS, Json, Person, Refused, Shop

PATIENCE_S: Final = 30.0  # with one answer
SETTLING_S: Final = 600
COMING_UP_S: Final = 180
SHED: Final = (429, 503)
FINAL: Final = ("confirmed", "rejected")
PLENTY: Final = 1_000_000
DEFAULT_MIX: Final = "browse=4,quote=1,order=4,status=1"


@dataclass
class Shopper:
    """What each kind of request is; made anew for every rate, because tokens and goods last a while only."""

    token: str
    sku: str
    product_id: str
    run: str
    placed: list[str] = field(default_factory=list)

    def request(self, kind: str, number: int) -> tuple[str, str, Json | None]:
        items = [{"sku": self.sku, "quantity": 1}]
        match kind:
            case "browse":
                return "GET", f"/catalog/products/{self.product_id}", None
            case "list":
                return "GET", "/catalog/products?category=home", None
            case "quote":
                return "POST", "/orders/quote", {"items": items, "shipping_address": ADDRESS}
            case "status" if self.placed:
                return "GET", f"/orders/{self.placed[number % len(self.placed)]}", None
            case "status":
                return "GET", "/orders", None
            case _:
                how = {"shipping_method": "standard", "payment_method": "pm_card_visa"}
                return "POST", "/orders", {"items": items, "shipping_address": ADDRESS, **how}


KINDS: Final = ("browse", "list", "quote", "status", "order")


@dataclass
class Found:
    """What came of one rate."""

    rate: float
    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)  # 0: no answer
    latencies: list[float] = field(default_factory=list)  # of what was done
    settled_after: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        return sum(self.statuses.values())

    @property
    def done(self) -> int:
        return sum(number for status, number in self.statuses.items() if 200 <= status < 300)

    @property
    def goodput(self) -> float:
        return self.done / self.seconds

    @property
    def shed(self) -> float:
        return sum(self.statuses[status] for status in SHED) / max(self.sent, 1)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def run(rates: Sequence[float], mix: str, duration: float) -> int:
    """0 if nothing was lost: every order that was taken is final, every promise holds, nothing failed otherwise."""
    shares = _shares(mix)
    with _a_platform() as whereabouts, client(whereabouts, timeout=SETTLING_S + 30) as front_door:
        found = []
        for rate in rates:
            output.say(f"  … {rate:g} requests/s for {duration:g} s")
            found.append(_play(front_door, whereabouts, rate, shares, duration))
    _tell(found)
    faults = [f"at {one.rate:g}/s: {fault}" for one in found for fault in one.faults]
    for fault in faults:
        output.complain(f"  ✗ {fault}")
    output.heading("Something was lost." if faults else "Nothing was lost, all orders are final, every promise holds.")
    return 1 if faults else 0


def _shares(mix: str) -> Mapping[str, float]:
    try:
        shares = {kind: float(share) for kind, _, share in (part.partition("=") for part in mix.split(","))}
    except ValueError as error:
        raise output.Problem(f"A mix is written as {DEFAULT_MIX}.") from error
    if strange := set(shares) - set(KINDS):
        raise output.Problem(f"There is no {', '.join(sorted(strange))}; a mix is of {', '.join(KINDS)}.")
    return shares


@contextlib.contextmanager
def _a_platform() -> Iterator[Whereabouts]:
    """The one that runs, or one in a process of its own, so that asking does not take its time."""
    if (found := running()) is not None:
        output.say(f"Using the platform that runs at {found['api_url']}")
        yield found
        return
    output.say("No platform runs here: starting one for this")
    ready()
    up = [sys.executable, "-m", "local.cli", "up", "--port", "0"]
    process = subprocess.Popen(up, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + COMING_UP_S
        while (found := running()) is None:
            if process.poll() is not None or time.monotonic() > deadline:
                raise output.Problem("The platform did not come up; `./commerce up` says why.")
            time.sleep(0.5)
        yield found
    finally:
        process.terminate()
        process.wait(timeout=30)


def _play(front_door: httpx.Client, where: Whereabouts, rate: float, mix: Mapping[str, float], seconds: float) -> Found:
    if not where["api_url"].startswith(f"http://{HOST}:"):
        raise output.Problem("Load is for the platform on this machine only.")
    run = uuid4().hex[:8]
    shop = Shop(front_door, key=f"load-{run}")
    staff = shop.sign_in(where["admin"]["email"], where["admin"]["password"])
    ada = shop.sign_in(where["customer"]["email"], where["customer"]["password"])
    product = shop.stock(staff, f"load-{run}", PLENTY, price=990)
    shop.settle(SETTLING_S)
    shopper = Shopper(str(ada.token), f"load-{run}", product["product_id"], run)
    found = asyncio.run(_send(where["api_url"], shopper, rate, mix, seconds))
    began = time.monotonic()
    try:
        shop.settle(SETTLING_S)
    except Refused as refused:
        found.faults.append(str(refused))
    found.settled_after = time.monotonic() - began
    ada = shop.sign_in(where["customer"]["email"], where["customer"]["password"])
    found.faults += _lost(shop, ada, shopper.placed)
    found.faults += [f"{number} times {status}" for status, number in found.statuses.items() if _is_fault(status)]
    return found


def _is_fault(status: int) -> bool:
    return status == 0 or (status >= 400 and status not in SHED)


def _lost(shop: Shop, ada: Person, placed: Sequence[str]) -> Iterator[str]:
    statuses = Counter(ada.get(f"/orders/{order_id}")["status"] for order_id in placed)
    yield from (f"{number} orders are {status}" for status, number in statuses.items() if status not in FINAL)
    yield from (f"{broken['promise']}: {broken['breaks'][:3]}" for broken in shop.promises_broken())


async def _send(api_url: str, shopper: Shopper, rate: float, mix: Mapping[str, float], seconds: float) -> Found:
    found, drawn = Found(rate, seconds), random.Random(0)
    kinds = drawn.choices(list(mix), list(mix.values()), k=int(rate * seconds))
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
    headers = {"authorization": f"Bearer {shopper.token}"}
    async with httpx.AsyncClient(
        base_url=api_url, timeout=PATIENCE_S, limits=limits, headers=headers, trust_env=False
    ) as asked:
        began, sent = time.perf_counter(), []
        for number, kind in enumerate(kinds):
            due = began + number / rate
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            sent.append(asyncio.create_task(_ask(asked, shopper, kind, number, due, found)))
        await asyncio.gather(*sent)
    return found


async def _ask(asked: httpx.AsyncClient, shopper: Shopper, kind: str, number: int, due: float, found: Found) -> None:
    method, path, body = shopper.request(kind, number)
    headers = {"idempotency-key": f"load-{shopper.run}-{number}"} if kind == "order" else {}
    try:
        answer = await asked.request(method, path, json=body, headers=headers)
    except httpx.HTTPError:
        found.statuses[0] += 1
        return
    found.statuses[answer.status_code] += 1
    if answer.is_success:
        found.latencies.append(time.perf_counter() - due)
        if kind == "order":
            shopper.placed.append(answer.json()["order_id"])


def _tell(found: Sequence[Found]) -> None:
    peak = max(one.goodput for one in found)
    names = ("offered", "goodput", "of peak", "p50", "p95", "p99", "429/503")
    output.heading("".join(f"{name:>10}" for name in names) + "   all final after")
    for one in found:
        share = one.goodput / peak if peak else 0.0
        rates = f"{one.rate:>8.1f}/s{one.goodput:>8.1f}/s{share:>10.0%}"
        times = "".join(f"{one.percentile(which) * 1000:>7.0f} ms" for which in (0.5, 0.95, 0.99))
        rest = f"{one.shed:>10.1%}   {one.settled_after:.1f} s   {_counted(one.statuses)}"
        output.say(rates + times + rest)


def _counted(statuses: Counter[int]) -> str:
    return ", ".join(f"{number} x {status or 'no answer'}" for status, number in sorted(statuses.items()))
