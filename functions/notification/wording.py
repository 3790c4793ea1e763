"""What a language has to say: a wording per mail, and the words around it.

`$name` stands for a value. A value is text: it is escaped where it meets HTML, and a subject is one line.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Wording(NamedTuple):
    subject: str
    opening: str
    closing: str = ""  # after the table, the button or the code
    sms: str = ""  # for those that are also sent as text messages


class Phrasebook(NamedTuple):
    greeting: str
    why: str  # they get this mail
    unsubscribe: str
    labels: Mapping[str, str]
    reasons: Mapping[str, str]  # why an order was rejected; `other` for those that we have no words for
    wordings: Mapping[str, Wording]
