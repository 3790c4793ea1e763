"""Reads a synthesised cloud assembly and works out what its templates mean: references, exports, conditions."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"

Json = Any


class AssemblyError(Exception):
    """The assembly cannot be carried: it is missing, broken, or says something the laptop does not know."""


@dataclass(frozen=True)
class Resource:
    """A resource that now exists: what its template said, with every reference resolved, and what it answers to."""

    type: str
    stack: str
    logical_id: str
    properties: dict[str, Any]
    ref: str
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return str(self.attributes["Arn"])


@dataclass(frozen=True)
class Created:
    ref: str
    attributes: dict[str, Any] = field(default_factory=dict)


# type, physical name to use if the template gives none, properties
Create = Callable[[str, str, dict[str, Any]], Created | None]


@cache
def read(path: Path, changed: float) -> Json:
    """A JSON file, read once as long as it does not change."""
    return json.loads(path.read_text())


class Assembly:
    def __init__(self, folder: Path) -> None:
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            raise AssemblyError(f"{folder} holds no cloud assembly; synthesise one first")
        artifacts = read(manifest, manifest.stat().st_mtime)["artifacts"]
        self._folder = folder
        self._stacks = {name: item for name, item in artifacts.items() if item["type"] == "aws:cloudformation:stack"}

    def stacks(self) -> Iterator[tuple[str, Json]]:
        """Each stack's name and template, after those it depends on."""
        done: set[str] = set()

        def visit(name: str) -> Iterator[str]:
            if name in self._stacks and name not in done:
                done.add(name)
                for dependency in self._stacks[name].get("dependencies", []):
                    yield from visit(dependency)
                yield name

        for first in self._stacks:
            for name in visit(first):
                item = self._stacks[name]["properties"]
                path = self._folder / item["templateFile"]
                yield item.get("stackName", name), read(path, path.stat().st_mtime)


class Provisioner:
    """Creates what the templates say, each resource after those it refers to."""

    def __init__(self, create: Create) -> None:
        self.resources: list[Resource] = []
        self.outputs: dict[str, dict[str, Any]] = {}
        self._create = create
        self._exports: dict[str, Any] = {}

    def provision(self, assembly: Assembly) -> None:
        for name, template in assembly.stacks():
            stack = _Stack(name, template, self._exports, self._create, self.resources)
            self.outputs[name] = stack.provision()


class _Stack:
    def __init__(
        self, name: str, template: Json, exports: dict[str, Any], create: Create, resources: list[Resource]
    ) -> None:
        self._name, self._template, self._exports = name, template, exports
        self._create, self._resources = create, resources
        self._made: dict[str, Resource | None] = {}
        self._pseudo = {
            "AWS::Region": REGION,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": name,
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/local",
            "AWS::NoValue": None,
        }

    def provision(self) -> dict[str, Any]:
        for logical_id in self._template.get("Resources", {}):
            self._make(logical_id)
        values = {}
        for name, output in self._template.get("Outputs", {}).items():
            if self._holds(output.get("Condition")):
                values[name] = self._resolve(output["Value"])
                if "Export" in output:
                    self._exports[self._resolve(output["Export"]["Name"])] = values[name]
        return values

    def _make(self, logical_id: str) -> Resource | None:
        if logical_id in self._made:
            return self._made[logical_id]
        self._made[logical_id] = None
        described = self._template["Resources"][logical_id]
        if not self._holds(described.get("Condition")):
            return None
        after = described.get("DependsOn", [])
        for dependency in [after] if isinstance(after, str) else after:
            self._make(dependency)
        properties = self._resolve(described.get("Properties", {}))
        try:
            created = self._create(described["Type"], f"{self._name}-{logical_id}", properties)
        except Exception as error:
            raise AssemblyError(f"{self._name}/{logical_id} ({described['Type']}): {error}") from error
        if created is not None:
            made = Resource(described["Type"], self._name, logical_id, properties, created.ref, created.attributes)
            self._made[logical_id] = made
            self._resources.append(made)
        return self._made[logical_id]

    def _holds(self, condition: str | None) -> bool:
        return condition is None or bool(self._resolve(self._template["Conditions"][condition]))

    def _resolve(self, value: Json) -> Json:
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(key, argument)] = value.items()
            if key == "Ref":
                return self._reference(argument)
            if key.startswith("Fn::") or (key == "Condition" and isinstance(argument, str)):
                return self._function(key, argument)
        resolved = {key: self._resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not None}

    def _reference(self, name: str) -> Json:
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._template.get("Parameters", {}):
            return self._template["Parameters"][name].get("Default", "")
        made = self._make(name)
        if made is None:
            raise AssemblyError(f"{self._name}: Ref to {name}, which does not exist")
        return made.ref

    def _attribute(self, name: str, attribute: str) -> Json:
        made = self._make(name)
        if made is None or attribute not in made.attributes:
            raise AssemblyError(f"{self._name}: {name} has no attribute {attribute}")
        return made.attributes[attribute]

    def _function(self, key: str, argument: Json) -> Json:
        match key:
            case "Fn::GetAtt":
                return self._attribute(*(argument.split(".", 1) if isinstance(argument, str) else argument))
            case "Fn::Join":
                return argument[0].join(str(part) for part in self._resolve(argument[1]))
            case "Fn::Sub":
                return self._substitute(argument)
            case "Fn::ImportValue":
                return self._exports[self._resolve(argument)]
            case "Fn::Select":
                return self._resolve(argument[1])[int(argument[0])]
            case "Fn::Split":
                return self._resolve(argument[1]).split(argument[0])
            case "Fn::If":
                return self._resolve(argument[1] if self._holds(argument[0]) else argument[2])
            case "Fn::Equals":
                return self._resolve(argument[0]) == self._resolve(argument[1])
            case "Fn::Not":
                return not self._resolve(argument[0])
            case "Fn::And":
                return all(self._resolve(item) for item in argument)
            case "Fn::Or":
                return any(self._resolve(item) for item in argument)
            case "Condition":
                return self._holds(argument)
            case "Fn::GetAZs":
                return [f"{REGION}{zone}" for zone in "abc"]
            case _:
                raise AssemblyError(f"{self._name}: {key} is not known here")

    def _substitute(self, argument: Json) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else (argument[0], self._resolve(argument[1]))

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in given:
                return str(given[name])
            found = self._attribute(*name.split(".", 1)) if "." in name else self._reference(name)
            return str(found)

        return re.sub(r"\$\{([^}]+)\}", value, text)
