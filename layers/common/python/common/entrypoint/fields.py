"""Kinds of fields that requests of several domains have."""

from typing import Annotated

from pydantic import Field

# Something is to be seen, and nothing in it moves a cursor: `\S` alone would take a control character for a letter.
A_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=A_LINE)]
