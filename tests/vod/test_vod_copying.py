"""What already is as boxes need it is packaged without encoding; all else is encoded, and so is what deceives."""

from collections.abc import Sequence

import pytest
from attrs import evolve

from vod import copying
from vod.copying import Packet, objection, packets, regrets, rung_of
from vod.jobs import State
from vod.ladder import CHANNEL, FULL_HD
from vod.library import Library
from vod.packaging import Settings

SIX = 540_000


def _states(package) -> list[State]:
    return list(dict.fromkeys(step.state for step in package.seen))


def test_a_film_that_is_as_boxes_need_it_is_copied(films, package, library: Library) -> None:
    edition = package.edition(films("ready.mp4"))

    assert State.COPYING in _states(package)
    assert State.ENCODING not in _states(package)
    assert [(each.rung, each.frame_rate) for each in edition.renditions] == [(360, 25_000)]
    assert edition.seg_ticks == (SIX, 180_000)
    assert library.damaged(1, 1, edition) == []


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("long_groups.mp4", Settings(preset="ultrafast")),
        ("ready.mp4", Settings(preset="ultrafast", exact_ms=2000)),
    ],
)
def test_long_groups_and_films_that_shall_be_otherwise_are_encoded(name, settings, films, package) -> None:
    edition = package(films(name), settings).edition

    assert State.COPYING not in _states(package)
    assert [each.rung for each in edition.renditions] == [240, 360]


def test_what_breaks_a_rule_when_copied_is_encoded(films, package, library: Library, monkeypatch) -> None:
    monkeypatch.setattr(copying, "objection", lambda *_: "")

    edition = package.edition(films("long_groups.mp4"))

    assert _states(package)[1:5] == [State.COPYING, State.INDEXING, State.ENCODING, State.VERIFYING]
    assert [each.rung for each in edition.renditions] == [240, 360]
    assert library.damaged(1, 1, edition) == []


def _film(seconds: float = 14, every: float = 2, size: int = 2000) -> list[Packet]:
    """A film of 25 pictures a second, decoded in the order of showing."""
    step = round(every * 25)
    return [Packet(n / 25, n / 25, size, n % step == 0) for n in range(round(seconds * 25))]


def _without(film: Sequence[Packet], number: int) -> list[Packet]:
    return [*film[:number], *film[number + 1 :]]


def _open_group(film: list[Packet]) -> list[Packet]:
    """The key frame at 2 s is decoded before two pictures that are shown before it."""
    film[48], film[49], film[50] = (
        evolve(film[50], dts=film[48].dts),
        evolve(film[48], dts=film[49].dts),
        evolve(film[49], dts=film[50].dts),
    )
    return film


FAULTS = {
    "no key frame at the start": _film()[1:],
    "pictures do not follow": _without(_film(), 77),
    "key frames are too far": _film(every=4),
    "pictures before a key frame": _open_group(_film()),
    "no key frames where": _film(every=1.4),
    "more bits": _film(size=6000),
}


def test_packets_show_what_cannot_be_copied() -> None:
    found = {begin: objection(film, CHANNEL[0], 25) for begin, film in FAULTS.items()}

    assert objection(_film(), CHANNEL[0], 25) == ""
    assert objection(_film(every=1.2), CHANNEL[0], 25) == ""
    assert {begin for begin, told in found.items() if not told.startswith(begin)} == set()


def test_a_copy_with_too_many_bits_or_without_its_tail_is_not_taken(films, package) -> None:
    edition = package.edition(films("ready.mp4"))
    loud = evolve(edition, renditions=(evolve(edition.renditions[0], peak=2_000_000),))

    assert regrets(edition, CHANNEL[0], 8.02) == ""
    assert regrets(loud, CHANNEL[0], 8.02) == "more bits than the rung may have"
    assert regrets(edition, CHANNEL[0], 60) == "the tail is lost"


def test_lines_of_ffprobe_are_read_and_a_picture_without_time_is_refused() -> None:
    assert packets(b"1024,512,700,K__\n1536,1024,50,___\n", 1 / 12800) == [
        Packet(0.08, 0.04, 700, True),
        Packet(0.12, 0.08, 50, False),
    ]
    with pytest.raises(ValueError, match="N/A"):
        packets(b"N/A,512,700,K__\n", 1 / 12800)


def test_only_sizes_of_rungs_are_copied() -> None:
    assert (rung_of(1280, 720), rung_of(1920, 1080), rung_of(640, 352)) == (CHANNEL[2], FULL_HD, None)
