"""Rows beside the streams: projections that never go back, pages, writes that are left over."""

import pytest

from common.infrastructure.rows import Rows


class TakesTwoAtATime:
    """BatchWriteItem and BatchGetItem may leave any part undone."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    def batch_write_item(self, RequestItems):
        [(table, wanted)] = RequestItems.items()
        self._client.batch_write_item(RequestItems={table: wanted[:2]})
        return {"UnprocessedItems": {table: wanted[2:]} if wanted[2:] else {}}

    def batch_get_item(self, RequestItems):
        [(table, wanted)] = RequestItems.items()
        answer = self._client.batch_get_item(RequestItems={table: {**wanted, "Keys": wanted["Keys"][:2]}})
        left = wanted["Keys"][2:]
        return {**answer, "UnprocessedKeys": {table: {"Keys": left}} if left else {}}


@pytest.fixture
def rows(tables):
    return Rows(TakesTwoAtATime(tables("door")), "commerce-door-state")


def keys(found):
    return sorted(row["sk"] for row in found)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 3), (3, 2, 1)])
def test_a_projection_never_goes_back(rows, order):
    for version in order:
        rows.project({"pk": "p", "sk": "-", "said": version}, version)
    assert rows.get("p")["said"] == 3


def test_what_a_batch_leaves_over_is_sent_again(rows):
    rows.put_all({"pk": "p", "sk": f"{n:02}"} for n in range(60))
    assert keys(rows.every("p")) == [f"{n:02}" for n in range(60)]
    assert keys(rows.get_all(("p", f"{n:02}") for n in range(5))) == ["00", "01", "02", "03", "04"]


def test_pages_join_without_a_gap_or_a_repeat(rows):
    rows.put_all({"pk": "p", "sk": f"{n:02}"} for n in range(7))
    seen, after = [], None
    while True:
        page = rows.query("p", limit=3, after=after, newest_first=True)
        seen += [row["sk"] for row in page.rows]
        if (after := page.after) is None:
            break
    assert seen == [f"{n:02}" for n in reversed(range(7))]


def test_a_condition_that_does_not_hold_is_said_and_changes_nothing(rows):
    assert rows.put({"pk": "p", "sk": "-", "n": 1}, "attribute_not_exists(#pk)")
    assert not rows.put({"pk": "p", "sk": "-", "n": 2}, "attribute_not_exists(#pk)")
    assert rows.update("p", "-", "SET #n = :n", "#n = :old", n=5, old=4) is None
    assert not rows.delete("p", "-", "#n = :n", n=2)
    assert rows.get("p")["n"] == 1
