"""What templates mean."""

import json

import pytest

from local.assembly import Assembly, AssemblyError, Created, Provisioner


@pytest.fixture
def provision(tmp_path):
    """Provision one stack; every resource gets its logical id as reference, and its properties as attributes."""

    def provision(template, *more):
        artifacts = {}
        for number, one in enumerate((template, *more)):
            (tmp_path / f"{number}.json").write_text(json.dumps(one))
            artifacts[f"S{number}"] = {
                "type": "aws:cloudformation:stack",
                "properties": {"templateFile": f"{number}.json"},
                "dependencies": [f"S{number + 1}"] if number < len(more) else [],
            }
        (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
        made = []

        def create(kind, name, properties):
            made.append(name)
            return None if kind == "Skip" else Created(f"ref:{name}", {"Arn": f"arn:{name}"})

        provisioner = Provisioner(create)
        provisioner.provision(Assembly(tmp_path))
        return {one.logical_id: one.properties for one in provisioner.resources}, made

    return provision


def thing(**properties):
    return {"Type": "Thing", "Properties": properties}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"Ref": "Other"}, "ref:S0-Other"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "Bootstrap"}, "/cdk/version"),
        ({"Fn::GetAtt": ["Other", "Arn"]}, "arn:S0-Other"),
        ({"Fn::GetAtt": "Other.Arn"}, "arn:S0-Other"),
        ({"Fn::Join": ["/", ["a", {"Ref": "AWS::AccountId"}]]}, "a/123456789012"),
        (
            {"Fn::Sub": "${Other}:${Other.Arn}:${AWS::Partition}:${!Literal}"},
            "ref:S0-Other:arn:S0-Other:aws:${Literal}",
        ),
        ({"Fn::Sub": ["${x}", {"x": {"Ref": "Other"}}]}, "ref:S0-Other"),
        ({"Fn::Select": [1, {"Fn::Split": [":", "a:b:c"]}]}, "b"),
        ({"Fn::If": ["Yes", 1, 2]}, 1),
        ({"Fn::If": ["No", 1, 2]}, 2),
        ([{"Ref": "AWS::NoValue"}, 1], [1]),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_references_are_resolved(said, meant, provision):
    template = {
        "Parameters": {"Bootstrap": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk/version"}},
        "Conditions": {
            "Yes": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
            "No": {"Fn::Not": [{"Condition": "Yes"}]},
        },
        "Resources": {"One": thing(value=said), "Other": thing()},
    }
    assert provision(template)[0]["One"] == {"value": meant}


def test_what_is_referred_to_is_made_first(provision):
    template = {"Resources": {"A": {**thing(), "DependsOn": "C"}, "B": thing(of={"Ref": "A"}), "C": thing()}}
    assert provision(template)[1] == ["S0-C", "S0-A", "S0-B"]


def test_exports_cross_stacks_in_the_order_of_their_dependencies(provision):
    exporting = {
        "Resources": {"Bus": thing()},
        "Outputs": {"Out": {"Value": {"Ref": "Bus"}, "Export": {"Name": "bus"}}},
    }
    importing = {"Resources": {"Rule": thing(bus={"Fn::ImportValue": "bus"})}}
    assert provision(importing, exporting)[0]["Rule"] == {"bus": "ref:S1-Bus"}


def test_what_a_condition_excludes_is_not_made(provision):
    template = {
        "Conditions": {"No": {"Fn::Equals": [1, 2]}},
        "Resources": {"A": {**thing(), "Condition": "No"}, "B": {"Type": "Skip"}},
    }
    assert provision(template)[0] == {}


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        (thing(a={"Fn::GetAtt": ["One", "Arn"]}), "One has no attribute Arn"),
        (thing(a={"Fn::Transform": 1}), "Fn::Transform is not known here"),
    ],
)
def test_what_cannot_be_carried_is_named(resource, says, provision):
    with pytest.raises(AssemblyError, match=says):
        provision({"Resources": {"One": resource}})


def test_an_unknown_type_is_an_error_that_names_it(tmp_path, assembly_of):
    from local.platform import Platform

    folder = assembly_of({"Resources": {"Zoo": {"Type": "AWS::Zoo::Animal", "Properties": {}}}})
    with pytest.raises(AssemblyError, match=r"S/Zoo \(AWS::Zoo::Animal\): this resource type is not carried"):
        Platform.start(folder)


@pytest.fixture
def assembly_of(tmp_path):
    def write(template):
        (tmp_path / "S.json").write_text(json.dumps(template))
        artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.json"}}
        (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"S": artifact}}))
        return tmp_path

    return write


def test_without_an_assembly_it_says_so(tmp_path):
    with pytest.raises(AssemblyError, match="holds no cloud assembly"):
        Assembly(tmp_path / "nowhere")
