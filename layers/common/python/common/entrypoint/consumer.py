"""Events in from a queue, one function call for each. What fails is reported alone; the rest is done."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from common.domain.errors import AlreadyDone
from common.domain.message import Message
from common.entrypoint.clock import sent_at
from common.entrypoint.observability import Handler, logger, observed

R = TypeVar("R")


class Delivery(NamedTuple):
    """One attempt to tell a consumer something."""

    message: Message
    attempt: int  # from 1; a later one comes when the queue's visibility time-out is over, and the one before has died
    at: datetime  # when the message was put into the queue


def consumer_handler(hear: Callable[[Message], None]) -> Handler:
    """A queue delivers at least once and in any order; `hear` makes of it once, by an inbox mark or a version gate.

    AlreadyDone means heard before, and is success. Any other error leaves the message on the queue, to be tried
    again and then kept as a dead letter.
    """
    return delivery_handler(lambda delivery: hear(delivery.message))


def delivery_handler(hear: Callable[[Delivery], None]) -> Handler:
    """The same, for whom the attempt matters."""

    def one(record: SQSRecord) -> None:
        message = Message.model_validate_json(record.body)
        logger.set_correlation_id(message.correlation_id)
        attempt = int(record.attributes.approximate_receive_count)
        try:
            hear(Delivery(message, attempt, sent_at(record.raw_event)))
        except AlreadyDone:
            logger.debug("heard before", extra={"message_id": message.id})

    @observed()
    def handler(event: dict[str, Any], context: Any) -> Any:
        processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
        answer = process_partial_response(event, one, processor, context)
        for kind, error, _ in processor.exceptions:
            logger.error("not heard", extra={"error": getattr(kind, "__name__", str(kind)), "detail": str(error)[:500]})
        return answer

    return handler


def folding_handler(read: Callable[[Message], R], fold: Callable[[Sequence[R]], None]) -> Handler:
    """For who makes few writes of many messages: each is read alone, and all that could be read are folded together.

    What cannot be read fails alone. When `fold` fails, all come again: it must make of a message once, whichever
    others it comes with.
    """

    @observed()
    def handler(event: dict[str, Any], context: Any) -> Any:
        readable: dict[str, R] = {}
        failed: list[str] = []
        for record in event["Records"]:
            try:
                readable[record["messageId"]] = read(Message.model_validate_json(record["body"]))
            except Exception as error:  # whatever it is, it is this message's, and must not keep the others
                logger.error("not heard", extra={"error": type(error).__name__, "detail": str(error)[:500]})
                failed.append(record["messageId"])
        if readable:
            fold(list(readable.values()))
        return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}

    return handler


def batch_handler(hear_all: Callable[[Sequence[Message]], None]) -> Handler:
    """For who folds many messages into few writes: all together first, one by one if that fails.

    `hear_all` must make of a message once, together with others or alone.
    """

    @observed()
    def handler(event: dict[str, Any], context: Any) -> Any:
        try:
            hear_all([Message.model_validate_json(record["body"]) for record in event["Records"]])
        except Exception as error:
            logger.warning("the batch is taken apart", extra={"error": type(error).__name__})
            return one_by_one(event, context)
        return {"batchItemFailures": []}

    def hear_alone(delivery: Delivery) -> None:
        hear_all([delivery.message])

    one_by_one: Handler = delivery_handler(hear_alone)
    return handler
