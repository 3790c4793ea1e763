"""Addresses and passwords."""

import pytest
from argon2 import Parameters, Type, extract_parameters

from identity import credentials
from identity.credentials import NOBODYS, Passwords, address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ada@Shop.Example ", "ada@shop.example"),
        ("ada.l+news@a-b.example", "ada.l+news@a-b.example"),
    ],
)
def test_a_mailbox_has_one_spelling(typed, kept):
    assert address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["ada", "ada@", "@shop.example", "ada@localhost", "a..b@shop.example", "a b@shop.example", "ada@-shop.example",
     "ada@shop.example\nBcc: bob@shop.example", "ädä@shop.example", "a" * 65 + "@shop.example", '"a"@shop.example'],
)  # fmt: skip
def test_what_no_mail_can_be_sent_to_is_no_address(typed):
    with pytest.raises(ValueError):
        address(typed)


def test_a_password_is_the_same_however_its_letters_are_composed():
    passwords = Passwords()
    assert passwords.match("cafe\u0301 au lait", passwords.hash("caf\u00e9 au lait"))
    assert not passwords.match("cafe au lait", passwords.hash("caf\u00e9 au lait"))


def test_nobodys_password_costs_what_a_real_one_costs_and_matches_none():
    expected = Parameters(Type.ID, 19, 16, 32, credentials.PASSES, credentials.MEMORY_KIB, credentials.LANES)
    assert extract_parameters(NOBODYS) == extract_parameters(Passwords().hash("x" * 8)) == expected
    assert not Passwords().match("nobody's password", None)
