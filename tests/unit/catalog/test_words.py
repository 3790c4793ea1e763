"""Text as it is found and sorted."""

import pytest

from catalog.listing.words import MAX_WORDS, all_begin, fold, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Crème Brûlée", "creme brulee"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("ﬁne", "fine"), ("Å", "a")],
)
def test_case_and_accents_do_not_count(text, folded):
    assert fold(text) == folded


def test_words_come_once_in_order_and_not_without_end():
    assert words("Blue mug, blue!", "a_mug for té") == ["blue", "mug", "a", "for", "te"]
    assert len(words(" ".join(map(str, range(1000))))) == MAX_WORDS


def test_every_wanted_word_must_begin_one():
    assert all_begin(["mu", "blue"], ["blue", "mug"])
    assert not all_begin(["mu", "red"], ["blue", "mug"])
    assert not all_begin(["ug"], ["mug"])
