import pytest

from common.application.command_handler import CommandHandler
from common.domain.decider import Decider
from common.domain.errors import ConcurrentWrite
from common.domain.message import Origin

ORIGIN = Origin(actor="cus_1", correlation_id="c", causation_id="c")
counter = Decider(0, decide=lambda step, total: [step] if step else [], evolve=lambda total, step: total + step)


class Stream:
    """An in-memory repository into which a rival writes first, as many times as told."""

    def __init__(self, rivals=0):
        self.events, self.rivals, self.also = [], rivals, None

    def load(self, stream):
        return list(self.events)

    def save(self, stream, version, events, origin, *, also=()):
        if self.rivals:
            self.rivals -= 1
            self.events.append(100)
        if version != len(self.events):
            raise ConcurrentWrite(stream)
        self.events += events
        self.also = also


def test_it_decides_again_on_what_the_rival_wrote():
    assert CommandHandler(counter, Stream(rivals=2)).handle("s", 1, ORIGIN) == (201, [1], 3)


def test_it_gives_up_after_five_races():
    stream = Stream(rivals=5)
    with pytest.raises(ConcurrentWrite):
        CommandHandler(counter, stream).handle("s", 1, ORIGIN)
    assert stream.events == [100] * 5


def test_nothing_is_saved_when_nothing_happened():
    stream = Stream()
    assert CommandHandler(counter, stream).handle("s", 0, ORIGIN, also=["a mark"]) == (0, [], 0)
    assert (stream.events, stream.also) == ([], None)


def test_what_belongs_to_the_events_is_saved_with_them():
    stream = Stream()
    handler = CommandHandler(counter, stream, along=lambda events: [f"counter {events}"])
    handler.handle("s", 2, ORIGIN, also=lambda state, events, version: [f"answer {state} {events} {version}"])
    assert stream.also == ["counter [2]", "answer 2 [2] 1"]


def test_a_stream_can_be_read_as_it_stood():
    stream = Stream()
    stream.events = [1, 2, 3]
    handler = CommandHandler(counter, stream)
    assert (handler.state("s"), handler.state("s", version=2), handler.version("s").version) == (6, 3, 3)
