"""`./commerce catalog rebuild`: the read side made anew from events, while it is read."""

import time
from typing import Final

from local.cli import output
from local.cli.desk import Desk

POLL_S: Final = 0.5


def rebuild(staff: Desk) -> None:
    with output.step("the read side, from events"):
        begun = staff.post("/catalog/rebuilds", {})
        while begun["status"] != "completed":
            time.sleep(POLL_S)
            begun = staff.get(f"/catalog/rebuilds/{begun['rebuild_id']}")
    output.say(f"    {begun['products']} products projected, {begun['removed']} rows of before removed")
