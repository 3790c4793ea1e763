"""`./commerce privileges`: what roles allow and nobody has used in the system tests that ran with these templates."""

import shutil
import tomllib
from fnmatch import fnmatchcase
from typing import Final

from local import privileges
from local.cli import output
from local.cli.synth import ROOT, ready
from local.privileges import Privilege

REASONS: Final = ROOT / "tests/system/never_used.toml"


def run() -> int:
    """0 when everything that is allowed was used, or has a reason why not."""
    assembly = ready()
    if not list(privileges.folder(assembly).glob("*.json")):
        raise output.Problem("Nothing is known of these templates yet. Run ./commerce test tests/system first.")
    unused = privileges.never_used(assembly)
    reasons = tomllib.loads(REASONS.read_text())["allowed"]
    bare = sorted(one for one in unused if not any(_covers(reason, one) for reason in reasons))
    stale = [reason for reason in reasons if not any(_covers(reason, one) for one in unused)]
    for one in bare:
        output.complain(f"  allowed and never used: {one.who}  {one.action}  {one.on}")
    for reason in stale:
        output.complain(f"  needs no reason any more, it is used: {reason['who']}  {reason['action']}")
    output.say(f"{len(unused)} privileges are allowed and never used; {len(unused) - len(bare)} have a reason.")
    return 1 if bare or stale else 0


def forget() -> None:
    """What was used before: tests may have gone since that used it."""
    shutil.rmtree(privileges.folder(ready()), ignore_errors=True)


def _covers(reason: dict[str, str], one: Privilege) -> bool:
    asked = zip(one, (reason["who"], reason["action"], reason.get("on", "*")), strict=True)
    return all(fnmatchcase(what, pattern) for what, pattern in asked)
