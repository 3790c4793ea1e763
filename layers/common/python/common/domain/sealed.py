"""What is personal, as events and rows hold it: a box that only its person's key opens. Without the key it is gone.

Whoever needs no address hands the box on as it is; only who must read it asks for the key.
"""

from pydantic import BaseModel, ConfigDict

from common.domain.errors import Conflict


class PersonErased(Conflict):
    """Their key is destroyed: nothing of them can be read, and nothing new be sealed."""


class Sealed(BaseModel):
    model_config = ConfigDict(frozen=True)
    person: str  # whose key opens it, such as `cus_…`
    box: str  # base64
