"""CloudFormation resource types, each as one boto3 call. A type that is not here is an error, never skipped."""

from local.assembly import AssemblyError, Created
from local.resources import api, compute, events, observability, security, storage
from local.resources.aws import Aws, Creator

SKIPPED = {"AWS::CDK::Metadata"}

CREATORS: dict[str, Creator] = (
    storage.CREATORS | compute.CREATORS | events.CREATORS | api.CREATORS | security.CREATORS | observability.CREATORS
)


def create(aws: Aws, kind: str, name: str, properties: dict[str, object]) -> Created | None:
    if kind in SKIPPED:
        return None
    if kind not in CREATORS:
        raise AssemblyError("this resource type is not carried on a laptop")
    return CREATORS[kind](aws, name, properties)
