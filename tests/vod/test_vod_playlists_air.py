"""Lists of the linear channel: read back the same by m3u8, clean by our rules over time, equal in all variants."""

from datetime import UTC, datetime

import m3u8
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.vod.channel_days import STEPS, whole
from tests.vod.checking import check, check_history, check_variants
from tools.bench.channel_story import BEGIN_MS, SIX, SUBTITLED, Step, stock, told
from vod import playlists
from vod.catalogue import Edition, Rendition, Track, aired_captions
from vod.ladder import LADDER
from vod.linear import Draft, Effective, Entry, Film, Pool, Slice, Window, fold, next_row
from vod.playlists import FULL, PLAIN, Profile

SECRET = "0123456789abcdef0123456789abcdef"


def model(text: bytes) -> tuple[int | None, int | None, list[tuple[str, int, bool, datetime | None]]]:
    """Numbers and segments as m3u8 reads them; it drops a discontinuity number of 0."""
    read = m3u8.loads(text.decode())
    segments = [
        (each.uri, round(each.duration * 1000), bool(each.discontinuity), each.current_program_date_time)
        for each in read.segments
    ]
    return read.media_sequence, read.discontinuity_sequence, segments


def told_as(entries: tuple[Entry, ...], rung: int) -> list[tuple[str, int, bool, datetime]]:
    return [
        (
            f"../../s/{each.asset}-{each.rev}/{rung}/{each.index:05d}.ts",
            each.ticks // 90,
            each.discontinuity,
            datetime.fromtimestamp(each.start_ms / 1000, UTC),
        )
        for each in entries
    ]


def lists(found: Window | Slice, profile: Profile = FULL) -> dict[str, bytes]:
    write = playlists.linear if isinstance(found, Window) else playlists.cut
    names = {360: "360.m3u8", 540: "540.m3u8", 720: "720.m3u8", None: "sub-zh.m3u8"}
    return {name: write(found, rung, profile) for rung, name in names.items()}


def words_told_as(entries: tuple[Entry, ...]) -> list[tuple[str, int, bool, datetime]]:
    """The same segments as texts, of most films the empty one."""
    return [
        (
            uri.replace("/0/", "/sub-zh/").replace(".ts", ".vtt") if one.asset in SUBTITLED else "../../s/empty.vtt",
            ms,
            breaks,
            at,
        )
        for one, (uri, ms, breaks, at) in zip(entries, told_as(entries, 0), strict=True)
    ]


@given(STEPS, st.integers(0, 900))
def test_m3u8_reads_back_a_live_list_and_all_variants_agree(steps: list[Step], second: int) -> None:
    arrivals, end = told(steps)
    found = whole(arrivals).window(min(BEGIN_MS + second * 1_000, end))
    assert found is not None
    texts = lists(found)

    msn, dsn, segments = model(texts["540.m3u8"])
    assert (msn, dsn, segments) == (found.msn, found.dsn, told_as(found.entries, 540))
    assert model(texts["sub-zh.m3u8"]) == (found.msn, found.dsn, words_told_as(found.entries))
    assert check_variants(texts) == []
    assert [finding for text in texts.values() for finding in check(text)] == []
    assert m3u8.loads(texts["360.m3u8"].decode()).target_duration == 6


@given(STEPS)
def test_no_rule_is_broken_as_time_goes_on(steps: list[Step]) -> None:
    arrivals, end = told(steps)
    effective = whole(arrivals)
    windows = [(at, effective.window(at - 1_000)) for at in range(BEGIN_MS, end, 4_000)]

    for rung in (540, None):
        polls = [(at, playlists.linear(found, rung, FULL)) for at, found in windows if found is not None]
        assert [finding for finding in check_history(polls) if finding.severity == "E"] == []
        assert [finding for finding in check_history(polls) if finding.rule != 41] == []


@given(STEPS, st.integers(-100, 600), st.integers(1, 400))
def test_m3u8_reads_back_a_slice(steps: list[Step], begin: int, length: int) -> None:
    arrivals, end = told(steps)
    start = BEGIN_MS + begin * 1_000
    found = whole(arrivals).slice(start, start + length * 1_000, end)
    if not found.runs:
        return
    texts = lists(found)

    msn, dsn, segments = model(texts["720.m3u8"])
    assert (msn, dsn or 0, segments) == (0, 0, told_as(found.entries, 720))
    assert model(texts["sub-zh.m3u8"])[2] == words_told_as(found.entries)
    assert check_variants(texts) == []
    assert [finding for text in texts.values() for finding in check(text)] == []


def aired(*drafts: Draft, films: tuple[Film, ...] = ()) -> Effective:
    known, pools = stock()
    effective = fold([], [], known | {(film.asset, film.rev): film for film in films}, pools, channel="nanhu.town")
    opening = Draft("filler", 4, 2, 0, 5, start_ms=BEGIN_MS - 120_000)
    for draft in (opening, *drafts):
        effective = effective.grown([next_row(effective, draft, BEGIN_MS)])
    return effective


def test_the_text_of_a_live_list_is_exactly_this() -> None:
    effective = aired(Draft("asset", 13, 1, 0, 4, "news", start_ms=BEGIN_MS + 36_000), Draft("ident", 14, 1, 0, 1))
    whole_window = effective.window(BEGIN_MS + 60_000)
    assert whole_window is not None
    found = evolve(whole_window, runs=whole_window.runs[-3:])

    assert playlists.linear(found, 540, FULL).decode() == (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:24\n"
        "#EXT-X-DISCONTINUITY-SEQUENCE:8\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-DATERANGE:ID="nanhu.town-2",CLASS="cn.nanhu.programme",START-DATE="2026-09-21T14:13:56.000Z",'
        "DURATION=20.000,PLANNED-DURATION=20.000\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:44.000Z\n"
        "#EXTINF:6.000,\n../../s/4-2/540/00000.ts\n#EXTINF:6.000,\n../../s/4-2/540/00001.ts\n"
        "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:56.000Z\n"
        "#EXTINF:6.000,\n../../s/13-1/540/00000.ts\n#EXTINF:6.000,\n../../s/13-1/540/00001.ts\n"
        "#EXTINF:6.000,\n../../s/13-1/540/00002.ts\n#EXTINF:2.000,\n../../s/13-1/540/00003.ts\n"
        "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:14:16.000Z\n"
        "#EXTINF:3.000,\n../../s/14-1/540/00000.ts\n"
    )
    assert "DATERANGE" not in playlists.linear(found, 540, PLAIN).decode()
    assert playlists.linear(evolve(found, ended=True), 540).decode().endswith("00000.ts\n#EXT-X-ENDLIST\n")


def test_an_encrypted_film_tells_its_key_and_the_clear_one_behind_it_that_there_is_none() -> None:
    secret = Film(20, 3, (SIX, SIX), SECRET)
    effective = aired(
        Draft("asset", 20, 3, 0, 1, start_ms=BEGIN_MS + 36_000),
        Draft("asset", 20, 3, 1, 2),
        Draft("asset", 11, 1, 0, 2),
        films=(secret,),
    )
    found = effective.slice(BEGIN_MS + 30_000, BEGIN_MS + 60_000, BEGIN_MS + 90_000)
    text = playlists.cut(found, 360).decode()

    assert [line for line in text.splitlines() if "KEY" in line or line.endswith(".ts")] == [
        "../../s/4-2/360/00001.ts",
        f'#EXT-X-KEY:METHOD=AES-128,URI="../../k/20-3",IV=0x{SECRET}',
        "../../s/20-3/360/00000.ts",
        "../../s/20-3/360/00001.ts",
        "#EXT-X-KEY:METHOD=NONE",
        "../../s/11-1/360/00000.ts",
        "../../s/11-1/360/00001.ts",
    ]
    assert check(text.encode()) == []
    # Subtitles are never encrypted.
    assert "KEY" not in playlists.cut(found, None).decode()


def test_fragments_name_their_initialisation_where_the_film_changes() -> None:
    effective = aired(Draft("asset", 11, 1, 0, 2, start_ms=BEGIN_MS + 36_000), Draft("asset", 12, 1, 0, 9))
    found = effective.window(BEGIN_MS + 110_000)
    assert found is not None
    text = playlists.linear(found, 720, Profile(container="fmp4", root="/t/9/x/pub/")).decode()

    assert "#EXT-X-VERSION:6\n" in text
    assert [line for line in text.splitlines() if "MAP" in line or line.endswith("00000.m4s")][-4:] == [
        '#EXT-X-MAP:URI="/t/9/x/pub/s/12-1/f720/init.mp4"',
        "/t/9/x/pub/s/12-1/f720/00000.m4s",
        '#EXT-X-MAP:URI="/t/9/x/pub/s/2-1/f720/init.mp4"',
        "/t/9/x/pub/s/2-1/f720/00000.m4s",
    ]
    assert check(text.encode()) == []
    words = playlists.linear(found, None, Profile(container="fmp4", root="/t/9/x/pub/")).decode()
    assert "#EXT-X-VERSION:3\n" in words
    assert words.endswith("#EXTINF:6.000,\n/t/9/x/pub/s/empty.vtt\n")
    assert "MAP" not in words


def test_a_channel_is_listed_in_fragments_only_where_all_of_it_has_them() -> None:
    known, _ = stock()
    films = {key: evolve(film, fragments=True) for key, film in known.items()}
    pool = Pool(0, (films[2, 1],), films[1, 1])
    whole = fold([], [], films, {0: pool}, channel="town")
    whole = whole.grown([next_row(whole, Draft("filler", 2, 1, 0, 3, start_ms=BEGIN_MS), BEGIN_MS)])
    slated = evolve(whole, pools={0: evolve(pool, slate=known[1, 1])})
    relayed = slated.grown([next_row(slated, Draft("relay", 500, 1, start_ms=BEGIN_MS + 36_000), BEGIN_MS)])
    asked = Profile(container="fmp4")

    assert [playlists.of_what_is_there(asked, each).container for each in (whole, relayed)] == ["fmp4", "ts"]
    assert playlists.of_what_is_there(Profile(top=540), relayed) == Profile(top=540)


def test_the_subtitles_of_a_channel_keep_step_with_its_pictures_and_are_empty_where_a_film_has_none() -> None:
    effective = aired(Draft("asset", 13, 1, 1, 4, "news", start_ms=BEGIN_MS + 36_000), Draft("ident", 14, 1, 0, 1))
    whole_window = effective.window(BEGIN_MS + 54_000)
    assert whole_window is not None
    found = evolve(whole_window, runs=whole_window.runs[-3:])

    assert playlists.linear(found, None, Profile(subtitles=True)).decode() == (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:24\n"
        "#EXT-X-DISCONTINUITY-SEQUENCE:8\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:44.000Z\n"
        "#EXTINF:6.000,\n../../s/empty.vtt\n#EXTINF:6.000,\n../../s/empty.vtt\n"
        "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:56.000Z\n"
        "#EXTINF:6.000,\n../../s/13-1/sub-zh/00001.vtt\n#EXTINF:6.000,\n../../s/13-1/sub-zh/00002.vtt\n"
        "#EXTINF:2.000,\n../../s/13-1/sub-zh/00003.vtt\n"
        "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:14:10.000Z\n"
        "#EXTINF:3.000,\n../../s/empty.vtt\n"
    )


def test_the_channel_shows_chinese_subtitles_that_are_cut_as_the_pictures_and_no_others() -> None:
    def track(key: str, *seg_ticks: int) -> Track:
        return Track(key, key, "", seg_ticks, (), ())

    assert aired_captions([track("en", SIX, SIX), track("zh-Hans", SIX, SIX)], (SIX, SIX)) == "zh-Hans"
    assert aired_captions([track("zh", 2 * SIX), track("en", SIX, SIX)], (SIX, SIX)) == ""


def test_the_master_of_a_channel_promises_the_rates_of_its_ladder() -> None:
    film = Edition((SIX,), tuple(_rendition(rung.height, rung.width) for rung in LADDER[1:]))
    low, text = m3u8.loads(playlists.channel_master(film, Profile(top=540)).decode()), playlists.channel_master(film)

    assert [entry.uri for entry in low.playlists] == ["540.m3u8", "360.m3u8"]
    assert [(entry.uri, entry.stream_info.bandwidth) for entry in m3u8.loads(text.decode()).playlists] == [
        ("540.m3u8", 2_004_480),
        ("720.m3u8", 3_073_680),
        ("360.m3u8", 935_280),
    ]
    assert check(text) == []
    assert b"SUBTITLES" not in text


def test_the_master_of_a_channel_offers_subtitles_to_profiles_that_want_them() -> None:
    film = Edition((SIX,), tuple(_rendition(rung.height, rung.width) for rung in LADDER[1:]))
    text = playlists.channel_master(film, FULL)
    read = m3u8.loads(text.decode())

    assert [(each.type, each.uri, each.name, each.language, each.group_id) for each in read.media] == [
        ("SUBTITLES", "sub-zh.m3u8", "中文字幕", "zh", "sub")
    ]
    assert {entry.stream_info.subtitles for entry in read.playlists} == {"sub"}
    assert check(text) == []


def _rendition(rung: int, width: int) -> Rendition:
    return Rendition(rung, width, rung, 25_000, "avc1.4d401f,mp4a.40.2", 700, 600, 7200, (1,), ("",))
