"""A proof says what it tried and how to see again what broke, and the exit code is honest; with proofs made up here."""

import pytest

from local.cli import output, prove
from local.cli.output import Problem
from local.cli.prove import PROOFS, Proof
from local.cli.synth import ROOT

WELL = """
def test_one(): print("crash anywhere: made up: 3 of 3")
def test_two(): pass
"""
HOW = {
    "in words": 'pytest.fail(f"it broke\\nreproduce: {again}")',
    "by an assertion": 'assert 1 == 2, f"play it again: {again}"',
    "as a note": 'error = ValueError("it broke"); error.add_note(f"reproduce: {again}"); raise error',
}
WITH_REPRODUCER = """
import pytest
def test_one(): pass
def test_two():
    again = "COMMERCE_SEED=7 ./commerce test somewhere.py"
    {}
"""
WITHOUT_REPRODUCER = """
import pytest
@pytest.mark.parametrize("name", ["a b"])
def test_one(name): assert name == "a"
"""
BROKEN_OFF = "import nothing_of_that_name"
LONG = """
import os
def test_one(): assert os.environ["MADE_UP"] == "all"
"""


@pytest.fixture
def told(project, monkeypatch):
    """Play one proof of this text; the exit code, and all that was said."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # which takes a second

    def tell(text, *, long=False, names=("made up",)):
        said = []
        for way in ("say", "heading", "complain"):
            monkeypatch.setattr(output, way, said.append)
        monkeypatch.setattr(output, "tick", lambda text, **how: said.append(f"{'✓' if how['well'] else '✗'} {text}"))
        (project / "pyproject.toml").write_text("")
        (project / "test_made_up.py").write_text(text)
        monkeypatch.setattr(prove, "ROOT", project)
        monkeypatch.setattr(prove, "STATE", project / ".commerce")
        monkeypatch.setattr(prove, "ready", lambda: None)
        monkeypatch.setattr(prove, "PROOFS", (Proof("made up", ("test_made_up.py",), {"MADE_UP": "all"}),))
        return prove.run(list(names), long=long), [line.strip() for line in said]

    return tell


def test_what_was_tried_is_counted_and_nothing_broke(told):
    code, said = told(WELL)
    assert code == 0
    assert "crash anywhere: made up: 3 of 3" in said
    assert said[-3:] == ["Proofs", "✓ made up           2 of 2", "Nothing broke."]


@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
def test_what_broke_comes_with_its_reproducer(told, how):
    code, said = told(WITH_REPRODUCER.format(how))
    assert code == 1
    assert said[-3:] == [
        "✗ made up           1 of 2",
        "COMMERCE_SEED=7 ./commerce test somewhere.py",
        "Broken: made up.",
    ]


def test_where_none_is_said_it_is_the_test_itself(told):
    code, said = told(WITHOUT_REPRODUCER)
    assert code == 1
    assert said[-2:] == ["./commerce test 'test_made_up.py::test_one[a b]'", "Broken: made up."]


def test_a_proof_that_does_not_come_to_its_end_is_none(told):
    code, said = told(BROKEN_OFF)
    assert code == 1
    assert any("then it broke off" in line for line in said)
    assert said[-1] == "Broken: made up."


def test_the_long_form_is_said_by_the_environment(told, monkeypatch):
    monkeypatch.delenv("MADE_UP", raising=False)
    assert told(LONG, long=True)[0] == 0
    assert told(LONG)[0] == 1


def test_a_name_that_is_none_is_refused_with_those_there_are(told):
    with pytest.raises(Problem, match="no proof named nonsense; there are made up"):
        told(WELL, names=["nonsense"])


def test_every_proof_is_there():
    assert [file for proof in PROOFS for file in proof.files if not (ROOT / file).exists()] == []
