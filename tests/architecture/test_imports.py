"""The contracts of pyproject.toml, who may import whom, forget nobody. As a check, import-linter has them kept."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYPROJECT = ROOT / "pyproject.toml"
LINTER = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in LINTER["contracts"]}
DOMAINS = {path.parent.name for path in (ROOT / "functions").glob("*/__init__.py")}


def test_every_domain_is_under_every_contract():
    assert set(LINTER["root_packages"]) == DOMAINS | {"common", "cdk", "local", "sandbox"}
    assert set(CONTRACTS["domains"]["modules"]) == DOMAINS
    assert set(CONTRACTS["layers"]["containers"]) >= DOMAINS
    assert set(CONTRACTS["common"]["layers"][0].split(" : ")) == DOMAINS
    assert set(CONTRACTS["aws"]["source_modules"]) >= DOMAINS
    assert set(CONTRACTS["product"]["source_modules"]) == DOMAINS | {"common"}
    assert set(CONTRACTS["description"]["forbidden_modules"]) >= DOMAINS | {"common"}
    assert set(CONTRACTS["laptop"]["forbidden_modules"]) >= DOMAINS | {"common"}


def test_every_aggregate_in_a_folder_of_its_own_is_layered():
    folders = {
        ".".join(path.parent.relative_to(ROOT / "functions").parts) for path in (ROOT / "functions").rglob("decider.py")
    }
    assert folders <= set(CONTRACTS["layers"]["containers"])
