"""What the templates allow and have, and what of it was used: the other half of least privilege.

What is used and not allowed fails at the seam. What is allowed and never used shows only when all stories have been
played, by several processes: each leaves a file, and `./commerce privileges` reads them all. Routes that were never
asked, types of events that a rule has never carried and queues that brought nothing are found with them.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from local.platform import Platform
from local.policies import Statement, like

FOLDER: Final = Path(__file__).parents[1] / ".commerce/privileges"


class Privilege(NamedTuple):
    who: str  # the function's or the state machine's name; or that of a route, a rule or a queue
    action: str  # IAM's; or `asked`, `carries`, `brings`
    on: str  # the first resource of the statement, which may be a pattern; by its logical id if its ARN is random


def folder(assembly: Path) -> Path:
    """What is known of other templates says nothing about these."""
    return FOLDER / assembly.name


@contextmanager
def recorded(assembly: Path) -> Iterator[None]:
    """Note what becomes of the roles of each platform that runs these templates, as it stops."""
    allowed: set[Privilege] = set()
    used: set[Privilege] = set()
    stop = Platform.stop

    def noting_stop(platform: Platform) -> None:
        known = len(allowed) + len(used)
        if platform.assembly == assembly and hasattr(platform, "iam"):
            for privilege, was_used in (*_privileges(platform), *_parts(platform)):
                (used if was_used else allowed).add(privilege)
        if len(allowed) + len(used) > known:
            _write(assembly, allowed, used)
        stop(platform)

    setattr(Platform, "stop", noting_stop)  # noqa: B010
    try:
        yield
    finally:
        setattr(Platform, "stop", stop)  # noqa: B010


def never_used(assembly: Path) -> set[Privilege]:
    """By any process that has run these templates."""
    files = [json.loads(path.read_text()) for path in folder(assembly).glob("*.json")]
    allowed, used = ({Privilege(*one) for file in files for one in file[kind]} for kind in ("allowed", "used"))
    return allowed - used


def _privileges(platform: Platform) -> Iterator[tuple[Privilege, bool]]:
    names = {
        one.properties["Role"]: one.properties["FunctionName"] for one in platform.of_type("AWS::Lambda::Function")
    }
    machines = platform.of_type("AWS::StepFunctions::StateMachine")
    names |= {one.properties["RoleArn"]: one.properties["StateMachineName"] for one in machines}
    logical = {
        one.attributes.get("Arn", one.ref): f"{one.stack} {one.logical_id}"
        for one in (*platform.of_type("AWS::KMS::Key"), *platform.of_type("AWS::SecretsManager::Secret"))
    }
    touched: dict[tuple[str, str], list[str]] = defaultdict(list)
    for role, action, resource in platform.iam.used:
        touched[role, action].append(resource)
    for role, statements in platform.iam.granted.items():
        for statement in statements:
            for action in statement.actions if statement.allow else ():
                first = (*statement.resources, *(f"all but {one}" for one in statement.not_resources))[0]
                privilege = Privilege(names.get(role, role.rpartition("/")[2]), action, logical.get(first, first))
                yield privilege, any(_covers(statement, resource) for resource in touched[role, action])


def _parts(platform: Platform) -> Iterator[tuple[Privilege, bool]]:
    for route in platform.of_type("AWS::ApiGatewayV2::Route"):
        key = route.properties["RouteKey"]
        yield Privilege(key, "asked", "the API"), key in platform.gateway.asked
    for rule in platform.of_type("AWS::Events::Rule"):
        for told in rule.properties.get("EventPattern", {}).get("detail-type", ()):
            yield Privilege(rule.logical_id, "carries", told), (rule.ref, told) in platform.rules.carried
    for queue, carriers in platform.queues.items():
        for carrier in carriers:
            yield Privilege(queue, "brings", carrier.function), carrier.carried


def _covers(statement: Statement, resource: str) -> bool:
    if statement.not_resources:
        return not any(like(resource, pattern) for pattern in statement.not_resources)
    return any(like(resource, pattern) for pattern in statement.resources)


def _write(assembly: Path, allowed: set[Privilege], used: set[Privilege]) -> None:
    folder(assembly).mkdir(parents=True, exist_ok=True)
    found = json.dumps({"allowed": sorted(allowed), "used": sorted(used)})
    (folder(assembly) / f"{sha256(found.encode()).hexdigest()[:16]}.json").write_text(found)
