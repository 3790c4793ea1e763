"""Environment variables as a frozen model: read once, fail at the first call, name what is missing."""

import os
from typing import TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


class DomainSettings(BaseModel):
    """What the CDK's `Domain` gives each of its functions."""

    events_table: str
    state_table: str
    event_bus: str


class PersonKeySettings(BaseModel):
    """What the CDK's `PersonKeys` gives each function that uses them."""

    person_keys_table: str
    person_master_key: str


def from_environment(model: type[Model]) -> Model:
    names = {name: name.upper() for name in model.model_fields}
    return model.model_validate({name: os.environ[env] for name, env in names.items() if env in os.environ})
