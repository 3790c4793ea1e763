"""`./commerce analytics rebuild`: the figures made anew from the archive."""

import time
from typing import Final

from local.cli import output
from local.cli.desk import Desk
from local.shop import Json

PATIENCE_S: Final = 600


def rebuild(admin: Desk) -> None:
    before = admin.get("/analytics/overview")
    with output.step("the figures, counted anew from the archive"):
        rebuilt = _until_finished(admin.post("/analytics/rebuilds", {}), admin)
    after = admin.get("/analytics/overview")
    output.say(f"{rebuilt['events']} events in {rebuilt['objects']} objects.")
    output.say("They are as they were." if after == before else f"They were {before}\nand are now {after}")


def _until_finished(rebuild: Json, admin: Desk) -> Json:
    deadline = time.monotonic() + PATIENCE_S
    while rebuild["status"] != "finished":
        if time.monotonic() > deadline:
            raise output.Problem(f"It is still running. GET /analytics/rebuilds/{rebuild['rebuild_id']} tells how far.")
        time.sleep(0.5)
        rebuild = admin.get(f"/analytics/rebuilds/{rebuild['rebuild_id']}")
    return rebuild
