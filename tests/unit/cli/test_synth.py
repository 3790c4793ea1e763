import pytest

from local.cli import synth
from local.cli.output import Problem


def runs(project):
    return len((project / "runs").read_text())


def test_an_assembly_is_made_once_and_kept(project):
    assert not synth.is_fresh()
    first = synth.assembly()
    assert (first / "manifest.json").is_file()
    assert synth.is_fresh()
    assert synth.assembly() == first
    assert runs(project) == 1


def test_it_is_made_again_when_a_source_has_changed_and_the_one_before_stays_for_who_reads_it(project):
    first = synth.assembly()
    (project / "cdk/stack.py").write_text("another = True")
    second = synth.assembly()
    assert second != first
    assert first.is_dir()
    assert synth.LATEST.resolve() == second.resolve()


def test_going_back_to_the_sources_of_before_costs_nothing(project):
    first = synth.assembly()
    (project / "cdk/stack.py").write_text("another = True")
    synth.assembly()
    (project / "cdk/stack.py").unlink()
    assert synth.assembly() == first
    assert runs(project) == 2


def test_bytecode_is_no_source(project):
    synth.assembly()
    (project / "cdk/__pycache__").mkdir()
    (project / "cdk/__pycache__/app.cpython-311.pyc").write_bytes(b"\0")
    assert synth.is_fresh()


def test_only_a_few_are_kept(project):
    for number in range(6):
        (project / "cdk/stack.py").write_text(f"number = {number}")
        latest = synth.assembly()
    kept = list(synth.ASSEMBLIES.iterdir())
    assert latest in kept
    assert len(kept) == synth.KEPT


def test_a_broken_app_says_where_and_why_and_leaves_nothing(project):
    (project / "cdk/app.py").write_text("import cdk.gone\n")
    with pytest.raises(Problem) as problem:
        synth.ready()
    said = str(problem.value)
    assert "cdk/app.py, line 1: ModuleNotFoundError: No module named 'cdk.gone'" in said
    assert "Traceback" not in said
    assert "Traceback" in (project / ".commerce/synth.log").read_text()
    assert not synth.is_fresh()


def test_what_a_bundling_script_said_comes_before_what_the_cdk_made_of_it(project):
    said = f"""Bundling asset…
Traceback (most recent call last):
  File "{project}/functions/order/books.py", line 20, in <module>
    from order.figures import fold
ImportError: cannot import name 'fold'
jsii.errors.JavaScriptError:
  Failed to bundle asset
      at Kernel._Kernel_ensureSync (/tmp/tmp1/lib/program.js:1:72766)

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "{project}/cdk/app.py", line 62, in <module>
    build(App()).synth()
RuntimeError: Failed to bundle asset
"""
    assert synth._essence(said) == "functions/order/books.py, line 20: ImportError: cannot import name 'fold'"


def test_an_app_that_dies_without_a_word_is_said_to(project):
    assert synth._essence("") == "It ended without a word."


def test_the_context_of_cdk_json_reaches_the_app(project):
    (project / "cdk.json").write_text('{"context": {"issuer": "https://shop.example"}}')
    (project / "cdk/app.py").write_text("import os, sys; sys.exit(os.environ['CDK_CONTEXT_JSON'])")
    with pytest.raises(synth.SynthFailed, match=r"shop\.example"):
        synth.assembly()
