"""Figures that a shop changes without touching code: a JSON file in cdk/, given to functions by their environment."""

import json
from pathlib import Path

TABLES = Path(__file__).parents[1]


def table(name: str) -> str:
    """`cdk/<name>.json` as short as can be: Lambda takes 4 KB for all of a function's environment."""
    return json.dumps(json.loads((TABLES / f"{name}.json").read_text()), separators=(",", ":"))
