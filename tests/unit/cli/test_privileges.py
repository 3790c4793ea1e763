"""What roles allow and nobody uses is named, unless there is a reason; and a reason that nothing needs is named too."""

import json
import re
import tomllib

import pytest

from local import privileges as record
from local.cli import output, privileges
from local.cli.output import Problem
from local.cli.synth import ROOT

READS, WRITES = ["api", "dynamodb:GetItem", "table"], ["api", "dynamodb:PutItem", "table"]
REASON = '[[allowed]]\nwho = "api"\naction = "dynamodb:Put*"\nreason = "Because."\n'


@pytest.fixture
def compare(tmp_path, monkeypatch):
    """With what each process has left, and these reasons; the exit code, and all that was said."""
    said = []
    for way in ("say", "complain"):
        monkeypatch.setattr(output, way, said.append)
    monkeypatch.setattr(record, "FOLDER", tmp_path)
    monkeypatch.setattr(privileges, "ready", lambda: tmp_path / "assembly")
    monkeypatch.setattr(privileges, "REASONS", tmp_path / "reasons.toml")

    def compare(*processes, reasons=""):
        (tmp_path / "reasons.toml").write_text(reasons or "allowed = []")
        (tmp_path / "assembly").mkdir(exist_ok=True)
        for number, (allowed, used) in enumerate(processes):
            (tmp_path / f"assembly/{number}.json").write_text(json.dumps({"allowed": allowed, "used": used}))
        return privileges.run(), said

    return compare


def test_what_one_process_has_used_is_used(compare):
    assert compare(([READS], []), ([], [READS]))[0] == 0


def test_what_nobody_has_used_is_named(compare):
    code, said = compare(([READS, WRITES], [READS]))
    assert (code, said[0].split()) == (1, ["allowed", "and", "never", "used:", *WRITES])


def test_with_a_reason_it_may_stay(compare):
    assert compare(([READS, WRITES], [READS]), reasons=REASON)[0] == 0


def test_a_reason_that_nothing_needs_goes(compare):
    code, said = compare(([READS], [WRITES, READS]), reasons=REASON)
    assert code == 1
    assert "needs no reason any more" in said[0]


def test_nothing_is_said_of_what_nobody_has_played(compare, tmp_path):
    compare(([READS], [READS]))
    privileges.forget()
    with pytest.raises(Problem, match="Nothing is known"):
        compare()


def test_every_test_that_a_reason_names_is_there():
    for reason in tomllib.loads(privileges.REASONS.read_text())["allowed"]:
        for name in re.findall(r"tests/[\w/]+(?:\.py)?", reason["reason"]):
            assert (ROOT / name).exists(), reason
