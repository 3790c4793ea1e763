"""`./commerce mails preview`: every mail in every language as files. It runs apart, as what is deployed does."""

import subprocess
import sys
from pathlib import Path

from local.cli import output
from local.cli.synth import ROOT


def preview(folder: Path) -> None:
    folder = folder.resolve()
    done = subprocess.run([sys.executable, "-m", "notification.preview", str(folder)], cwd=ROOT, check=False)
    if done.returncode:
        raise output.Problem("The mails cannot be written.")
    output.say(f"{len(list(folder.glob('*.html')))} mails are in {folder}.")
