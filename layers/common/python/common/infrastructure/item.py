"""A model as a DynamoDB item, and back."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

_serialize, _deserialize = TypeSerializer().serialize, TypeDeserializer().deserialize


def to_values(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serialize(value) for name, value in plain.items()}


def from_values(item: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers come back as Decimals; ours are whole."""
    return {name: _deserialize(value) for name, value in item.items()}


def to_item(model: BaseModel) -> dict[str, Any]:
    return to_values(model.model_dump(mode="json"))


def from_item(model: type[M], item: Mapping[str, Any]) -> M:
    return model.model_validate_json(json.dumps(from_values(item), default=int))
