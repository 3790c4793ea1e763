import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.errors import Malformed
from common.entrypoint.strict_json import CardNumberRefused, strict_json

VISA = "4242424242424242"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e400}',
        '{"a": 1, "a": 2}',
        '{"b": [{"a": 1, "a": 2}]}',
        '"\\ud800"',
        "[" * 100_000,
        "1" * 5_000,
    ],
    ids=["empty", "open", "NaN", "Infinity", "1e400", "twice", "twice within", "half a pair", "deep", "5,000 digits"],
)
def test_what_python_takes_or_dies_of_is_malformed(text):
    with pytest.raises(Malformed):
        strict_json(text)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"note": f"my card is {VISA}"}, "note"),
        ({"items": [{"x": "4242 4242 4242 4242"}]}, "items.0.x"),
        ({"n": int(VISA)}, "n"),
        ({"4242-4242-4242-4242": 1}, ""),
    ],
    ids=["in a text", "spaced", "as a number", "as a name"],
)
def test_a_card_number_is_refused_and_not_repeated(body, field):
    with pytest.raises(CardNumberRefused) as refused:
        strict_json(json.dumps(body))
    assert refused.value.field == field
    assert VISA[:6] not in str(refused.value)


@pytest.mark.parametrize("text", ["4242424242424243", "424242424242", "1.4242424242424242", "a4242424242424242"])
def test_other_digits_are_fine(text):
    assert strict_json(json.dumps({"note": text})) == {"note": text}


@given(st.recursive(st.none() | st.booleans() | st.integers(-999, 999) | st.text("abc"), st.lists, max_leaves=20))
def test_ordinary_json_is_read_as_json_reads_it(value):
    assert strict_json(json.dumps({"value": value})) == {"value": value}


@pytest.mark.parametrize("text", ["[]", '[{"a": 1}]'])
def test_a_list_is_no_body(text):
    """Of one, it would be taken for the one."""
    with pytest.raises(Malformed):
        strict_json(text)
