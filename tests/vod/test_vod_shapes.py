"""What packaging reads and writes byte by byte: parameter sets, boxes, encryption, sheets, lengths."""

import pytest

from vod import fragments, parameter_sets, sprites
from vod.encrypting import Lock
from vod.ladder import CHANNEL, FULL_HD, LADDER, rungs_for
from vod.lengths import exact, padded_ms, whole_ms

FULL_HD_SET = bytes.fromhex("674d4028eca03c0113f2e022000003000200000300641e30632c")
"""1920x1080 by x264: 1088 lines of which 8 are cut."""
INTERLACED_SET = bytes.fromhex("67640028acd94078044fde0220000003002000000643e2c5b2c0")


def test_a_parameter_set_says_what_a_decoder_must_do() -> None:
    shape = parameter_sets.read(FULL_HD_SET)

    assert (shape.codec, shape.width, shape.height) == ("avc1.4d4028", 1920, 1080)
    assert (shape.chroma, shape.depth, shape.progressive) == (1, 8, True)


def test_interlaced_pictures_are_known_by_it() -> None:
    shape = parameter_sets.read(INTERLACED_SET)

    assert (shape.profile, shape.width, shape.height, shape.progressive) == (100, 1920, 1080, False)


@pytest.mark.parametrize("cut", range(4, 9))
def test_a_parameter_set_that_is_cut_short_is_no_other_one(cut: int) -> None:
    with pytest.raises(ValueError, match=r"cut short|damaged|unpack"):
        parameter_sets.read(FULL_HD_SET[:cut])


def _box(kind: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def test_samples_of_each_track_are_counted() -> None:
    head = _box(b"tfhd", bytes(4) + (7).to_bytes(4, "big"))
    runs = [_box(b"trun", bytes(4) + count.to_bytes(4, "big")) for count in (150, 3)]

    file = _box(b"styp", b"msdh") + _box(b"moof", _box(b"traf", head + runs[0] + runs[1])) + _box(b"mdat", b"x")

    assert fragments.samples(file) == {7: 153}
    with pytest.raises(ValueError, match="beyond"):
        fragments.samples(file[:-1])


def test_encryption_is_that_of_the_standard() -> None:
    # NIST SP 800-38A F.2.1, with the block of padding that HLS adds behind it.
    key, iv = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), bytes(range(16))
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")

    closed = Lock(key, iv).closed(plain)

    assert closed[:16].hex() == "7649abac8119b246cee98e9b12e9197d"
    assert len(closed) == 32
    assert Lock(key, iv).opened(closed) == plain
    with pytest.raises(ValueError, match="padding"):
        Lock(bytes(16), iv).opened(closed)


@pytest.mark.parametrize(
    ("seconds", "cells", "sheets"),
    [(0.5, 1, 1), (10, 1, 1), (10.04, 2, 1), (600, 60, 1), (601, 61, 2), (7200, 720, 12)],
)
def test_there_is_a_picture_for_every_ten_seconds(seconds: float, cells: int, sheets: int) -> None:
    ms = round(seconds * 1000)

    text = sprites.thumbs(ms)

    assert (sprites.cells(ms), sprites.sheets(ms)) == (cells, sheets)
    assert text.count("-->") == cells
    assert f"sprites/{sheets - 1}.jpg#xywh=" in text.splitlines()[-1]


def test_the_list_of_pictures_leads_to_their_places() -> None:
    cues = sprites.thumbs(660_000).split("\n\n")[1:]

    assert cues[0] == "00:00:00.000 --> 00:00:10.000\nsprites/0.jpg#xywh=0,0,160,90"
    assert cues[13] == "00:02:10.000 --> 00:02:20.000\nsprites/0.jpg#xywh=480,90,160,90"
    assert cues[65].startswith("00:10:50.000 --> 00:11:00.000\nsprites/1.jpg#xywh=800,0,160,90")


@pytest.mark.parametrize(
    ("ms", "whole"), [(1, 6000), (6000, 6000), (6080, 6000), (6081, 12_000), (13_300, 18_000), (60_000, 60_000)]
)
def test_the_channel_wants_whole_segments(ms: int, whole: int) -> None:
    assert whole_ms(ms) == whole


def test_at_fifty_pictures_lengths_are_whole_frames_too() -> None:
    assert (padded_ms(13_301, 50), padded_ms(14_301, 50)) == (14_000, 14_320)


def test_idents_and_whole_segments_are_exact_lengths() -> None:
    assert [ms for ms in (0, 1000, 2000, 2500, 5000, 6000, 7000, 12_000) if exact(ms)] == [2000, 5000, 6000, 12_000]


def test_full_hd_is_offered_only_where_it_is_wished_and_a_frame_lasts_forty_milliseconds() -> None:
    assert rungs_for(1920, 1080, top=1080) == (*CHANNEL, FULL_HD)
    assert rungs_for(1920, 1080) == rungs_for(1920, 1080, top=1080, fps=50) == CHANNEL
    assert rungs_for(1280, 720, top=1080) == CHANNEL


@pytest.mark.parametrize("fps", [25, 50])
def test_levels_are_high_enough_and_no_higher(fps: int) -> None:
    """Macroblocks a second and in a picture, ISO/IEC 14496-10 table A-1."""
    most = {"2.1": (19_800, 792), "2.2": (20_250, 1620), "3.0": (40_500, 1620), "3.1": (108_000, 3600)}
    most |= {"3.2": (216_000, 5120), "4.0": (245_760, 8192)}
    for rung in LADDER if fps == 50 else (*LADDER, FULL_HD):
        blocks = -(-rung.width // 16) * -(-rung.height // 16)
        enough = [level for level, (rate, size) in most.items() if blocks * fps <= rate and blocks <= size]
        assert rung.level_at(fps) == enough[0]
