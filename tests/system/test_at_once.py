"""Requests that are on their way together, on one process of the laptop's as on many of AWS's."""

import json

import pytest


@pytest.mark.parametrize("turn", range(5))
def test_nobody_is_taken_for_another_who_asks_at_the_same_time(turn, platform, shop):
    people = [shop.join(f"person-{turn}-{number}@customer.example") for number in range(3)]
    pending = [
        platform.start_request("GET", "/identity/me", {"authorization": f"Bearer {person.token}"})
        for person in people
        for _ in range(4)
    ]
    answered = [json.loads(each.result().body)["email"] for each in pending]
    assert answered == [f"person-{turn}-{number}@customer.example" for number in range(3) for _ in range(4)]
