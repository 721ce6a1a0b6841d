"""Which rungs a picture gets, and which moves a job may make."""

import pytest

from vod.jobs import MOVES, RUNNING, IllegalMove, State, move
from vod.ladder import LADDER, master_order, rungs_for


@pytest.mark.parametrize(
    ("size", "heights"),
    [
        ((1920, 1080), (360, 540, 720)),
        ((1280, 720), (360, 540, 720)),
        ((1080, 1920), (360, 540, 720)),
        ((768, 576), (360, 540)),
        ((960, 540), (360, 540)),
        ((854, 480), (240, 360)),
        ((640, 272), (240, 360)),
        ((64, 64), (240, 360)),
    ],
)
def test_a_picture_gets_at_least_two_rungs_and_is_not_enlarged(size: tuple[int, int], heights: tuple[int, ...]) -> None:
    assert tuple(rung.height for rung in rungs_for(*size)) == heights


def test_540_leads_the_master_then_the_rest_falls() -> None:
    assert master_order((240, 360, 540, 720)) == (540, 720, 360, 240)
    assert master_order((240, 360)) == (360, 240)


def test_rates_rise_with_the_rungs() -> None:
    assert [rung.kbps for rung in LADDER] == sorted(rung.kbps for rung in LADDER)
    assert all(rung.kbps < rung.maxrate < rung.bufsize for rung in LADDER)


def test_states_move_as_the_design_says() -> None:
    assert move(State.READY, State.WITHDRAWN) is State.WITHDRAWN
    assert all(State.QUEUED in MOVES[state] for state in RUNNING)
    assert MOVES.keys() == set(State)
    for now, then in ((State.PURGED, State.READY), (State.UPLOADED, State.READY), (State.PURGED, State.QUEUED)):
        with pytest.raises(IllegalMove):
            move(now, then)
