"""Each branch begins where all begin, and leaves no trace but its answer."""

import os
import random

import pytest

from tests.system.branches import Died, branches


def test_no_branch_sees_what_another_has_done():
    seen = []

    def look(way):
        seen.append(way)
        return seen

    assert sorted(branches(look, [1, 2, 3])) == [(1, [1]), (2, [2]), (3, [3])]
    assert seen == []


def test_chance_is_the_same_in_each():
    [one, other] = [drawn for _, drawn in branches(lambda _: random.random(), [1, 2])]
    assert one == other == random.random()


def test_what_comes_of_one_may_lead_to_others():
    ways = [1]
    for way, answer in branches(lambda way: 2 * way, ways):
        if way < 8:
            ways.append(answer)
    assert ways == [1, 2, 4, 8]


def test_who_dies_without_a_word_is_told_of():
    with pytest.raises(Died, match="this one"):
        list(branches(lambda _: os._exit(3), ["this one"]))
