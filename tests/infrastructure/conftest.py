"""The synthesised templates, read once, with their references resolved to made-up ARNs."""

import pytest

from local.assembly import Assembly, Created, Provisioner
from local.cli.synth import assembly as synthesised


class Attributes(dict):
    """A resource has any attribute that a template asks for."""

    def __contains__(self, name):
        return True

    def __missing__(self, name):
        return f"{self['of']}/{name}"


def made_up(type, name, properties):
    arn = f"arn:aws:{type.split('::')[1].lower()}:eu-west-1:123456789012:made:{name}-abcdef"
    return Created(arn, Attributes(of=arn, Arn=arn))


@pytest.fixture(scope="session")
def assembly():
    return synthesised()


@pytest.fixture(scope="session")
def resources(assembly):
    """All of the given types, from all stacks."""
    provisioner = Provisioner(made_up)
    provisioner.provision(Assembly(assembly))

    def find(*types):
        return [one for one in provisioner.resources if one.type in types]

    return find


@pytest.fixture(scope="session")
def functions(resources):
    """Functions' properties, by ARN."""
    return {one.arn: one.properties for one in resources("AWS::Lambda::Function")}
