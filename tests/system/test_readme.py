"""What the README shows is what one gets: its curl session, against a platform in real time."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.cli import routes
from local.cli.up import platform as running
from local.cli.up import whereabouts

ROUTES = r"<!-- routes -->\n(.*?)\n<!-- /routes -->"
README = Path(__file__).parents[2] / "README.md"


@pytest.mark.skipif(not shutil.which("curl"), reason="the README's session uses curl")
def test_the_curl_session_of_the_readme_ends_with_a_delivered_order(tmp_path):
    block = re.search(r"<!-- executed -->\n```bash\n(.*?)```", README.read_text(), re.DOTALL).group(1)
    with running(port=0) as server:
        found = whereabouts(server)
        (tmp_path / ".commerce").mkdir()
        (tmp_path / ".commerce/local.json").write_text(json.dumps(found))
        script = "set -euo pipefail\n" + block.replace("http://127.0.0.1:8080", found["api_url"])
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.replace("}", "}\n")
    for expected in ("confirmed", "shipped", "delivered", "Your order has been delivered", "True"):
        assert expected in lines, f"{expected} is not in {done.stdout}"


def test_the_table_of_routes_is_that_of_the_document():
    """`./commerce routes` prints it."""
    shown = re.search(ROUTES, README.read_text(), re.DOTALL).group(1).strip()
    assert shown == routes.table(routes.document())
