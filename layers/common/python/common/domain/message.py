"""Commands ask, events tell. Both are frozen values that travel as JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field


class Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    at: AwareDatetime


class Event(BaseModel):
    """Readers ignore fields they do not know, so writers may add them."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    type: str
    at: AwareDatetime


ActorRole = Literal["", "customer", "staff", "admin"]


class Origin(BaseModel):
    """Who asks, in which conversation, and because of what. It comes beside a command and stays with its commit.

    `actor_role` is the highest that a signed-in person had when they asked; machines and strangers have none.
    """

    model_config = ConfigDict(frozen=True)
    actor: str
    actor_role: ActorRole = ""
    correlation_id: str
    causation_id: str


class Message(BaseModel):
    """An event on its way, with CloudEvents' attributes (cloudevents.io, 1.0) and our own five.

    `id` is `<stream>#<sequence>`: published twice, an event has the same id, so whoever hears it twice can tell.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    specversion: str = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: AwareDatetime
    sequence: Annotated[int, Field(ge=1)]
    actor: str
    actor_role: ActorRole = ""
    correlation_id: str
    causation_id: str
    data: dict[str, Any]

    def because(self, actor: str) -> Origin:
        """The origin of what `actor` does on hearing this."""
        return Origin(actor=actor, correlation_id=self.correlation_id, causation_id=self.id)


def _luhn_valid(digits: str) -> bool:
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def looks_like_a_card(text: str) -> bool:
    """13 to 19 digits, spaced or dashed as people write them, that pass the Luhn check (ISO/IEC 7812-1)."""
    digits = text.replace(" ", "").replace("-", "")
    return digits.isascii() and digits.isdigit() and 13 <= len(digits) <= 19 and _luhn_valid(digits)


def _to_the_second(value: Any) -> Any:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


Seconds = Annotated[AwareDatetime, BeforeValidator(_to_the_second)]
