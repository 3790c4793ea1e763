"""Signed deliveries that are owed, and when: at least once, retried with growing delay, given up after three days.

The sandbox does no I/O. A carrier asks `due()`, sends each webhook as an HTTP POST to its path, and reports
`delivered(ok)`, where ok means a 2xx answer. What has been handed out is not handed out again before that report.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.request import Headers, Json

Sign = Callable[[bytes, int], Headers]

# Stripe tries "for up to three days with an exponential back off" and does not publish the steps; these are ours.
RETRY_DELAYS = (10, 60, 600, 3_600, 6 * 3_600, 12 * 3_600)  # seconds; the last one repeats
GIVE_UP_AFTER = 3 * 24 * 3_600


@dataclass(eq=False)
class Webhook:
    event_id: str
    event_type: str
    path: str
    body: bytes
    created: float
    due_at: float
    sign: Sign
    attempts: int = 0
    in_flight: bool = False
    done: bool = False

    @property
    def headers(self) -> Headers:
        """Made anew for each attempt, because the signature carries the time of sending."""
        return {"Content-Type": "application/json", **self.sign(self.body, int(time.time()))}

    def delivered(self, ok: bool) -> None:
        self.attempts += 1
        self.in_flight = False
        self.due_at = time.time() + RETRY_DELAYS[min(self.attempts, len(RETRY_DELAYS)) - 1]
        self.done = ok or self.due_at > self.created + GIVE_UP_AFTER


class WebhookQueue:
    def __init__(self, path: str, sign: Sign) -> None:
        self._path = path
        self._sign = sign
        self._owed: list[Webhook] = []

    def put(self, event_id: str, event_type: str, event: Json) -> None:
        now = time.time()
        body = json.dumps(event, indent=2).encode()
        self._owed.append(Webhook(event_id, event_type, self._path, body, now, now, self._sign))

    def due(self) -> list[Webhook]:
        """What is to be sent now, the oldest first."""
        now = time.time()
        due = [webhook for webhook in self.owed() if webhook.due_at <= now and not webhook.in_flight]
        for webhook in due:
            webhook.in_flight = True
        return sorted(due, key=lambda webhook: webhook.due_at)

    def next_due(self) -> float | None:
        """When the next one that nobody is sending falls due; None if there is none."""
        return min((webhook.due_at for webhook in self.owed() if not webhook.in_flight), default=None)

    def owed(self) -> list[Webhook]:
        """All that is not yet delivered, also what is being sent or waits for its retry."""
        self._owed = [webhook for webhook in self._owed if not webhook.done]
        return list(self._owed)
