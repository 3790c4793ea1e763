from local.cli import doctor


def broken():
    raise doctor.Missing("Less than nothing is free.")


def test_a_machine_that_has_all_is_well(monkeypatch, capfd):
    monkeypatch.setattr(doctor, "LOOKS", {"disk": lambda: "78 GB free"})
    assert doctor.run() == 0


def test_what_is_missing_makes_it_fail_and_the_rest_is_looked_at_all_the_same(monkeypatch):
    seen = []
    monkeypatch.setattr(doctor, "LOOKS", {"disk": broken, "memory": lambda: seen.append("memory") or "24 GB"})
    assert doctor.run() == 1
    assert seen == ["memory"]
