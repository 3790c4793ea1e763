"""Corrections to moto's Step Functions interpreter: the scheduler's tasks for threads, the platform's clock, speed."""

import logging
import re
import sys
from functools import cache
from typing import Any
from uuid import uuid4

import moto.stepfunctions.parser.models as parser
from botocore.exceptions import ClientError
from moto.core.models import botocore_stubber
from moto.stepfunctions.parser.api import HistoryEventType, LambdaFunctionFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import StateTaskLambda
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.parse import asl_parser
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.stepfunctions.parser.backend.execution import Execution

from local.moto_hooks import connected
from local.scheduler import Waiting
from local.threads import Threads

PARSER = "moto.stepfunctions.parser"
KEEPS_STATE = re.compile(r'"Type"\s*:\s*"(Map|Parallel)"')


class Forgetful:
    """In place of moto's list of threads to join, which would hold every execution for ever."""

    def append(self, thread: object) -> None:
        return None


def install() -> None:
    _threads()
    _waits()
    _clients()
    _parse_once()
    _names()
    _lambda_errors()
    # An execution that fails is an outcome like others: history tells it, the console need not.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)


def modules() -> list[Any]:
    return [module for name, module in list(sys.modules.items()) if name.startswith(PARSER) and module]


def _threads() -> None:
    threads = Threads(lambda: connected().scheduler)
    for module in modules():
        for name in ("Thread", "Event", "Lock"):
            if getattr(getattr(module, name, None), "__module__", None) in ("threading", "_thread"):
                setattr(module, name, getattr(threads, name))
        if getattr(getattr(module, "threading", None), "__name__", None) == "threading":
            module.threading = threads
        if hasattr(module, "TMP_THREADS"):
            module.TMP_THREADS = Forgetful()


def _waits() -> None:
    def wait(self: WaitFunction, env: Any, wait_seconds: int) -> None:
        if wait_seconds > 0:
            connected().scheduler.sleep(wait_seconds, Waiting.PAUSE)

    WaitFunction._wait_interval = wait


def _clients() -> None:
    uncached = boto_client.boto_client_for

    @cache
    def client_for(region: str, service: str) -> Any:
        enabled, botocore_stubber.enabled = botocore_stubber.enabled, True  # else it wants a moto server's address
        try:
            return uncached(region=region, service=service)
        finally:
            botocore_stubber.enabled = enabled

    def cached(region: str, service: str, state_credentials: Any = None) -> Any:
        return client_for(region, service)

    for module in modules():
        if getattr(module, "boto_client_for", None) is uncached:
            module.boto_client_for = cached


def _parse_once() -> None:
    """Parsing takes most of a short saga's time. States that keep nothing between runs can serve all executions."""
    parse = cache(asl_parser.AmazonStateLanguageParser.parse)

    def parsed(definition: str) -> Any:
        program, tree = parse(definition)
        if KEEPS_STATE.search(definition):
            program = asl_parser.Preprocessor().visit(tree)
        return program, tree

    asl_parser.AmazonStateLanguageParser.parse = staticmethod(parsed)


def _names() -> None:
    start = parser.StepFunctionsParserBackend.start_execution

    def start_named(
        self: Any, state_machine_arn: str, name: Any = None, execution_input: Any = None, trace_header: Any = None
    ) -> Any:
        return start(self, state_machine_arn, name or str(uuid4()), execution_input, trace_header)

    begin = Execution.start

    def begin_as_itself(self: Execution) -> None:
        scheduler = connected().scheduler
        heir, scheduler.heir = scheduler.heir, connected().saga(self)
        try:
            begin(self)
        finally:
            scheduler.heir = heir

    parser.StepFunctionsParserBackend.start_execution = start_named
    Execution.start = begin_as_itself


def _lambda_errors() -> None:
    """A task that names a function by its ARN gets Lambda's own errors as `Lambda.<code>`, as the integration does."""
    uncorrected = StateTaskLambda._from_error

    def from_error(self: StateTaskLambda, env: Any, ex: Exception) -> FailureEvent:
        if not isinstance(ex, ClientError):
            return uncorrected(self, env, ex)
        error, cause = StateTaskServiceLambda._error_cause_from_client_error(ex)
        details = EventDetails(
            lambdaFunctionFailedEventDetails=LambdaFunctionFailedEventDetails(error=error, cause=cause)
        )
        kind = HistoryEventType.LambdaFunctionFailed
        return FailureEvent(env=env, error_name=CustomErrorName(error), event_type=kind, event_details=details)

    StateTaskLambda._from_error = from_error
