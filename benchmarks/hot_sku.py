"""What a hot SKU costs: write units and conflicts per accepted unit, counted plain and counted in shards.

    python -m benchmarks.hot_sku [--units 100] [--rate 200] [--busy 10] [--shards 8]

`units` buyers come in one burst at `rate` a second, one unit each, to `inventory.tasks` as the saga calls it. DynamoDB
cancels a transaction that meets another one at the same item; moto knows no such thing, so here a transaction keeps
its items busy for `busy` milliseconds on the platform's clock, and whoever comes meanwhile gets `TransactionConflict`.

**Beyond one item.** An item takes 1,000 write units a second, and a transactional update of it takes two: 500
reservations a second at the very most, and far fewer in practice, since each keeps the item busy and those that meet
are cancelled (a cancelled one is paid for, too). A SKU that is marked hot (`PUT /inventory/stock/{sku}/hot`) is counted
in n shards, each an item under a partition key of its own, and an order's id says which one it asks first: n times
500 a second, and 1/n of the meetings. n is 32 at most, so 16,000 reservations a second of one SKU; beyond that it is
no longer stock that limits a shop, but its orders. Reading all shards costs a read of each item, so it is done where
a customer looks at availability, once per SKU and batch where words are told, and by a buyer whose own shard has not
enough: such a buyer looks everywhere, and only then is refused.
"""

import argparse
import json
from collections import Counter
from typing import Any, NamedTuple

import local.environments  # noqa: F401  before any function's module
from benchmarks.units import written
from local.cli.synth import assembly
from local.platform import Platform
from local.scheduler import Task
from local.seam import Call
from local.shop import Shop

SKU = "console"


class Contention:
    """Beside the seam: which items are busy until when, and what the transactions at them cost."""

    def __init__(self, platform: Platform, busy_s: float) -> None:
        self.units = self.transactions = self.conflicts = 0.0
        self._platform, self._busy_s = platform, busy_s
        self._until: dict[str, float] = {}

    def hear(self, call: Call, parameters: Any) -> None:
        """Called before a call is carried out: a fault put in its way strikes this very call."""
        if call.caller != "commerce-inventory-tasks" or call.operation not in ("TransactWriteItems", "PutItem"):
            return
        self.units += sum(row.units for row in written(call.operation, parameters))
        if call.operation == "PutItem":
            return
        self.transactions += 1
        keys = {_key(item) for item in parameters["TransactItems"]}
        if any(self._until.get(key, 0.0) > call.at for key in keys):
            self.conflicts += 1
            self._platform.seam.faults.add("conflict", index=call.index)
            return
        self._until |= dict.fromkeys(keys, call.at + self._busy_s)


def _key(item: dict[str, Any]) -> str:
    [one] = item.values()
    key = one.get("Key") or {name: one["Item"][name] for name in ("stream", "version")}
    return json.dumps([one["TableName"], key], sort_keys=True)


class Result(NamedTuple):
    accepted: int
    refused: Counter[str]
    contention: Contention
    seconds: float


def burst(shards: int | None, units: int, rate: int, busy_s: float) -> Result:
    with Platform.start(assembly(), seed=0, throttle=False) as platform:
        shop = Shop(platform.client(), platform.webhook_secrets)
        staff = shop.join("admin@commerce.example", "Grace")
        shop.stock(staff, SKU, units)
        if shards:
            staff.ask("PUT", f"/inventory/stock/{SKU}/hot", {"shards": shards})
        shop.settle()
        contention = Contention(platform, busy_s)
        platform.seam.observers.append(contention.hear)
        began, asked = platform.now(), []
        for number in range(units):
            asked.append(_asked(platform, f"ord_{number:032x}"))
            platform.advance(1 / rate)
        for task in asked:
            platform.finish(task)
        answers = [task.outcome() for task in asked]
        refused = Counter(json.loads(a.payload)["errorType"] for a in answers if a.error)
        return Result(sum(not a.error for a in answers), refused, contention, platform.now() - began)


def _asked(platform: Platform, order_id: str) -> Task:
    """To reserve one, as the saga asks it."""
    items = [{"sku": SKU, "quantity": 1}]
    command = {"type": "ReserveStock", "order_id": order_id, "items": items, "at": platform.now()}
    origin = {"actor": "benchmark", "correlation_id": "b", "causation_id": "b"}
    payload = json.dumps({"command": command, "origin": origin}).encode()
    return platform.operate(lambda: platform.functions.run("commerce-inventory-tasks", payload))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("units", 100), ("rate", 200), ("busy", 10), ("shards", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    print(f"{asked.units} buyers of {asked.units} units at {asked.rate} a second, an item is busy for {asked.busy} ms")
    print(f"{'':<12}{'accepted':>10}{'write units':>13}{'conflicts':>11}{'seconds':>9}   per accepted unit")
    for shards in (None, asked.shards):
        found = burst(shards, asked.units, asked.rate, asked.busy / 1000)
        cost = found.contention
        print(
            f"{f'{shards} shards' if shards else 'plain':<12}{found.accepted:>10}"
            f"{cost.units / found.accepted:>13.2f}{cost.conflicts / found.accepted:>11.2f}{found.seconds:>9.2f}"
            f"{'   refused: ' + str(dict(found.refused)) if found.refused else ''}"
        )


if __name__ == "__main__":
    main()
