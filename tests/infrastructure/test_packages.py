"""What is uploaded can run: each handler with its own zip, the layer and Lambda's runtime, and nothing else."""

import json
import os
import subprocess
import sys
import sysconfig
from collections import defaultdict
from pathlib import Path

import pytest

from cdk.patterns.packing import THIS_MACHINE, pack_layer

RUNTIME = ("boto3", "botocore", "s3transfer", "dateutil", "six.py")  # in Lambda's own Python
LARGEST_LAYER = 40 * 1024**2  # bytes, unpacked

IMPORTS = """
import json, sys
from importlib import import_module
entries = {name: getattr(import_module(module), name) for module, name in json.loads(sys.argv[1])}
assert all(map(callable, entries.values())), entries
"""


@pytest.fixture(scope="module")
def layer(tmp_path_factory):
    target = tmp_path_factory.mktemp("layer") / "python"
    pack_layer(target, THIS_MACHINE)
    return target


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runtime")
    for name in RUNTIME:
        (folder / name).symlink_to(Path(sysconfig.get_paths()["purelib"], name))
    return folder


@pytest.fixture(scope="module")
def package(assembly):
    return lambda code: assembly / f"asset.{code['S3Key'].removesuffix('.zip')}"


def test_every_handler_imports_from_its_own_zip_and_the_layer_alone(functions, package, layer, runtime):
    entries = defaultdict(set)
    for function in functions.values():
        entries[package(function["Code"])].add(tuple(function["Handler"].rsplit(".", 1)))
    for zip, handlers in entries.items():
        done = subprocess.run(
            [sys.executable, "-S", "-c", IMPORTS, json.dumps(sorted(handlers))],
            env={
                "PYTHONPATH": os.pathsep.join(map(str, (zip, layer, runtime))),
                "PYTHONPYCACHEPREFIX": str(layer.parent / "bytecode"),  # outside of what is packed
                "LAMBDA_TASK_ROOT": str(zip),
                "AWS_LAMBDA_FUNCTION_NAME": "a-function",
                "AWS_REGION": "eu-west-1",
            },
            cwd=zip,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{sorted(handlers)}\n{done.stderr}"


def test_a_zip_holds_one_domain_and_no_bytecode(functions, package):
    for function in functions.values():
        folder = package(function["Code"])
        assert [path.name for path in folder.iterdir()] == [function["Handler"].partition(".")[0]]
        assert not list(folder.rglob("__pycache__"))


def test_the_layer_is_light_and_without_what_the_runtime_has(resources, package):
    [layer] = resources("AWS::Lambda::LayerVersion")
    folder = package(layer.properties["Content"]) / "python"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < LARGEST_LAYER
    assert not {"boto3", "botocore", "bin"} & {path.name for path in folder.iterdir()}
    assert (folder / "common/entrypoint/http.py").is_file()
    assert not list(folder.rglob("__pycache__"))


def test_every_function_has_the_layer_a_timeout_and_a_log_that_ends(functions, resources):
    [layer] = resources("AWS::Lambda::LayerVersion")
    logs = [one.properties for one in resources("AWS::Logs::LogGroup")]
    kept = {log["LogGroupName"]: log["RetentionInDays"] for log in logs if "LogGroupName" in log}
    for function in functions.values():
        assert function["Layers"] == [layer.ref]
        assert function["Timeout"] > 3, f"{function['FunctionName']} has Lambda's default time-out"
        assert kept[f"/aws/lambda/{function['FunctionName']}"]


def test_no_function_is_led_to_a_providers_sandbox(functions):
    for function in functions.values():
        assert "SANDBOX_URL" not in function["Environment"]["Variables"], function["FunctionName"]
