"""A batch from a queue: what fails is reported alone, and nothing that was not heard is taken for done."""

import pytest

from common.domain.errors import AlreadyDone
from common.entrypoint.consumer import batch_handler, consumer_handler, folding_handler


@pytest.fixture
def said(message):
    return lambda *types: [message("order", type, "ord_1", {}, sequence=n) for n, type in enumerate(types, 1)]


class Hears:
    def __init__(self):
        self.heard = []

    def __call__(self, message):
        if message.type == "Again":
            raise AlreadyDone("heard before")
        if message.type == "Bad":
            raise RuntimeError("cannot")
        self.heard.append(message.type)


def test_one_that_fails_is_reported_alone(deliver, said):
    hear = Hears()
    assert deliver(consumer_handler(hear), *said("Good", "Bad", "Good")) == [1]
    assert hear.heard == ["Good", "Good"]


def test_what_was_heard_before_is_success(deliver, said):
    assert deliver(consumer_handler(Hears()), *said("Again", "Good")) == []


@pytest.mark.parametrize("body", ["", "nonsense", "{}", '{"id": 1}'])
def test_what_is_no_message_stays_on_the_queue_and_spoils_nothing(deliver, said, body):
    hear = Hears()
    assert deliver(consumer_handler(hear), body, *said("Good")) == [0]
    assert hear.heard == ["Good"]


class Folds(list):
    """The batches that were folded."""

    def __call__(self, read):
        if "Poison" in read:
            raise RuntimeError("cannot")
        self.append(list(read))


def type_of(message):
    if message.type == "Bad":
        raise LookupError("cannot be read")
    return message.type


@pytest.mark.parametrize("body", ["nonsense", "{}"])
def test_what_cannot_be_read_fails_alone_and_the_rest_is_folded_together(deliver, said, body):
    folds = Folds()
    assert deliver(folding_handler(type_of, folds), *said("Good", "Bad", "Good"), body) == [1, 3]
    assert folds == [["Good", "Good"]]


def test_nothing_is_folded_when_nothing_can_be_read(deliver, said):
    folds = Folds()
    assert deliver(folding_handler(type_of, folds), *said("Bad")) == [0]
    assert folds == []


def test_when_folding_fails_the_whole_batch_comes_again(deliver, said):
    with pytest.raises(RuntimeError):
        deliver(folding_handler(type_of, Folds()), *said("Good", "Poison"))


def test_a_batch_that_fails_together_is_taken_apart(deliver, said):
    heard = []

    def hear_all(messages):
        if any(message.type == "Bad" for message in messages):
            raise RuntimeError("cannot")
        heard.append([message.type for message in messages])

    assert deliver(batch_handler(hear_all), *said("Good", "Good")) == []
    assert deliver(batch_handler(hear_all), *said("Good", "Bad", "Good")) == [1]
    assert heard == [["Good", "Good"], ["Good"], ["Good"]]
