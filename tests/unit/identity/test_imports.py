"""What a cold start pays for."""

import subprocess
import sys


def test_the_dictionaries_of_passwords_are_loaded_by_who_chooses_one_and_by_nobody_else():
    seen = "import sys, identity.handlers, identity.authorizer.handlers; print('zxcvbn' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {seen}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
