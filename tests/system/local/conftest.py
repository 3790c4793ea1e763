"""The bakery, up and running, once per test."""

import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import bakery_templates  # noqa: E402

from local.platform import Platform  # noqa: E402


@pytest.fixture(scope="session")
def assembly(tmp_path_factory):
    return bakery_templates.write(tmp_path_factory.mktemp("bakery.out"))


@pytest.fixture
def open_bakery(assembly):
    """Open it with a seed of choice; it closes by itself."""
    platforms = []

    def start(seed=0):
        while platforms:
            platforms.pop().stop()
        platforms.append(Platform.start(assembly, root=HERE / "bakery", seed=seed))
        return platforms[-1]

    yield start
    for platform in platforms:
        platform.stop()


@pytest.fixture
def bakery(open_bakery):
    return open_bakery()


@pytest.fixture
def order(bakery):
    def order(loaf="l-1", **more):
        body = json.dumps({"loaf": loaf, **more}).encode()
        return bakery.request("POST", "/loaves", {"content-type": "application/json"}, body)

    return order


@pytest.fixture
def loaf(bakery):
    """What the table says of a loaf, as the operator sees it."""

    def loaf(name="l-1"):
        key = {"loaf": {"S": name}}
        item = bakery.operator("dynamodb").get_item(TableName="Bakery-Loaves", Key=key).get("Item", {})
        return {key: value["S"] for key, value in item.items()}

    return loaf


@pytest.fixture
def letters(bakery):
    """The bodies that wait in a queue."""

    def letters(queue):
        sqs = bakery.operator("sqs")
        url = sqs.get_queue_url(QueueName=f"Bakery-{queue}")["QueueUrl"]
        return [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=url).get("Messages", [])]

    return letters
