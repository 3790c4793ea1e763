"""`./commerce` itself, which any Python 3 may start. What needs a registry is tried in a fresh clone, not here."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ECHO = '#!/bin/sh\necho "$@"\n'


@pytest.fixture
def clone(tmp_path):
    """The script with an environment that was made for this place, whose Python only says how it was called."""
    (tmp_path / "commerce").write_bytes((ROOT / "commerce").read_bytes())
    (tmp_path / "requirements.lock").write_text("uv==1.0 \\\n    --hash=sha256:0\n")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").write_text(ECHO)
    (tmp_path / ".venv/bin/python").chmod(0o755)
    made_for = hashlib.sha256((tmp_path / "requirements.lock").read_bytes()).hexdigest()
    (tmp_path / ".venv/.commerce").write_text(f"{made_for} {tmp_path / '.venv'}")
    return tmp_path


def start(clone, *arguments, before="", path=os.environ["PATH"], cwd="/"):
    """As `python commerce …`, after something was done to that Python."""
    script = f"import runpy, sys; {before}\nsys.argv = {['commerce', *arguments]!r}\n"
    script += f"runpy.run_path({str(clone / 'commerce')!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", script], env={"PATH": path}, cwd=cwd, capture_output=True, text=True, check=False
    )


def test_it_hands_over_at_once_when_the_environment_is_there(clone):
    done = start(clone, "up", "--port", "8081")
    assert (done.stdout, done.stderr, done.returncode) == ("-m local.cli up --port 8081\n", "", 0)


def test_a_python_that_is_too_old_is_told_so(clone, tmp_path):
    done = start(clone, "up", before="sys.version_info = (3, 8, 10)", path=str(tmp_path))
    assert done.stderr.strip() == (
        "This needs Python 3.11 to 3.14, and here is only 3.8.10. Install one of them and try again."
    )
    assert done.returncode == 1


def test_a_newer_python_on_the_path_is_taken_instead_and_a_shim_of_none_is_not(clone, tmp_path):
    names = tmp_path / "names"
    names.mkdir()
    (names / "python3.13").write_text("#!/bin/sh\nexit 127\n")
    (names / "python3.12").symlink_to(sys.executable)
    for name in names.iterdir():
        name.chmod(0o755)
    done = start(clone, "doctor", before="sys.version_info = (3, 8, 10)", path=f"{names}:/usr/bin:/bin")
    assert done.stdout == "-m local.cli doctor\n"


def test_debian_without_venv_is_told_what_to_install(clone):
    (clone / ".venv/.commerce").unlink()
    done = start(clone, "up", before="sys.modules['ensurepip'] = None")
    assert "apt install python3." in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 1


def test_an_environment_that_was_moved_or_never_finished_is_made_anew(clone):
    for stamp in ("0 /elsewhere/.venv", None):
        if stamp:
            (clone / ".venv/.commerce").write_text(stamp)
        done = start(clone, "up", before="sys.modules['ensurepip'] = None")
        assert "First use: making the environment" in done.stderr
        assert not (clone / ".venv").exists()
        (clone / ".venv").mkdir()


def test_a_changed_lock_file_brings_the_environment_up_to_date(clone):
    (clone / "requirements.lock").write_text("uv==2.0 \\\n    --hash=sha256:1\n")
    done = start(clone, "up")
    assert "The lock file has changed: bringing .venv up to date." in done.stderr
    assert done.stdout == "-m local.cli up\n"
    assert start(clone, "up").stderr == ""


def test_the_lock_file_names_the_installer_with_its_hashes_and_no_registry():
    for lock in ("requirements.lock", "layers/common/requirements.lock"):
        assert "://" not in (ROOT / lock).read_text()
    assert "\nuv==" in (ROOT / "requirements.lock").read_text()
