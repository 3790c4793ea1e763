"""The private internals of others that the engine leans on: if one is renamed, this says which."""

import inspect
import os

import pytest
from aws_lambda_powertools.event_handler.api_gateway import BaseRouter
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import Metrics
from botocore import client, httpsession, signers
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.core import base_backend, botocore_stubber, config, model_instances, responses, serialize, utils
from moto.dynamodb import models as dynamodb
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords
from moto.dynamodb.responses import DynamoHandler
from moto.events.models import EventPattern, Rule
from moto.kms import utils as kms
from moto.moto_api._internal import moto_random
from moto.s3.models import FakeBucket
from moto.sqs.models import Message, Queue, SQSBackend
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_lambda
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_lambda
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function
from moto.stepfunctions.parser.asl.parse import asl_parser
from moto.stepfunctions.parser.asl.utils import boto_client, json_path
from moto.stepfunctions.parser.backend import execution, execution_worker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from urllib3.connectionpool import HTTPConnectionPool

from local import moto_patches

METHODS = [
    (FakeBucket, "get_permission", ["action", "resource"]),
    (dynamodb.DynamoDBBackend, "transact_write_items", ["transact_items"]),
    (dynamodb.DynamoDBBackend, "update_item", ["table_name", "key"]),
    (Table, "query", ["hash_key"]),
    (Table, "all_items", []),
    (StreamShard, "add", ["old", "new"]),
    (StreamRecord, "__init__", ["table", "stream_type", "event_name", "old", "new", "seq"]),
    (DynamoHandler, "transact_write_items", []),
    (ReservedKeywords, "get_reserved_keywords", []),
    (Queue, "add_message", ["message"]),
    (Queue, "delete_message", ["receipt_handle"]),
    (Message, "had_receipt_handle", ["receipt_handle"]),
    (SQSBackend, "is_message_valid_based_on_retention_period", ["queue_name", "message"]),
    (Message, "mark_received", ["visibility_timeout"]),
    (Rule, "send_to_targets", []),
    (EventPattern, "_flatten_dict", ["node"]),
    (EventPattern, "_does_event_match", ["event_flat", "pattern_node"]),
    (LambdaBackend, "create_event_source_mapping", ["spec"]),
    (LambdaFunction, "invoke", ["body", "request_headers", "response_headers"]),
    (StepFunctionsParserBackend, "start_execution", ["state_machine_arn", "name", "execution_input", "trace_header"]),
    (execution.Execution, "start", []),
    (execution_worker.ExecutionWorker, "start", []),
    (wait_function.WaitFunction, "_wait_interval", ["env", "wait_seconds"]),
    (state_task_lambda.StateTaskLambda, "_from_error", ["env", "ex"]),
    (state_task_service_lambda.StateTaskServiceLambda, "_error_cause_from_client_error", ["client_error"]),
    (asl_parser.AmazonStateLanguageParser, "parse", ["definition"]),
    (serialize.AttributePicker, "__call__", ["context"]),
    (moto_random.MotoRandom, "get_random_string", ["length", "include_digits", "lower_case"]),
    (botocore_stubber.BotocoreStubber, "process_request", ["request"]),
    (base_backend.BackendDict, "reset", []),
    (client.BaseClient, "_make_api_call", ["operation_name", "api_params"]),
    (httpsession.URLLib3Session, "send", ["request"]),
    (signers.RequestSigner, "handler", ["operation_name", "request"]),
    (HTTPConnectionPool, "urlopen", ["method", "url", "body", "headers"]),
]
NAMES = [
    (dynamodb, "copy"),
    (config, "default_user_config"),
    (model_instances, "reset_model_data"),
    (responses, "camelcase_to_underscores"),
    (responses, "method_names_from_class"),
    (utils, "camelcase_to_underscores"),
    (json_path, "parse"),
    (boto_client, "boto_client_for"),
    (asl_parser, "Preprocessor"),
    (kms, "rsa"),
    (Metrics, "_metrics"),
    (Metrics, "_dimensions"),
    (Metrics, "_metadata"),
    (LambdaPowertoolsFormatter, "log_format"),
    (os.environ, "_data"),
]


@pytest.mark.parametrize(("owner", "name", "parameters"), METHODS, ids=lambda it: getattr(it, "__name__", None))
def test_a_method_that_is_replaced_is_there_with_its_parameters(owner, name, parameters):
    found = inspect.signature(inspect.unwrap(getattr(owner, name))).parameters
    assert any(one.kind is one.VAR_KEYWORD for one in found.values()) or set(parameters) <= set(found)


@pytest.mark.parametrize(("owner", "name"), NAMES, ids=lambda it: getattr(it, "__name__", None))
def test_a_name_that_is_used_is_there(owner, name):
    assert hasattr(owner, name)


def test_the_current_event_of_powertools_is_declared_on_the_class():
    assert {"current_event", "lambda_context"} <= set(BaseRouter.__annotations__)


def test_what_moto_threads_with_is_replaced_everywhere():
    moto_patches.install()
    from local.moto_sagas import modules

    for module in modules():
        for name in ("Thread", "Event", "Lock", "threading"):
            assert getattr(getattr(module, name, None), "__module__", "") not in ("threading", "_thread"), module
            assert getattr(getattr(module, name, None), "__name__", "") != "threading", module
