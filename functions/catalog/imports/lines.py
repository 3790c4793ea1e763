"""A line of an import: a product as POST /catalog/products takes it, or what is wrong with it. Pure."""

from typing import Any

from pydantic import BaseModel, ValidationError

from catalog.product.events import Product
from catalog.product.views import ProductRequest
from common.domain.errors import DomainError, Invalid
from common.entrypoint.strict_json import strict_json

MAX_LINE = 64 * 1024  # bytes
NAMED = 3  # wrong fields of a line that are reported
CHANGEABLE = ("name", "description", "category", "price", "attributes", "images")


class LineError(BaseModel):
    line: int  # from 1
    field: str  # as in `price.amount`; empty when the whole line is to blame
    message: str


class LineTooLong(Invalid): ...


class ParentIsFixed(Invalid): ...


def parse(line: bytes) -> ProductRequest:
    """Raise ValidationError, or a refusal of JSON that is none, or too long."""
    if len(line) > MAX_LINE:
        raise LineTooLong(f"A line may have {MAX_LINE} bytes.")
    return ProductRequest.model_validate(strict_json(line.decode()))


def changes(wanted: ProductRequest, product: Product) -> dict[str, Any]:
    """What the line says of a product that there is. What it leaves out stays as it is."""
    if "parent_id" in wanted.model_fields_set and wanted.parent_id != product.parent_id:
        raise ParentIsFixed("A product stays with its parent.", field="parent_id")
    return {name: getattr(wanted, name) for name in CHANGEABLE if name in wanted.model_fields_set}


def faults(line: int, error: ValidationError | DomainError) -> list[LineError]:
    if isinstance(error, DomainError):
        return [LineError(line=line, field=error.field or "", message=str(error))]
    wrong = error.errors(include_url=False, include_context=False, include_input=False)[:NAMED]
    return [LineError(line=line, field=".".join(map(str, one["loc"]))[:100], message=one["msg"][:200]) for one in wrong]
