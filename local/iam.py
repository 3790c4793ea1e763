"""Authorises each call against the role that the templates give its caller, and remembers what was used."""

from collections import defaultdict
from collections.abc import Iterable

from local.api_call import ApiCall
from local.assembly import ACCOUNT, Resource
from local.aws_error import AwsError
from local.identity import Caller
from local.permissions import Need, needs
from local.policies import Statement, allowed

ROLE = f"arn:aws:iam::{ACCOUNT}:role/"


class Iam:
    def __init__(self, resources: Iterable[Resource]) -> None:
        self.granted: dict[str, list[Statement]] = defaultdict(list)  # by the role's ARN
        self.used: set[tuple[str, str, str]] = set()  # role, action, resource
        self._decided: dict[tuple[object, ...], bool] = {}
        managed: dict[str, list[Statement]] = {}
        for resource in resources:
            properties = resource.properties
            match resource.type:
                case "AWS::IAM::Role":
                    for inline in properties.get("Policies", []):
                        self.granted[resource.arn] += Statement.read(inline["PolicyDocument"])
                    for arn in properties.get("ManagedPolicyArns", []):
                        self.granted[resource.arn] += managed.get(arn, [])
                case "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy":
                    statements = managed[resource.ref] = Statement.read(properties["PolicyDocument"])
                    for role in properties.get("Roles", []):
                        self.granted[f"{ROLE}{role}"] += statements

    def authorise(self, caller: Caller, call: ApiCall) -> None:
        """Raise AccessDeniedException unless the caller's role allows all that the call does."""
        if caller.role is None or call.operation == "GetCallerIdentity":
            return
        for need in needs(call):
            resource = self._allowed(caller.role, need)
            if resource is None:
                raise _denied(caller, need)
            self.used.add((caller.role, need.action, resource))

    def require(self, role: str, action: str, resource: str) -> None:
        """Raise PermissionError unless the role allows what AWS will do in its name."""
        if self._allowed(role, Need(action, (resource,))) is None:
            raise PermissionError(f"{role.rpartition('/')[2]} does not allow {action} on {resource}")
        self.used.add((role, action, resource))

    def _allowed(self, role: str, need: Need) -> str | None:
        """The name of the resource by which it is allowed."""
        context = tuple(sorted(need.context.items()))
        for resource in need.resources:
            question = (role, need.action, resource, context)
            if question not in self._decided:
                self._decided[question] = allowed(self.granted[role], need.action, resource, need.context)
            if self._decided[question]:
                return resource
        return None


def _denied(caller: Caller, need: Need) -> AwsError:
    role = str(caller.role).rpartition("/")[2]
    who = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{caller.name}"
    what = f"is not authorized to perform: {need.action} on resource: {need.resources[0]}"
    why = f"because no identity-based policy allows the {need.action} action"
    return AwsError("AccessDeniedException", f"User: {who} {what} {why}")
