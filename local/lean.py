"""Keeps out of the process what others import for features that nobody uses here, and that takes seconds to import.

Import this before them.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from types import ModuleType
from typing import Any


class JobStatus(Enum):
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@contextmanager
def _instead(**modules: ModuleType | None) -> Iterator[None]:
    """Let these stand where modules of those names would be imported, unless they already are. None: not there."""
    stood_in = {name.replace("__", "."): module for name, module in modules.items()}
    stood_in = {name: module for name, module in stood_in.items() if name not in sys.modules}
    sys.modules.update(stood_in)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in stood_in:
            del sys.modules[name]


def _batch_jobs() -> ModuleType:
    """What Step Functions' integration of AWS Batch needs of moto's Batch, which brings all of EC2."""
    utils: Any = ModuleType("moto.batch.utils")
    utils.JobStatus = JobStatus
    return utils  # type: ignore[no-any-return]


with _instead(pytest=None):  # it offers a fixture wherever pytest is installed
    import time_machine
with _instead(moto__batch=ModuleType("moto.batch"), moto__batch__utils=_batch_jobs()):
    import moto.stepfunctions.parser.models  # noqa: F401

__all__ = ["time_machine"]
