"""The platform in real time, over real sockets."""

import json
import threading
from pathlib import Path

import boto3
import httpx
import pytest

from local.server import PortBusy, Server

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def server(assembly):
    server = Server(assembly, port=0, root=HERE / "bakery").start()
    yield server
    server.stop()


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.api_url, timeout=40) as client:
        yield client


@pytest.fixture
def aws(server):
    def aws(service):
        keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
        return boto3.client(service, endpoint_url=server.aws_endpoint_url, region_name="eu-west-1", **keys)

    return aws


def test_an_order_goes_its_way(client):
    assert client.post("/loaves", json={"loaf": "l-1"}).status_code == 201
    assert client.post("/_local/settle", json={"timeout_s": 20}).json() == {"settled": True}
    assert client.get("/loaves/l-1").json()["state"] == "baked"


def test_many_at_once_are_answered(client):
    with_threads = [threading.Thread(target=client.post, args=("/loaves",), kwargs={"json": {}}) for _ in range(10)]
    for thread in with_threads:
        thread.start()
    for thread in with_threads:
        thread.join(20)
    assert client.post("/_local/settle").status_code == 200


def test_it_is_not_settled_while_a_message_is_to_come_again(client):
    client.post("/loaves", json={"loaf": "l-bad", "flour": "weevils"})
    assert client.post("/_local/settle", json={"timeout_s": 0.5}).status_code == 503
    for _ in range(3):
        client.post("/_local/clock/advance", json={"seconds": 61})
    assert client.post("/_local/settle").json() == {"settled": True}


def test_the_clock_goes_on_from_where_it_was_moved_to(client):
    before = client.get("/_local/clock").json()["now"]
    after = client.post("/_local/clock/advance", json={"seconds": 86_400}).json()["now"]
    assert before[:8] <= after[:8]
    assert before[:10] < after[:10]
    assert client.get("/_local/clock").json()["now"] > after


def test_the_aws_api_shows_what_is_there_and_runs_what_it_starts(client, aws):
    arn = aws("stepfunctions").list_state_machines()["stateMachines"][0]["stateMachineArn"]
    started = aws("stepfunctions").start_execution(stateMachineArn=arn, input='{"loaf": "l-aws", "flour": "rye"}')
    assert client.post("/_local/settle").json() == {"settled": True}
    assert aws("stepfunctions").describe_execution(executionArn=started["executionArn"])["status"] == "SUCCEEDED"
    found = aws("dynamodb").get_item(TableName="Bakery-Loaves", Key={"loaf": {"S": "l-aws"}})["Item"]
    assert found["state"] == {"S": "baked"}
    answer = aws("lambda").invoke(
        FunctionName="Bakery-Tasks", Payload=json.dumps({"step": "bake", "flour": "charcoal"})
    )
    assert (answer["FunctionError"], json.load(answer["Payload"])["errorType"]) == ("Unhandled", "Burnt")
    url = aws("sqs").get_queue_url(QueueName="Bakery-Unpublished")["QueueUrl"]
    aws("sqs").send_message(QueueUrl=url, MessageBody="by hand")
    assert aws("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == "by hand"
    stream = aws("dynamodbstreams").list_streams(TableName="Bakery-Loaves")["Streams"]
    assert len(stream) == 1


def test_the_console_is_a_page(client, server):
    assert server.console_url.startswith(server.api_url)
    assert "Bakery-Baking" in client.get("/_local/console").text


def test_a_busy_port_is_said_to_be_busy(server, assembly):
    with pytest.raises(PortBusy, match=r"Port \d+ of 127.0.0.1 is in use"):
        Server(assembly, port=int(server.api_url.rpartition(":")[2]))
