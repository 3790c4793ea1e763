"""Mails and text messages that the platform has sent, kept as they were asked for: moto forgets half of a mail."""

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from local.api_call import ApiCall


@dataclass(frozen=True)
class Letter:
    to: str
    channel: str
    subject: str
    text: str
    html: str
    at: str
    headers: dict[str, str]  # those that a mail was given beside the usual ones


class Mailbox:
    def __init__(self) -> None:
        self._letters: list[Letter] = []

    def notice(self, call: ApiCall) -> None:
        """Look at a call that AWS has accepted."""
        match call.service, call.operation:
            case "sesv2", "SendEmail":
                self._mail(call.parameters)
            case "sns", "Publish" if "PhoneNumber" in call.parameters:
                self._letters.append(
                    Letter(call.parameters["PhoneNumber"], "sms", "", call.parameters["Message"], "", _now(), {})
                )

    def items(self, to: str | None = None) -> list[dict[str, Any]]:
        """The newest first."""
        return [asdict(letter) for letter in reversed(self._letters) if to is None or letter.to == to]

    def _mail(self, parameters: dict[str, Any]) -> None:
        simple = parameters["Content"].get("Simple")
        if simple is None:
            raise NotImplementedError("mails other than `Simple` are not carried on a laptop")
        body = {kind.lower(): part["Data"] for kind, part in simple["Body"].items()}
        subject, text, html = simple["Subject"]["Data"], body.get("text", ""), body.get("html", "")
        headers = {header["Name"]: header["Value"] for header in simple.get("Headers", [])}
        for addresses in parameters["Destination"].values():
            self._letters += [Letter(to, "email", subject, text, html, _now(), headers) for to in addresses]


def _now() -> str:
    return datetime.fromtimestamp(time.time(), tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
