"""Subtitles of every kind become sorted cues of plain words, in segments that hang on the film's clock."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vod.errors import Refused
from vod.subtitles import MOST_BYTES, MOST_CHARACTERS, Cue, minutes, read, segments

SRT = (
    "1\r\n00:00:01,000 --> 00:00:03,500\r\n<font color=red>你好</font>，<b>南湖 & 我\r\n\r\n2\r\n{later}\r\n第二句\r\n"
)
LATER = "00:00:59,000 --> 00:01:02,000"
VTT = """WEBVTT - 南湖

NOTE times without hours
00:02 is no cue

STYLE
::cue { color: red }

intro
00:01.500 --> 00:02.000 line:0 position:20%
<v 老于>船来了</v> <i>快</i>
"""
ASS = """[Script Info]
Title: 南湖

[V4+ Styles]
Format: Name, Fontname
[Events]
Format: Layer, Start, End, Style, Text
Dialogue: 0,0:00:02.50,0:00:04.00,Default,{\\an8\\b1}你好, 世界\\N第二行
Comment: 0,0:00:00.00,0:00:01.00,Default,不显示
Dialogue: 0,0:00:01.00,0:00:02.00,Default,先
"""


ENDLESS = "".join(f"00:00:0{n % 9},000 --> 99:59:59,000\nx\n\n" for n in range(400)).encode()
"""400 subtitles that are all shown for days: each of 60,000 segments would say each of them."""


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_srt_is_read_in_the_codings_that_editors_have(coding: str) -> None:
    assert read(SRT.format(later=LATER).encode(coding)) == (
        Cue(1000, 3500, "你好，<b>南湖 &amp; 我</b>"),
        Cue(59_000, 62_000, "第二句"),
    )


def test_webvtt_keeps_words_and_italics_only() -> None:
    assert read(VTT.encode()) == (Cue(1500, 2000, "船来了 <i>快</i>"),)


def test_ass_is_sorted_and_its_overrides_are_dropped() -> None:
    assert read(ASS.encode()) == (Cue(1000, 2000, "先"), Cue(2500, 4000, "你好, 世界\n第二行"))


@pytest.mark.parametrize(
    "data",
    [b"", ENDLESS, b"no subtitles", b"WEBVTT\n", b"\xff\xff\xff\xff", bytes(MOST_BYTES + 1), b"\x00\x00\x01\xba" * 99],
)
def test_what_holds_no_subtitles_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="bad_subtitles"):
        read(data)


@given(st.text(max_size=60) | st.text("<>&/bi{}\\N -", max_size=60))
def test_no_words_can_break_the_file(words: str) -> None:
    line = " ".join(words.split())
    try:
        cues = read(f"1\n00:00:01,000 --> 00:00:02,000\n{line}\n".encode("utf-8", "replace"))
    except Refused:
        return
    (text,) = segments(cues, (450_000,), 7200)
    body = cues[0].text

    assert "-->" not in body
    assert body.count("<b>") == body.count("</b>")
    assert body.count("<i>") == body.count("</i>")
    assert set(body.replace("<b>", "").replace("</b>", "").replace("<i>", "").replace("</i>", "")).isdisjoint("<>")
    assert len(body) < 8 * MOST_CHARACTERS
    assert text.startswith("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:7200,LOCAL:00:00:00.000\n\n00:00:01.000 --> 00:00:02.000\n")


def test_a_cue_over_an_edge_stands_in_both_segments_and_ends_with_the_film() -> None:
    cues = (Cue(1000, 2000, "一"), Cue(59_000, 61_000, "二"), Cue(80_000, 99_000, "三"), Cue(95_000, 96_000, "四"))

    first, second = segments(cues, minutes(90_000), 1920)

    assert minutes(90_000) == (60 * 90_000, 30 * 90_000)
    assert ["一" in first, "二" in first, "三" in first] == [True, True, False]
    assert ["一" in second, "二" in second, "四" in second] == [False, True, False]
    assert "00:01:20.000 --> 00:01:30.000\n三\n" in second


@given(st.lists(st.tuples(st.integers(0, 30_000), st.integers(1, 15_000)), max_size=8))
def test_cut_as_the_pictures_each_segment_holds_what_shows_in_it(spans: list[tuple[int, int]]) -> None:
    cues = [Cue(start, start + length, f"c{n}.") for n, (start, length) in enumerate(sorted(spans))]
    seg_ticks = (540_000, 540_000, 270_000, 540_000)
    edges = (0, 6_000, 12_000, 15_000, 21_000)

    shown = [[cue.text for cue in cues if cue.text in text] for text in segments(cues, seg_ticks, 7200)]
    assert shown == [
        [cue.text for cue in cues if cue.start_ms < stop and cue.end_ms > start] for start, stop in pairwise(edges)
    ]
