"""A rebuild in steps. Meanwhile the consumer writes what happens into both generations, so nothing is missed.

requested ▶ building ▶ … ▶ switched ▶ clearing the one before ▶ … ▶ completed
"""

import json
from datetime import datetime

from catalog import bootstrap
from catalog.product.events import Product
from catalog.rebuild.events import (
    RebuildAdvanced,
    RebuildCleared,
    RebuildCompleted,
    RebuildRequested,
    RebuildSwitched,
)
from common.application.command_handler import again_if_outrun
from common.domain.message import Message, Origin
from common.infrastructure.commit import Commit
from common.infrastructure.rows import Row
from common.infrastructure.transaction import Write

COMMITS = 100  # of a step
ROWS = 500  # of a step that clears


def request_rebuild(rebuild_id: str, at: datetime, origin: Origin, beside: Write) -> None:
    """Raise RebuildRuns when another one runs."""
    event = RebuildRequested(rebuild_id=rebuild_id, at=at)
    state = {"status": "building", "products": 0, "removed": 0, "position": "", "former": ""}
    also = [beside, bootstrap.generations().build(rebuild_id)]
    bootstrap.rebuilds().begin(rebuild_id, event, origin, also, created_at=at.isoformat(), **state)


def go_on(message: Message) -> None:
    """Take the next step. Taken twice, it makes no difference: a projection never goes back."""
    clearing = message.type in ("RebuildSwitched", "RebuildCleared")
    again_if_outrun(lambda: (_clear if clearing else _build)(message))


def _build(message: Message) -> None:
    run, rebuild_id = bootstrap.rebuilds().reached(message), message.subject
    origin = message.because(message.actor)
    page = bootstrap.outbox().some(COMMITS, json.loads(run["position"] or "null"))
    products = _newest(page.commits)
    for product, version in products:
        bootstrap.read_model(rebuild_id).project(product, version)
    done = {"products": run["products"] + len(products)}
    if page.after:
        event = RebuildAdvanced(rebuild_id=rebuild_id, **done, at=message.time)
        bootstrap.rebuilds().advance(run, event, origin, position=json.dumps(page.after), **done)
        return
    switched = RebuildSwitched(rebuild_id=rebuild_id, **done, at=message.time)
    former = bootstrap.generations().read().live
    also = [bootstrap.generations().switch(rebuild_id, former)]
    bootstrap.rebuilds().advance(run, switched, origin, also, status="clearing", position="", former=former, **done)


def _newest(commits: list[Commit]) -> list[tuple[Product, int]]:
    """The products of these commits as the last of each says, with their versions."""
    newest: dict[str, tuple[Product, int]] = {}
    for commit in commits:
        if commit.stream.startswith("prd_"):
            version = commit.version + len(commit.events) - 1
            if commit.stream not in newest or newest[commit.stream][1] < version:
                newest[commit.stream] = Product.model_validate(json.loads(commit.events[-1])["product"]), version
    return list(newest.values())


def _clear(message: Message) -> None:
    """Nobody reads it any more: who began to before the switch looks again."""
    run, rebuild_id = bootstrap.rebuilds().reached(message), message.subject
    origin = message.because(message.actor)
    page = bootstrap.read_rows().some(ROWS, json.loads(run["position"] or "null"))
    gone: list[Row] = [row for row in page.rows if row["pk"].startswith(f"{run['former']}/")]
    bootstrap.read_rows().delete_all((row["pk"], row["sk"]) for row in gone)
    done = {"removed": run["removed"] + len(gone)}
    if page.after:
        event = RebuildCleared(rebuild_id=rebuild_id, **done, at=message.time)
        bootstrap.rebuilds().advance(run, event, origin, position=json.dumps(page.after), **done)
    else:
        completed = RebuildCompleted(rebuild_id=rebuild_id, at=message.time)
        bootstrap.rebuilds().advance(run, completed, origin, status="completed", position="", **done)
