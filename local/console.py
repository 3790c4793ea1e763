"""A page that shows what is running: executions, queues, invocations, what went wrong last."""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from local.moto_state import backend

if TYPE_CHECKING:
    from local.platform import Platform

SHOWN = 40
STYLE = (
    "body{font:14px system-ui;margin:2rem}table{border-collapse:collapse;margin-bottom:2rem}"
    "td,th{text-align:left;padding:.2rem 1rem .2rem 0;border-bottom:1px solid #ddd}.bad{color:#b00}"
)


def page(platform: "Platform") -> str:
    executions = [
        (one.machine, one.status, _time(one.started), " → ".join(one.states), one.error or "")
        for one in reversed(platform.executions[-SHOWN:])
    ]
    queues = [
        (name, str(len(queue.messages)), str(len(queue._messages) - len(queue.messages)))
        for name, queue in sorted(backend("sqs").queues.items())
    ]
    ran = list(platform.functions.invocations)[-SHOWN:]
    invocations = [
        (one.function, _time(one.started), f"{one.busy * 1000:.0f} ms", one.error or "") for one in reversed(ran)
    ]
    parts = [
        _table("Executions", ("machine", "status", "started", "states", "error"), executions),
        _table("Queues", ("queue", "waiting", "in flight or delayed"), queues),
        _table("Invocations", ("function", "at", "took", "error"), invocations),
        _table("Calls by service", ("service", "operation", "count"), _calls(platform)),
    ]
    body = "".join(parts)
    return f"<!doctype html><meta charset=utf-8><title>commerce</title><style>{STYLE}</style><h1>commerce</h1>{body}"


def _calls(platform: "Platform") -> list[tuple[str, str, str]]:
    return [
        (service, operation, str(count)) for (service, operation), count in platform.seam.counters.most_common(SHOWN)
    ]


def _table(title: str, names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(name)}" for name in names)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}" for cell in row) for row in rows)
    return f"<h2>{escape(title)}</h2><table><tr>{head}{lines}</table>"


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%H:%M:%S")
