"""Steps of sagas that undo, give up or try again; who wakes those that wait."""

import json
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, Final

from benchmarks.bites.bite import ROOT, Bite, bite

FOLDER: Final = "stepfunctions"
WRITTEN: Final = "infrastructure/test_sagas.py"  # what the definitions promise, without playing them
PAID: Final = "system/test_payments.py"
PARTS: Final = "system/test_order_parts.py"
RETURNS: Final = "system/test_returns.py"
FIRST: Final = "system/test_first_order.py"
RACES: Final = "system/test_order_races.py"
CATCHES: Final = {
    ("place_order", "ReserveStock"): (FIRST,),
    ("place_order", "AuthorizePayment"): (FIRST,),
    ("place_order", "AwaitPayment"): (RACES,),
    ("place_order", "HoldStock"): ("system/test_stock.py",),
    ("place_order", "ConfirmOrder"): (RACES,),
    ("place_order", "RejectOrder"): (RACES,),
    ("cancel_order", "CancelShipment"): (RACES, "system/test_shipping_races.py"),
    ("cancel_order", "ReleaseStock"): ("system/test_operating.py",),
    ("cancel_order", "CancelOrder"): (RACES,),
    ("fulfil_order", "ChargeShipment"): (PARTS, RACES),
    ("fulfil_order", "CapturePayment"): (PAID, RACES),
    ("fulfil_order", "CommitStock"): (PARTS, RACES),
    ("fulfil_order", "ShipOrder"): (PARTS, RACES),
    ("return_order", "AwaitDecision"): (RETURNS,),
    ("return_order", "AwaitGoods"): (RETURNS,),
    ("return_order", "RefundPayment"): (RETURNS,),
    ("return_order", "RestockReturn"): (RETURNS,),
    ("return_order", "CompleteReturn"): (RETURNS,),
}


def _without(part: str, steps: Collection[str], text: str) -> str:
    machine: dict[str, Any] = json.loads(text)
    for step in steps:
        del machine["States"][step][part]
    return json.dumps(machine)


def _found() -> Iterator[Bite]:
    """Each step that goes elsewhere when it is refused, and of each saga the trying again."""
    for path in sorted((ROOT / FOLDER).glob("*.asl.json")):
        saga, file = path.name.partition(".")[0], f"{FOLDER}/{path.name}"
        states = json.loads(path.read_text())["States"]
        for step in (name for name, state in states.items() if "Catch" in state):
            tests = tuple(f"tests/{name}" for name in (WRITTEN, *CATCHES[saga, step]))
            yield Bite(f"compensation: {saga}, {step} is refused", file, partial(_without, "Catch", (step,)), tests)
        tried = tuple(name for name, state in states.items() if "Retry" in state)
        yield Bite(f"retry: steps of {saga}", file, partial(_without, "Retry", tried), (f"tests/{WRITTEN}",))


BITES: Final[tuple[Bite, ...]] = (
    *_found(),
    bite(
        "compensation: a rejected order's stock is released",
        f"{FOLDER}/place_order.asl.json",
        '"Next": "ReleaseStock"',
        '"Next": "CloseOrder"',
        FIRST,
    ),
    bite(
        "compensation: a rejected order's payment is voided",
        f"{FOLDER}/place_order.asl.json",
        '"Next": "VoidPayment"',
        '"Next": "ReleaseStock"',
        "system/test_stock.py::test_goods_that_nobody_paid_for_in_time_are_for_sale_again_and_who_pays_then_pays_nothing",
    ),
    bite(
        "compensation: a cancelled order's payment is voided",
        f"{FOLDER}/cancel_order.asl.json",
        '"Next": "VoidPayment"',
        '"Next": "ReleaseStock"',
        FIRST,
    ),
    bite(
        "compensation: a cancelled order's stock is released",
        f"{FOLDER}/cancel_order.asl.json",
        '"Next": "ReleaseStock"',
        '"Next": "CancelOrder"',
        FIRST,
    ),
    bite(
        "compensation: a cancelled order's parcels are cancelled",
        f"{FOLDER}/cancel_order.asl.json",
        '"Default": "CancelShipment"',
        '"Default": "VoidPayment"',
        FIRST,
        RACES,
    ),
    bite(
        "compensation: a cancellation that comes too late is refused",
        f"{FOLDER}/cancel_order.asl.json",
        '"Next": "RefuseCancel"',
        '"Next": "VoidPayment"',
        RACES,
        "system/test_shipping_races.py",
    ),
    bite(
        "cancellation: shipping decides, before order says anything",
        "functions/order/use_cases.py",
        'command.model_copy(update={"dispatched": left})',
        "command",
        RACES,
    ),
    bite(
        "cancellation: order hears of what shipping has agreed to",
        "functions/order/hearing.py",
        'case "ShipmentCancelled":',
        'case "Nothing":',
        RACES,
    ),
    bite(
        "retry: a saga's task is tried again",
        f"{FOLDER}/place_order.asl.json",
        '"MaxAttempts": 2',
        '"MaxAttempts": 0',
        PAID,
        "system/test_crash_anywhere.py",
    ),
    bite(
        "retry: what nobody has named, such as a busy table, is tried again",
        f"{FOLDER}/place_order.asl.json",
        '"States.ALL"\n          ],\n          "IntervalSeconds"',
        '"ConcurrentWrite"\n          ],\n          "IntervalSeconds"',
        "system/test_busy_tables.py",
    ),
    bite(
        "wake-up: a decision is told to the return that waits for it",
        "functions/order/returns/waiting.py",
        'self._send(row["token"], word)',
        "pass",
        RETURNS,
    ),
    bite(
        "wake-up: who begins to wait after the decision is told at once",
        "functions/order/handlers.py",
        "        waiting().tell(order.returns[command.return_id])\n",
        "        pass\n",
        RETURNS,
    ),
)
