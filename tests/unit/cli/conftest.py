"""A project of three files in a folder of its own, in whose `.commerce` the command may write."""

import pytest

from local.cli import synth, whereabouts

APP = """
import os
from pathlib import Path

out = Path(os.environ["CDK_OUTDIR"])
out.mkdir()
(out / "manifest.json").write_text("{}")
(out / "Shop.template.json").write_text("{}")
runs = Path("runs")
runs.write_text(runs.read_text() + "." if runs.exists() else ".")
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    state = tmp_path / ".commerce"
    for module, names in {
        synth: {
            "ROOT": tmp_path,
            "STATE": state,
            "ASSEMBLIES": state / "assemblies",
            "LATEST": state / "cdk.out",
            "LOG": state / "synth.log",
        },
        whereabouts: {"STATE": state, "FILE": state / "local.json"},
    }.items():
        for name, value in names.items():
            monkeypatch.setattr(module, name, value)
    (tmp_path / "cdk").mkdir()
    (tmp_path / "cdk/app.py").write_text(APP)
    for name in ("cdk.json", "pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_text("{}")
    return tmp_path
