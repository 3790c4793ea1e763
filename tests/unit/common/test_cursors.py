import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.errors import InvalidCursor
from common.entrypoint.pagination import Cursors

cursors = Cursors(b"key")
AFTER = {"pk": "orders", "sk": "2024"}


def test_a_cursor_leads_back_to_where_the_page_ended():
    assert cursors.open(cursors.seal(AFTER, "ada /orders"), "ada /orders") == AFTER
    assert cursors.seal(None, "ada /orders") is None
    assert cursors.open(None, "ada /orders") is None


def test_it_is_good_for_its_query_only():
    with pytest.raises(InvalidCursor):
        cursors.open(cursors.seal(AFTER, "ada /orders"), "bob /orders")


def test_another_key_makes_other_cursors():
    with pytest.raises(InvalidCursor):
        cursors.open(Cursors(b"guessed").seal(AFTER, "q"), "q")


def test_one_changed_bit_is_seen():
    raw = bytearray(base64.urlsafe_b64decode(cursors.seal(AFTER, "q") + "=="))
    raw[-1] ^= 1
    with pytest.raises(InvalidCursor):
        cursors.open(base64.urlsafe_b64encode(raw).decode().rstrip("="), "q")


@given(st.text(max_size=100))
def test_nothing_else_is_a_cursor(text):
    with pytest.raises(InvalidCursor):
        cursors.open(text, "q")
