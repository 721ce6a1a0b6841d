"""Playlist text: read back the same by m3u8, clean by our own rules, equal for equal values."""

import m3u8
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.vod.checking import check, check_variants
from vod import playlists
from vod.catalogue import TICKS_PER_S, Edition, Rendition, Track
from vod.ladder import FPS, LADDER
from vod.playlists import FULL, Profile

RUNG_SETS = (LADDER[:2], LADDER[1:3], LADDER[1:])


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    """What packaging can give: whole segments of 6 s, a last one of 2 to 6 s, measured rates."""
    last = draw(st.integers(50, 150)) * TICKS_PER_S // FPS
    ticks = (6 * TICKS_PER_S,) * draw(st.integers(0, 12)) + (last,)
    rungs = draw(st.sampled_from(RUNG_SETS))
    renditions = tuple(_rendition(draw, rung, len(ticks)) for rung in rungs)
    return Edition(
        ticks,
        renditions,
        subtitles=draw(st.lists(_tracks(5_400_000, ""), max_size=2, unique_by=lambda track: track.key).map(tuple)),
        sounds=draw(st.lists(_tracks(540_000, "mp4a.40.2"), max_size=2, unique_by=lambda track: track.key).map(tuple)),
        iv=draw(st.sampled_from(["", "00112233445566778899aabbccddeeff"])),
    )


def _tracks(length: int, codecs: str) -> st.SearchStrategy[Track]:
    ticks = st.integers(1, 3).map(lambda count: (length,) * count)
    names = st.text(max_size=9).map(lambda text: f"语{text}")
    return st.builds(
        lambda key, title, ticks: Track(key, "zh", title, ticks, (1,) * len(ticks), ("",) * len(ticks), codecs),
        st.sampled_from(["zh", "zh-2", "en"]),
        names,
        ticks,
    )


def _rendition(draw: st.DrawFn, rung, count: int) -> Rendition:
    average = draw(st.integers(50_000, 9_000_000))
    sizes = tuple(draw(st.lists(st.integers(188, 9_000_000), min_size=count, max_size=count)))
    peak = average + draw(st.integers(0, 2_000_000))
    codecs = draw(st.sampled_from(["avc1.4d401e,mp4a.40.2", "avc1.42c01f,mp4a.40.2"]))
    frames = ((564, draw(st.integers(188, 90_000)), 180_000), (90_000, draw(st.integers(188, 9_000)), 360_000))
    return Rendition(
        rung=rung.height,
        width=rung.width,
        height=rung.height,
        frame_rate=25_000,
        codecs=codecs,
        peak=peak,
        average=average,
        first_pts=7200,
        segment_bytes=sizes,
        sha256=("",) * count,
        iframes=(frames,) * count,
    )


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
def test_everything_a_film_has_is_told_to_boxes_that_can_use_it(edition: Edition) -> None:
    text = playlists.master(edition, FULL)
    read = m3u8.loads(text.decode())

    assert check(text) == []
    assert {each.uri for each in read.iframe_playlists} == {f"iframes-{r.rung}.m3u8" for r in edition.renditions}
    assert [(each.type, each.name, each.uri) for each in read.media] == [
        *([("AUDIO", "原声", None)] if edition.sounds else []),
        *(("AUDIO", _plain(each.title), f"sound-{each.key}.m3u8") for each in edition.sounds),
        *(("SUBTITLES", _plain(each.title), f"sub-{each.key}.m3u8") for each in edition.subtitles),
    ]
    for entry in read.playlists:
        groups = entry.stream_info.audio, entry.stream_info.subtitles
        assert groups == ("sound" if edition.sounds else None, "sub" if edition.subtitles else None)
    assert playlists.master(edition) == playlists.master(evolve(edition, subtitles=(), sounds=()))


@given(editions())
def test_tracks_have_lists_of_their_own_lengths(edition: Edition) -> None:
    for track in edition.subtitles:
        text = playlists.subtitles(track, "5-1")
        assert [each.uri for each in m3u8.loads(text.decode()).segments] == [
            f"../../s/5-1/sub-{track.key}/{n:05d}.vtt" for n in range(len(track.seg_ticks))
        ]
        assert m3u8.loads(text.decode()).target_duration == 60
        assert check(text) == []
    for track in edition.sounds:
        text = playlists.sound(track, edition, "5-1")
        read = m3u8.loads(text.decode())
        assert read.segments[0].uri == f"../../s/5-1/sound-{track.key}/00000.ts"
        assert [each.key.iv if each.key else None for each in read.segments] == [
            f"0x{edition.iv}" if edition.iv else None for _ in track.seg_ticks
        ]
        assert check(text) == []


@given(editions())
def test_key_frames_are_listed_by_their_place_in_the_segment(edition: Edition) -> None:
    low = edition.renditions[0]
    text = playlists.iframes(edition, "5-1", low.rung)
    assert text is not None
    read = m3u8.loads(text.decode())

    assert check(text) == []
    assert read.is_i_frames_only
    assert [(each.uri[-8:], each.byterange, round(each.duration * TICKS_PER_S)) for each in read.segments] == [
        (f"{number:05d}.ts", f"{size}@{offset}", ticks)
        for number, frames in enumerate(low.iframes)
        for offset, size, ticks in frames
    ]
    assert playlists.iframes(Edition(edition.seg_ticks, (evolve(low, iframes=()),)), "5-1", low.rung) is None
    assert playlists.iframes(edition, "5-1", 999) is None


@given(editions())
def test_fragments_are_listed_as_the_segments_are_cut(edition: Edition) -> None:
    text = playlists.media(edition, "5-1", 360, Profile(container="fmp4", root="/t/9/x/pub/"))
    read = m3u8.loads(text.decode())

    assert check(text) == []
    assert (read.version, read.segments[0].init_section.uri) == (6, "/t/9/x/pub/s/5-1/f360/init.mp4")
    assert [each.uri[-15:] for each in read.segments] == [f"/f360/{n:05d}.m4s" for n in range(len(edition.seg_ticks))]
    assert [round(each.duration * TICKS_PER_S) for each in read.segments] == list(edition.seg_ticks)


def test_a_box_is_shown_no_more_than_it_can_decode_and_the_lowest_in_any_case() -> None:
    rungs = tuple(
        Rendition(h, h * 16 // 9, h, 25_000, "avc1.4d401f,mp4a.40.2", 9, 8, 0, (1,), ("",)) for h in (360, 540, 720)
    )
    edition = Edition((540_000,), rungs)

    def shown(profile: Profile) -> list[str]:
        return [entry.uri for entry in m3u8.loads(playlists.master(edition, profile).decode()).playlists]

    assert shown(Profile()) == ["540.m3u8", "720.m3u8", "360.m3u8"]
    assert shown(Profile(top=540)) == ["540.m3u8", "360.m3u8"]
    assert shown(Profile(top=240)) == ["360.m3u8"]
    assert shown(Profile(container="fmp4")) == ["f540.m3u8", "f720.m3u8", "f360.m3u8"]


def test_an_encrypted_film_states_key_and_vector() -> None:
    low = Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 9, 8, 0, (1,), ("",))
    text = playlists.media(Edition((540_000,), (low,), iv="0f" * 16), "5-2", 360)

    assert f'#EXT-X-KEY:METHOD=AES-128,URI="../../k/5-2",IV=0x{"0f" * 16}\n#EXTINF' in text.decode()
    assert check(text) == []


def _plain(title: str) -> str:
    return "".join(
        " " if each in '"\u2028\u2029' or ord(each) < 32 or 127 <= ord(each) < 160 else each for each in title
    )


@given(editions())
def test_equal_values_give_equal_bytes(edition: Edition) -> None:
    again = evolve(edition, seg_ticks=(*edition.seg_ticks,), renditions=(*map(evolve, edition.renditions),))

    assert playlists.master(edition, FULL) == playlists.master(again, FULL)
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
