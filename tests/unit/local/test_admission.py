from local.admission import CALM, MOST, PATIENCE, Admission


def test_a_crowd_that_comes_at_once_is_let_in_and_a_rush_that_stays_is_not():
    door = Admission()
    assert door.admits(MOST, now=0)
    assert door.admits(MOST + 1, now=PATIENCE - 1)
    assert not door.admits(MOST, now=PATIENCE)
    assert door.admits(MOST - 1, now=PATIENCE + 1)  # there is room
    assert not door.admits(MOST, now=PATIENCE + 1)  # and the rush is not over


def test_once_it_was_calm_the_next_rush_has_its_time():
    door = Admission()
    door.admits(MOST, now=0)
    door.admits(CALM - 1, now=PATIENCE)
    assert door.admits(MOST, now=PATIENCE + 1)
