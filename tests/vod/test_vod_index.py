"""The index row: rates over runs of segments, and files that break a rule are not published."""

from pathlib import Path

import pytest

from vod.catalogue import TICKS_PER_S
from vod.errors import PackagingFailed
from vod.index import index
from vod.ladder import LADDER
from vod.rates import average, peak
from vod.segments import PACKET, BadSegment, measure

SIX = 6 * TICKS_PER_S


@pytest.mark.parametrize(
    ("sizes", "seconds", "expected"),
    [
        ((750_000, 1_500_000, 750_000), (6, 6, 6), 2_000_000),
        ((750_000, 750_000), (6, 2), 1_500_000),
        ((250_000,), (2,), 1_000_000),
        ((750_000, 750_000), (6, 3), 2_000_000),
    ],
)
def test_the_peak_is_that_of_the_busiest_run_of_three_to_nine_seconds(sizes, seconds, expected: int) -> None:
    assert peak(sizes, tuple(second * TICKS_PER_S for second in seconds)) == expected


def test_the_average_rounds_up() -> None:
    assert average((1,), (SIX,)) == 2


def _fault(work: Path) -> str:
    with pytest.raises(PackagingFailed) as failed:
        index(work, LADDER[:2])
    assert failed.value.code == "verify_failed"
    return failed.value.detail


def test_faulty_files_are_found(work: Path) -> None:
    segment = work / "240/00001.ts"
    good = segment.read_bytes()

    segment.write_bytes((work / "240/00000.ts").read_bytes())
    assert _fault(work).startswith("26")
    segment.write_bytes(good[: len(good) // 2 // PACKET * PACKET])
    assert _fault(work)[:2] in {"26", "34"}
    segment.write_bytes(b"\0" + good[1:])
    assert "no sync byte" in _fault(work)
    segment.write_bytes(good)
    assert index(work, LADDER[:2]).seg_ticks == (SIX, SIX, 2_360 * 90)
    for lost in (work / "240").iterdir():
        lost.unlink()
    assert _fault(work).startswith("26: a rung has no segments")


def test_a_segment_without_sound_is_refused(work: Path) -> None:
    path = work / "240/00000.ts"
    data = path.read_bytes()
    packets = [data[at : at + PACKET] for at in range(0, len(data), PACKET)]
    path.write_bytes(b"".join(packet for packet in packets if (packet[1] & 0x1F) << 8 | packet[2] != 0x101))

    with pytest.raises(BadSegment, match="lacks pictures or sound"):
        measure(path)
