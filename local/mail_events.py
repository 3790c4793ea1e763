"""Tells the bus what SES tells of a mail: that it was sent; and of its simulator's addresses, what came back.

A configuration set says whether SES tells, and of what. The shapes are those of
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html, under `detail`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import uuid4

from botocore.awsrequest import AWSResponse

from local.api_call import ApiCall
from local.assembly import ACCOUNT, REGION, Resource
from local.carriage import Carriage, DeliveryFailed
from local.moto_state import backend

Json = dict[str, Any]
DETAIL_TYPES: Final = {
    "Send": "Email Sent",
    "Bounce": "Email Bounced",
    "Complaint": "Email Complaint Received",
}
# bounce@simulator.amazonses.com and so on, each with a +label if one likes.
SIMULATOR: Final = re.compile(r"(bounce|complaint)(\+[^@]*)?@simulator\.amazonses\.com", re.IGNORECASE)


class MailEvents:
    def __init__(self, carriage: Carriage, destinations: Iterable[Resource]) -> None:
        self._carriage = carriage
        self._told: dict[str, set[str]] = {}  # kinds of events, by configuration set
        for resource in destinations:
            destination = resource.properties["EventDestination"]
            if destination.get("Enabled", True):
                kinds = {kind.capitalize() for kind in destination["MatchingEventTypes"]}
                self._told.setdefault(resource.properties["ConfigurationSetName"], set()).update(kinds)

    def notice(self, call: ApiCall, answer: AWSResponse) -> None:
        """Look at a call that AWS has accepted. An answer that is a stream can be read once, and not by us."""
        if (call.service, call.operation) == ("sesv2", "SendEmail"):
            mail = self._mail(call.parameters, str(json.loads(answer.content)["MessageId"]))
            told = self._told.get(call.parameters.get("ConfigurationSetName", ""), set())
            for kind, more in _what_happens(mail, self._carriage.timestamp()):
                if kind in told:
                    self._tell(kind, {"eventType": kind, "mail": mail, **more})

    def _mail(self, sent: Json, message_id: str) -> Json:
        simple, to = sent["Content"]["Simple"], sent["Destination"].get("ToAddresses", [])
        headers = [
            {"name": "From", "value": sent["FromEmailAddress"]},
            {"name": "To", "value": ", ".join(to)},
            {"name": "Subject", "value": simple["Subject"]["Data"]},
            *({"name": header["Name"], "value": header["Value"]} for header in simple.get("Headers", [])),
        ]
        tags = {tag["Name"]: [tag["Value"]] for tag in sent.get("EmailTags", [])}
        return {
            "timestamp": self._carriage.timestamp(),
            "source": sent["FromEmailAddress"],
            "sendingAccountId": ACCOUNT,
            "messageId": message_id,
            "destination": to,
            "headersTruncated": False,
            "headers": headers,
            "commonHeaders": {"from": [sent["FromEmailAddress"]], "to": to, "subject": simple["Subject"]["Data"]},
            "tags": {"ses:configuration-set": [sent.get("ConfigurationSetName", "")], **tags},
        }

    def _tell(self, kind: str, detail: Json) -> None:
        [settings] = detail["mail"]["tags"]["ses:configuration-set"]
        entry = {
            "Source": "aws.ses",
            "DetailType": DETAIL_TYPES[kind],
            "Resources": [f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/{settings}"],
            "Detail": json.dumps(detail),
        }
        self._carriage.go("ses", lambda: self._publish(entry))

    def _publish(self, entry: Json) -> None:
        """Best effort, as AWS says of these events: one that cannot be told is lost."""
        try:
            self._carriage.call(
                "events", "PutEvents", {"Entries": [entry]}, lambda: backend("events").put_events([entry])
            )
        except DeliveryFailed:
            return


def _what_happens(mail: Json, now: str) -> Iterator[tuple[str, Json]]:
    yield "Send", {"send": {}}
    for address in mail["destination"]:
        if simulated := SIMULATOR.fullmatch(address):
            came_back = {"timestamp": now, "feedbackId": f"0102{uuid4().hex}-000000"}
            yield _bounce(address, came_back) if simulated[1].lower() == "bounce" else _complaint(address, came_back)


def _bounce(address: str, came_back: Json) -> tuple[str, Json]:
    recipient = {
        "emailAddress": address,
        "action": "failed",
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
    }
    why = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [recipient]}
    return "Bounce", {"bounce": {**why, **came_back, "reportingMTA": "dns; simulator.amazonses.com"}}


def _complaint(address: str, came_back: Json) -> tuple[str, Json]:
    who = {"complainedRecipients": [{"emailAddress": address}], "complaintSubType": None}
    return "Complaint", {"complaint": {**who, **came_back, "complaintFeedbackType": "abuse"}}
