"""Asynchronous invocations: queued by Lambda, tried again, and given up to a destination."""

import json
from typing import Any

from local.assembly import Resource
from local.carriage import Carriage, DeliveryFailed
from local.functions import Answer

PAUSES = (60.0, 120.0)  # seconds before Lambda's second and third attempt


class AsyncInvocations:
    def __init__(self, carriage: Carriage, configs: list[Resource]) -> None:
        self._carriage = carriage
        self._configs = {
            carriage.functions.named(config.properties["FunctionName"]).name: config.properties for config in configs
        }
        self.given_up: list[tuple[str, bytes]] = []  # what no destination waited for: on AWS it is gone

    def accept(self, function: str, payload: bytes) -> None:
        name = self._carriage.functions.named(function).name
        self._carriage.go(f"async:{name}", lambda: self._run(name, payload))

    def _run(self, function: str, payload: bytes) -> None:
        config = self._configs.get(function, {})
        retries = int(config.get("MaximumRetryAttempts", len(PAUSES)))
        oldest = self._carriage.scheduler.clock.now() + float(config.get("MaximumEventAgeInSeconds", 6 * 3600))
        attempt = 0
        while True:
            try:
                answer = self._carriage.invoke(function, payload)
            except DeliveryFailed as failure:
                answer = Answer(json.dumps({"errorMessage": str(failure)}).encode(), "Unhandled")
            attempt += 1
            if not answer.error:
                return self._report("OnSuccess", "Success", function, payload, answer, attempt)
            if attempt > retries or self._carriage.scheduler.clock.now() > oldest:
                return self._report("OnFailure", "RetriesExhausted", function, payload, answer, attempt)
            self._carriage.scheduler.sleep(PAUSES[min(attempt, len(PAUSES)) - 1])

    def _report(
        self, outcome: str, condition: str, function: str, payload: bytes, answer: Answer, attempts: int
    ) -> None:
        destinations = self._configs.get(function, {}).get("DestinationConfig", {})
        destination = destinations.get(outcome, {}).get("Destination")
        if not destination:
            if outcome == "OnFailure":
                self.given_up.append((function, payload))
            return
        report: dict[str, Any] = {
            "version": "1.0",
            "timestamp": self._carriage.timestamp(),
            "requestContext": {
                "functionArn": f"{self._carriage.functions.by_name[function].arn}:$LATEST",
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "requestPayload": json.loads(payload),
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"}
            | ({"functionError": answer.error} if answer.error else {}),
            "responsePayload": json.loads(answer.payload or b"null"),
        }
        if ":sqs:" not in destination:
            raise NotImplementedError(f"a destination other than a queue: {destination}")
        self._carriage.send_json(destination, report)
