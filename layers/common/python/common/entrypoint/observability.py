"""The one logger, tracer and metrics. The CDK names them, through POWERTOOLS_SERVICE_NAME.

Domains say what happened through this port; that Powertools and X-Ray stand behind it is known here only.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

Handler = Callable[[dict[str, Any], Any], Any]

logger = Logger()
tracer = Tracer()
metrics = Metrics(namespace="commerce")


def observed(correlation_id_path: str | None = None) -> Callable[[Handler], Handler]:
    """Log with the caller's correlation id and trace, but never trace what is answered: it may be personal."""

    def decorate(handler: Handler) -> Handler:
        traced = tracer.capture_lambda_handler(handler, capture_response=False)

        @wraps(handler)
        def measured(event: dict[str, Any], context: Any) -> Any:
            try:
                return traced(event, context)
            finally:
                if metrics.metric_set:  # most invocations count nothing, and then there is nothing to say
                    metrics.flush_metrics()

        logged: Handler = logger.inject_lambda_context(
            measured, correlation_id_path=correlation_id_path, clear_state=True
        )
        return logged

    return decorate


def count(name: str, value: float = 1) -> None:
    """Add to a metric of this function's service. Alarms name the same words."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def trace_id() -> str:
    """One id for what the client sees, the logs say and the events carry."""
    return str(logger.get_correlation_id())
