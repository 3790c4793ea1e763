"""What is personal opens with its person's key, and with no other; without the key it is gone."""

import json

import boto3
import pytest
from cryptography.exceptions import InvalidTag
from pydantic import BaseModel

from common.domain.sealed import PersonErased
from common.infrastructure.person_keys import PersonKeys
from common.infrastructure.transaction import commit


class Letter(BaseModel):
    text: str


LETTER = Letter(text="1 Loop, Berlin")


@pytest.fixture
def vault(person_keys):
    master_key, dynamodb = person_keys
    return lambda: PersonKeys(dynamodb, boto3.client("kms"), "commerce-person-keys", master_key)


def test_what_is_sealed_says_nothing_and_opens_again_anywhere(vault):
    sealed = vault().seal("cus_ada", LETTER)
    assert "Loop" not in json.dumps(sealed.model_dump())
    assert vault().open(sealed, Letter) == LETTER


def test_the_same_thing_sealed_twice_looks_different(vault):
    keys = vault()
    assert keys.seal("cus_ada", LETTER).box != keys.seal("cus_ada", LETTER).box


def test_an_erased_persons_boxes_stay_shut_at_once_and_everywhere(vault, person_keys):
    ours, theirs = vault(), vault()
    sealed = ours.seal("cus_ada", LETTER)
    assert theirs.open(sealed, Letter) == LETTER
    commit(person_keys[1], [ours.destroy("cus_ada")])
    assert (ours.open(sealed, Letter), theirs.open(sealed, Letter)) == (None, None)
    with pytest.raises(PersonErased):
        theirs.seal("cus_ada", LETTER)
    assert vault().open(vault().seal("cus_bob", LETTER), Letter) == LETTER


def test_a_box_that_is_moved_or_changed_does_not_open(vault):
    keys = vault()
    keys.seal("cus_bob", LETTER)
    sealed = keys.seal("cus_ada", LETTER)
    with pytest.raises(InvalidTag):
        keys.open(sealed.model_copy(update={"person": "cus_bob"}), Letter)


def test_two_who_make_a_key_at_once_use_the_same(vault, meanwhile):
    first, boxes = vault(), []
    meanwhile(first, "_wrapped", lambda: boxes.append(vault().seal("cus_ada", LETTER)))
    boxes.append(first.seal("cus_ada", LETTER))
    assert [vault().open(box, Letter) for box in boxes] == [LETTER, LETTER]
