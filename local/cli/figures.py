"""`./commerce analytics rebuild`: the figures made anew from the archive, on the platform that runs here."""

import time
from collections.abc import Callable
from typing import Final

from local.cli import output
from local.cli.whereabouts import client, running
from local.shop import Json, Refused, Shop

PATIENCE_S: Final = 600


def rebuild() -> None:
    if (found := running()) is None:
        raise output.Problem("No platform runs here. Start one with `./commerce up`.")
    with client(found) as front_door:
        shop = Shop(front_door, key=f"rebuild-{time.time_ns()}")
        try:
            admin = shop.sign_in(found["admin"]["email"], found["admin"]["password"])
            before = admin.get("/analytics/overview")
            with output.step("the figures, counted anew from the archive"):
                rebuilt = _until_finished(admin.post("/analytics/rebuilds"), admin.get)
            after = admin.get("/analytics/overview")
        except Refused as refused:
            raise output.Problem(str(refused)) from refused
    output.say(f"{rebuilt['events']} events in {rebuilt['objects']} objects.")
    output.say("They are as they were." if after == before else f"They were {before}\nand are now {after}")


def _until_finished(rebuild: Json, get: Callable[[str], Json]) -> Json:
    deadline = time.monotonic() + PATIENCE_S
    while rebuild["status"] != "finished":
        if time.monotonic() > deadline:
            raise output.Problem(f"It is still running. GET /analytics/rebuilds/{rebuild['rebuild_id']} tells how far.")
        time.sleep(0.5)
        rebuild = get(f"/analytics/rebuilds/{rebuild['rebuild_id']}")
    return rebuild
