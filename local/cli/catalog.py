"""`./commerce catalog rebuild`: the read side of the running platform made anew, while it is read."""

import time
from typing import Final
from uuid import uuid4

from local.cli import output
from local.cli.whereabouts import client, running
from local.shop import Shop

POLL_S: Final = 0.5


def rebuild() -> None:
    found = running()
    if found is None:
        raise output.Problem("No platform runs here: start one with ./commerce up.")
    with client(found, timeout=60) as front_door, output.step("the read side, from events"):
        staff = Shop(front_door, key=f"rebuild-{uuid4().hex}").sign_in(**found["admin"])
        begun = staff.post("/catalog/rebuilds")
        while begun["status"] != "completed":
            time.sleep(POLL_S)
            begun = staff.get(f"/catalog/rebuilds/{begun['rebuild_id']}")
    output.say(f"    {begun['products']} products projected, {begun['removed']} rows of before removed")
