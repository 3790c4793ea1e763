"""Should a SKU's row ever say less than its reservations, nothing is taken from it: no figure goes below zero."""

import pytest

from inventory.stock.rows import BooksDisagree


@pytest.fixture
def spoil(warehouse):
    """Set what the SKU's only row says."""

    def spoil(sku, **said):
        table, where = "commerce-inventory-state", {"on_hand", "reserved", "available"}
        [row] = [
            row for row in warehouse.scan(TableName=table)["Items"] if where <= row.keys() and sku in row["pk"]["S"]
        ]
        warehouse.put_item(TableName=table, Item=row | {name: {"N": str(value)} for name, value in said.items()})

    return spoil


@pytest.mark.parametrize("task", ["ReleaseStock", "CommitStock"])
def test_what_is_not_there_is_not_moved(task, adjust, reserve, step, spoil, figures, commits):
    adjust("mug", 5)
    reserve(mug=2)
    step("HoldStock")
    spoil("mug", reserved=1)
    before = len(commits())
    with pytest.raises(BooksDisagree):
        step(task)
    assert (figures("mug"), len(commits())) == ((5, 1, 4), before)
