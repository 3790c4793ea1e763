"""`./commerce demo`: real orders over HTTP, things broken on purpose, and the promises checked after each story."""

import contextlib
import time
from collections.abc import Callable, Iterator

import httpx

from local.cli import output
from local.cli.stage import Stage, StoryFailed
from local.cli.stories import STORIES
from local.cli.up import platform, whereabouts
from local.cli.whereabouts import Whereabouts, client, running
from local.shop import Refused

PATIENCE_S = 120


def run() -> int:
    """0 when every story ends well and every promise holds after it."""
    with _a_platform() as found, client(found, timeout=PATIENCE_S) as front_door:
        stage = Stage(front_door, found)
        failed = [story.__name__ for number, story in enumerate(STORIES, 1) if not _plays(number, story, stage)]
    if failed:
        output.heading(f"{len(failed)} of {len(STORIES)} stories did not end as they should: {', '.join(failed)}.")
        return 1
    output.heading(f"All {len(STORIES)} stories ended well, and every promise was kept.")
    return 0


@contextlib.contextmanager
def _a_platform() -> Iterator[Whereabouts]:
    """The one that runs already, or one for the demo alone."""
    if (found := running()) is not None:
        output.say(f"Using the platform that runs at {found['api_url']}")
        yield found
        return
    output.say("No platform runs here: starting one for the demo")
    with platform(port=0) as server:
        yield whereabouts(server)


def _plays(number: int, story: Callable[[Stage], None], stage: Stage) -> bool:
    output.heading(f"{number}. {story.__doc__}")
    started = time.perf_counter()
    try:
        stage.set_for(story.__name__)
        story(stage)
        stage.settle()
        broken = stage.shop.promises_broken()
    except (StoryFailed, Refused, LookupError, httpx.HTTPError) as failure:
        output.complain(f"    ✗ {failure}")
        return False
    for promise in broken:
        output.complain(f"    ✗ A promise is broken: {promise['promise']}")
        for line in promise["breaks"]:
            output.complain(f"        {line}")
    if not broken:
        output.tick("every promise holds", seconds=time.perf_counter() - started, indent=4)
    return not broken
