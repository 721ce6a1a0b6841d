"""Channel lists: what is written is read again, and lists as they come in the field are read."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epg import m3u
from epg.catchup import Cut, fill
from epg.m3u import Entry, Playlist

TEXT = (
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)
ENTRIES = st.builds(
    Entry,
    name=TEXT,
    url=st.from_regex(r"https?://[a-z]{1,8}/[a-z0-9{}]{0,12}", fullmatch=True),
    tvg_id=st.from_regex(r"[a-z0-9]{1,6}(\.[a-z]{1,4}){0,2}", fullmatch=True),
    number=st.none() | st.integers(0, 9999),
    groups=st.lists(st.sampled_from(["新闻", "少儿", "影视"]), max_size=2, unique=True).map(tuple),
    radio=st.booleans(),
    catchup=st.sampled_from(["", "default", "append", "shift"]),
    days=st.integers(0, 30),
    shift_h=st.sampled_from([0.0, 1.0, -3.5]),
)


@given(st.lists(ENTRIES, max_size=5))
def test_a_written_list_is_read_again(entries: list[Entry]) -> None:
    found = m3u.read(m3u.write(Playlist(tuple(entries), ("http://h/epg.xml.gz",))))

    assert found.passed_over == ()
    assert found.playlist.guides == ("http://h/epg.xml.gz",)
    for before, after in zip(entries, found.playlist.entries, strict=True):
        assert after.name == before.name.replace(",", "，").replace('"', "'")
        assert (after.url, after.tvg_id, after.number, after.groups) == (
            before.url, before.tvg_id, before.number, before.groups,
        )  # fmt: skip
        assert (after.radio, after.catchup, after.shift_h) == (before.radio, before.catchup, before.shift_h)
        assert after.days == (before.days if before.catchup else 0)


def test_no_quote_comma_or_line_end_of_a_name_breaks_the_line() -> None:
    text = m3u.write(Playlist((Entry('a"b,c\nd', "http://h/1"),))).decode()

    assert text.splitlines()[1] == """#EXTINF:-1 tvg-name="a'b,c_d",a'b，c d"""


def test_a_list_as_it_comes_in_the_field() -> None:
    data = (
        "\ufeff\n#EXTM3U url-tvg='x' x-tvg-url=\"http://a/e.xml,http://b/f.xml\" catchup-correction=0\r\n"
        '#EXTINF:-1 tvg-ID="nhxw" ch-number="7" timeshift="3" catchup="timeshift",新闻, 重播\r\n'
        "#EXTGRP:本地\r\n#EXTVLCOPT:http-user-agent=x\r\nhttp://h/1\r\n"
        "http://h/without-a-name\r\n#EXTINF:-1,坏\r\nnot an address\r\n"
    ).encode()

    found = m3u.read(data)

    (one,) = found.playlist.entries
    assert (one.name, one.tvg_id, one.number, one.days, one.catchup, one.groups) == (
        "新闻, 重播", "nhxw", 7, 3, "shift", ("本地",),
    )  # fmt: skip
    assert found.playlist.guides == ("http://a/e.xml", "http://b/f.xml")
    assert found.passed_over == (6, 8)


def test_gb18030_is_read_and_what_is_no_list_is_refused() -> None:
    found = m3u.read('#EXTM3U\n#EXTINF:-1 group-title="新闻",南湖\nhttp://h/1\n'.encode("gb18030"))

    assert m3u.groups(found.playlist.entries) == ("新闻",)
    for data in (b"<html>", b"", b"#EXTM3U" + b"x" * m3u.MOST_BYTES):
        with pytest.raises(ValueError, match="list"):
            m3u.read(data)


START = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
CUT = Cut(START, START + timedelta(minutes=45), START + timedelta(hours=2), "nh-77")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("http://h/{utc}-{utcend}.m3u8", "http://h/1795606200-1795608900.m3u8"),
        ("?s=${start}&e=${end}&n=${now}", "?s=1795606200&e=1795608900&n=1795613400"),
        ("{Y}{m}{d}{H}{M}{S}", "20261125193000"),
        ("{utc:YmdHMS}", "20261125113000"),
        ("{duration}/{duration:60}/{offset:3600}", "2700/45/2"),
        ("{lutc} {catchup-id} {unknown}", "1795613400 nh-77 {unknown}"),
        ("{duration:0}", "2700"),
    ],
)
def test_placeholders_are_filled(template: str, expected: str) -> None:
    assert fill(template, CUT) == expected
