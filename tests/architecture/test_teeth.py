"""The list of safeguards that `python -m benchmarks.teeth` takes out fits the code, and forgets no condition."""

import re
from collections import defaultdict

from benchmarks.bites import BITES
from benchmarks.bites.bite import ROOT

CONDITION = re.compile(r"attribute_(not_)?exists\(|\bMISSING\)|size\(#|#\w+ (=|<>|<|<=|>|>=) :")
# What has the looks of one: changes, queries, and names of conditions that are used elsewhere.
NONE = re.compile(r"\bSET #|KeyCondition|filters\s*=|\"filters\"|^MISSING = |^NO_LIVE = |#p = :pk")


def test_what_is_to_be_taken_out_is_there_and_so_are_the_tests():
    for bite in BITES:
        text = (ROOT / bite.file).read_text()
        assert bite.take_out(text) != text, bite.what
        assert bite.tests or bite.kept_by, bite.what
        for name in bite.tests:
            assert (ROOT / name.partition("::")[0]).exists(), (bite.what, name)


def test_no_two_have_one_name():
    assert len({bite.what for bite in BITES}) == len(BITES)


def test_every_condition_of_a_write_is_on_the_list():
    taken_out = defaultdict(set)
    for bite in BITES:
        text = (ROOT / bite.file).read_text()
        taken_out[bite.file] |= set(text.splitlines()) - set(bite.take_out(text).splitlines())
    forgotten = []
    for path in (*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers/common").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        for line in path.read_text().splitlines():
            if CONDITION.search(line) and not NONE.search(line) and line not in taken_out[name]:
                forgotten.append(f"{name}: {line.strip()}")
    assert forgotten == []
