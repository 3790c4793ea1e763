"""moto's own objects, where the engine needs more than the API tells, or sooner."""

from functools import cache
from typing import Any

from moto.backends import get_backend
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local.assembly import ACCOUNT, REGION


@cache
def backend(service: str) -> Any:
    """moto's state of a service. To be asked anew after moto was reset."""
    found = stepfunctions_parser_backends if service == "stepfunctions" else get_backend(service)
    return found[ACCOUNT][REGION]
