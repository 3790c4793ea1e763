import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from local.cli import whereabouts
from local.cli.output import Problem


@pytest.fixture
def platform():
    """Something that has a clock, as a platform has."""

    class Clock(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"now": "2026-01-05T09:00:00Z"}')

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Clock)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {"api_url": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()
    server.server_close()


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_running_platform_is_found_until_it_stops(project, platform):
    with whereabouts.announced(platform):
        assert json.loads(whereabouts.FILE.read_text()) == platform
        assert whereabouts.running() == platform
    assert whereabouts.running() is None
    assert list(whereabouts.STATE.iterdir()) == []


def test_the_file_of_a_killed_platform_leads_nowhere(project, taken_port):
    whereabouts.STATE.mkdir()
    with socket.socket() as gone:
        gone.bind(("127.0.0.1", 0))
        port = gone.getsockname()[1]
    whereabouts.FILE.write_text(json.dumps({"api_url": f"http://127.0.0.1:{port}"}))
    assert whereabouts.running() is None


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"api_url": "nonsense"}'])
def test_a_damaged_file_is_no_platform(project, text):
    whereabouts.STATE.mkdir()
    whereabouts.FILE.write_text(text)
    assert whereabouts.running() is None


def test_a_platform_that_stops_leaves_the_file_of_the_next_one(project, platform):
    with whereabouts.announced({"api_url": "http://127.0.0.1:1"}), whereabouts.announced(platform):
        pass
    with whereabouts.announced({"api_url": "http://127.0.0.1:1"}):
        whereabouts.FILE.write_text(json.dumps(platform))
    assert whereabouts.running() == platform


def test_a_port_in_use_is_said_before_anything_is_begun(taken_port):
    with pytest.raises(Problem, match=f"Port {taken_port} of"):
        whereabouts.claim(taken_port)
    whereabouts.claim(0)
