import pytest

from local.cli import checks
from local.cli.output import Problem


@pytest.fixture
def ran(project, monkeypatch):
    """What was run, in place of running it."""
    commands = []
    monkeypatch.setattr(checks, "STATE", project / ".commerce")
    monkeypatch.setattr(checks, "REPORT", project / ".commerce/pytest.xml")
    monkeypatch.setattr(checks, "_python", lambda *words: commands.append(words) or 0)
    return commands


def broken():
    raise Problem("The CDK app cannot be synthesised.")


@pytest.mark.parametrize(
    ("check", "code"), [(lambda: 0, 0), (lambda: 1, 1), (lambda: 5, 1), (lambda: -9, 1), (broken, 1)]
)
def test_the_exit_code_is_honest(ran, monkeypatch, check, code, capfd):
    monkeypatch.setattr(checks, "CHECKS", {"first": lambda: 0, "second": check, "third": lambda: 0})
    assert checks.run([]) == code


def test_all_checks_run_also_after_one_that_failed(ran, monkeypatch):
    seen = []
    monkeypatch.setattr(
        checks, "CHECKS", {name: lambda name=name: seen.append(name) or 1 for name in ("first", "second")}
    )
    assert checks.run([]) == 1
    assert seen == ["first", "second"]


def test_they_run_in_this_order(ran):
    first = ["ruff check", "ruff format", "mypy", "import-linter", "synth", "cfn-lint"]
    assert list(checks.CHECKS) == [*first, "pytest", "privileges"]  # of what the tests have used


def test_arguments_are_for_pytest_and_nothing_else_runs(ran):
    assert checks.run(["tests/unit", "-k", "money"]) == 0
    assert ran == [("-m", "pytest", "tests/unit", "-k", "money")]


def test_the_totals_are_those_of_pytest(ran):
    checks.REPORT.parent.mkdir()
    checks.REPORT.write_text(
        '<testsuites><testsuite tests="12" failures="1" errors="0" skipped="2"></testsuite></testsuites>'
    )
    assert checks._totals() == "9 passed, 1 failed, 2 skipped"


def test_a_pytest_that_did_not_run_has_no_totals(ran):
    assert checks._totals() == "did not run"
