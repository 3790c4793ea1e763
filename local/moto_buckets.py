"""The policies of buckets: moto takes every denial for unconditional, so one of plain HTTP would deny everything."""

import json
from typing import Any, Final

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from local.policies import Statement, allowed

# What is known of a request to S3. On AWS it comes by TLS; here it does not leave the process.
CONTEXT: Final = {"aws:SecureTransport": ("true",)}


def install() -> None:
    FakeBucket.get_permission = _permission


def _permission(bucket: FakeBucket, action: str, resource: str) -> Any:
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    statements = Statement.read(json.loads(bucket.policy))
    applying = [one for one in statements if one.applies(action, resource, CONTEXT)]
    if not applying:
        return PermissionResult.NEUTRAL
    permitted = allowed(applying, action, resource, CONTEXT)
    return PermissionResult.PERMITTED if permitted else PermissionResult.DENIED
