"""`./commerce mails preview`: every mail in every language as files. It runs apart, as what is deployed does."""

import subprocess
import sys
from pathlib import Path

from local.cli import output
from local.cli.synth import ROOT


def preview(folder: Path) -> None:
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output.Problem(f"{folder} is no folder to write to: {error.strerror}.") from error
    done = subprocess.run([sys.executable, "-m", "notification.preview", str(folder)], cwd=ROOT, check=False)
    if done.returncode:
        raise output.Problem("The mails cannot be written.")
    output.say(f"{len(list(folder.glob('*.html')))} mails are in {folder}: each as .html and .txt, some as .sms.txt.")
