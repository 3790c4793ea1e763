"""Carries the webhooks that the sandboxes owe, as signed HTTP requests through the gateway."""

from collections.abc import Callable
from typing import Protocol

from local.carriage import Carriage
from local.http import Request, Response
from local.scheduler import Timer, Waiting
from sandbox.webhooks import Webhook


class Sender(Protocol):
    def due_webhooks(self) -> list[Webhook]: ...

    def next_due(self) -> float | None: ...


class Webhooks:
    def __init__(self, carriage: Carriage, serve: Callable[[Request], Response], senders: dict[str, Sender]) -> None:
        self._carriage, self._serve, self._senders = carriage, serve, senders
        self._alarms: dict[str, Timer] = {}

    def collect(self) -> bool:
        """Start the deliveries that are due; True if there were any."""
        found = False
        for name, sender in self._senders.items():
            for webhook in sender.due_webhooks():
                found = True
                self._carriage.go(f"webhook:{name}", lambda webhook=webhook: self._send(webhook))  # type: ignore[misc]
            self._remember(name, sender.next_due())
        return found

    def _send(self, webhook: Webhook) -> None:
        response = self._serve(Request("POST", webhook.path, tuple(webhook.headers.items()), webhook.body))
        webhook.delivered(200 <= response.status < 300)

    def _remember(self, name: str, due: float | None) -> None:
        """A retry is a pause: it may be hours away."""
        alarm = self._alarms.get(name)
        if alarm and not alarm.cancelled and alarm.due == due:
            return
        if alarm:
            alarm.cancel()
        if due is not None:
            self._alarms[name] = self._carriage.scheduler.at(due, lambda: None, Waiting.PAUSE)
