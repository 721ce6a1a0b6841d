"""Playlist text: read back the same by m3u8, clean by our own rules, equal for equal values."""

import m3u8
from hypothesis import given
from hypothesis import strategies as st

from vod import playlists
from vod.catalogue import TICKS_PER_S, Edition, Rendition
from vod.check import check, check_variants
from vod.ladder import FRAME_TICKS, LADDER

RUNG_SETS = (LADDER[:2], LADDER[1:3], LADDER[1:])


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    """What packaging can give: whole segments of 6 s, a last one of 2 to 6 s, measured rates."""
    last = draw(st.integers(50, 150)) * FRAME_TICKS
    ticks = (6 * TICKS_PER_S,) * draw(st.integers(0, 12)) + (last,)
    rungs = draw(st.sampled_from(RUNG_SETS))
    return Edition(ticks, tuple(_rendition(draw, rung, len(ticks)) for rung in rungs))


def _rendition(draw: st.DrawFn, rung, count: int) -> Rendition:
    average = draw(st.integers(50_000, 9_000_000))
    sizes = tuple(draw(st.lists(st.integers(188, 9_000_000), min_size=count, max_size=count)))
    peak = average + draw(st.integers(0, 2_000_000))
    codecs = draw(st.sampled_from(["avc1.4d401e,mp4a.40.2", "avc1.42c01f,mp4a.40.2"]))
    return Rendition(
        rung.height, rung.width, rung.height, 25_000, codecs, peak, average, 7200, sizes, ("",) * count
    )  # fmt: skip


@given(editions())
def test_m3u8_reads_back_the_same_film(edition: Edition) -> None:
    master = m3u8.loads(playlists.master(edition).decode())
    media = m3u8.loads(playlists.media(edition, "5-1", 360).decode())

    assert [round(segment.duration * TICKS_PER_S) for segment in media.segments] == list(edition.seg_ticks)
    assert [segment.uri for segment in media.segments] == [
        f"../../s/5-1/360/{index:05d}.ts" for index in range(len(edition.seg_ticks))
    ]
    assert (media.playlist_type, media.is_endlist, media.media_sequence, media.target_duration) == ("vod", True, 0, 6)
    told = {int(entry.uri.removesuffix(".m3u8")): entry.stream_info for entry in master.playlists}
    assert told.keys() == {rendition.rung for rendition in edition.renditions}
    for rendition in edition.renditions:
        stream = told[rendition.rung]
        assert (stream.bandwidth, stream.average_bandwidth) == (rendition.peak, rendition.average)
        assert (stream.resolution, stream.codecs) == ((rendition.width, rendition.height), rendition.codecs)
        assert stream.frame_rate == 25.0


@given(editions())
def test_our_rules_find_nothing(edition: Edition) -> None:
    lists = {str(r.rung): playlists.media(edition, "5-1", r.rung) for r in edition.renditions}

    assert check(playlists.master(edition)) == []
    assert [finding for data in lists.values() for finding in check(data)] == []
    assert check_variants(lists) == []


@given(editions())
def test_equal_values_give_equal_bytes(edition: Edition) -> None:
    again = Edition(tuple(edition.seg_ticks), tuple(edition.renditions))

    assert playlists.master(edition) == playlists.master(again)
    assert playlists.media(edition, "5-1", 360) == playlists.media(again, "5-1", 360)


def test_the_text_is_exactly_this() -> None:
    low = Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 900_000, 800_000, 7200, (1, 2), ("", ""))
    mid = Rendition(540, 960, 540, 25_000, "avc1.4d401f,mp4a.40.2", 1_900_000, 1_700_000, 7200, (1, 2), ("", ""))
    top = Rendition(720, 1280, 720, 25_000, "avc1.4d401f,mp4a.40.2", 2_900_000, 2_700_000, 7200, (1, 2), ("", ""))
    edition = Edition((540_000, 183_600), (low, mid, top))

    assert playlists.master(edition).decode() == (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=1900000,AVERAGE-BANDWIDTH=1700000,CODECS="avc1.4d401f,mp4a.40.2",'
        "RESOLUTION=960x540,FRAME-RATE=25.000\n540.m3u8\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=2900000,AVERAGE-BANDWIDTH=2700000,CODECS="avc1.4d401f,mp4a.40.2",'
        "RESOLUTION=1280x720,FRAME-RATE=25.000\n720.m3u8\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=900000,AVERAGE-BANDWIDTH=800000,CODECS="avc1.4d401e,mp4a.40.2",'
        "RESOLUTION=640x360,FRAME-RATE=25.000\n360.m3u8\n"
    )
    assert playlists.media(edition, "5-1", 540).decode() == (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n#EXTINF:6.000,\n../../s/5-1/540/00000.ts\n#EXTINF:2.040,\n"
        "../../s/5-1/540/00001.ts\n#EXT-X-ENDLIST\n"
    )


def test_lengths_that_are_no_whole_milliseconds_get_six_decimals() -> None:
    assert playlists.durations((540_000, 183_600)) == ["6.000", "2.040"]
    assert playlists.durations((540_540, 183_183)) == ["6.006000", "2.035367"]
