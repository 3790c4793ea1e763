"""Kinds of fields that requests of several domains have, and the body that has none."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Something is to be seen, and nothing in it moves a cursor: `\S` alone would take a control character for a letter.
A_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=A_LINE)]


class Nothing(BaseModel):
    """No body, or an empty one: all is said by the path."""

    model_config = ConfigDict(extra="forbid")
