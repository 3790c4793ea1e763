"""Environment variables as a frozen model: read once, fail at the first call, name what is missing."""

import os
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field

Model = TypeVar("Model", bound=BaseModel)
# Of a sandbox in a provider's place. Only this same machine: nobody else is to be given a provider's key.
SandboxUrl = Annotated[str, Field(pattern=r"^(http://127\.0\.0\.1:\d{1,5})?$")]


class DomainSettings(BaseModel):
    """What the CDK's `Domain` gives each of its functions."""

    events_table: str
    state_table: str
    event_bus: str


class CursorSettings(BaseModel):
    """Of functions that answer lists."""

    cursor_secret: str  # its name


class PersonKeySettings(BaseModel):
    """What the CDK's `PersonKeys` gives each function that uses them."""

    person_keys_table: str
    person_master_key: str


def from_environment(model: type[Model]) -> Model:
    names = {name: name.upper() for name in model.model_fields}
    return model.model_validate({name: os.environ[env] for name, env in names.items() if env in os.environ})
