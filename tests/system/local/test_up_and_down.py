"""Coming up and going down leaves nothing behind, and two do not come up at once."""

import threading
from pathlib import Path

import httpx
import pytest

from local.platform import Platform
from local.realtime import EngineStopped
from local.server import Server

HERE = Path(__file__).parent


def test_nothing_hangs_on_after_it_stopped(assembly):
    server = Server(assembly, port=0, root=HERE / "bakery").start()
    server.stop()
    assert server.engine.ended.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name in ("engine", "http")]
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.api_url)


def test_what_keeps_it_from_coming_up_is_said(tmp_path):
    with pytest.raises(Exception, match="holds no cloud assembly"):
        Server(tmp_path, port=0).start()


def test_an_engine_that_breaks_ends_and_says_why(assembly):
    server = Server(assembly, port=0, root=HERE / "bakery").start()
    try:
        asked = server.engine.submit(lambda: server.platform.operate(lambda: server.platform.scheduler.sleep(60)))
        server.engine.submit(lambda: server.platform.scheduler.spawn(lambda: 1 / 0, "divider"))
        with pytest.raises(EngineStopped):
            asked.result(timeout=10)
        assert server.engine.ended.wait(10)
        assert "divider: ZeroDivisionError" in str(server.engine.failure)
        assert httpx.get(f"{server.api_url}/loaves/x").status_code == 503
    finally:
        server.stop()


def test_there_is_one_platform_at_a_time(bakery, assembly):
    with pytest.raises(RuntimeError, match="already up"):
        Platform.start(assembly)
    assert bakery.request("GET", "/loaves/none").status == 404
