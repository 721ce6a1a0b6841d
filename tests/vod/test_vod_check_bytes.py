"""Rules 27-39 and 47 by media bytes: each is broken alone by one odd segment.

That packaged films break none is seen from outside, in tests/cli/test_cli_serve.py.
"""

from collections.abc import Callable

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.vod.checking import check_variants
from tests.vod.ts_maker import Cut, Made, Muxer, entry, film, sps
from vod.check import Evidence, examine
from vod.check_footage import shot
from vod.check_read import read
from vod.check_ts import stream


def found(evidence: Evidence) -> set[tuple[int, str]]:
    return {(each.rule, each.severity) for each in examine(evidence)}


def one_rung(made: Made, **odd: object) -> Made:
    """Only the 540 rung's second segment is odd."""
    cuts = [evolve(cut, **odd) if number == 1 else cut for number, cut in enumerate(made.cuts[540])]
    return evolve(made, cuts={**made.cuts, 540: cuts})


def moved(made: Made, ticks: int, rungs: tuple[int, ...], since: int) -> Made:
    """Segments from number `since` on begin later."""
    cuts = {
        rung: [
            evolve(cut, first=cut.first + ticks) if rung in rungs and n >= since else cut for n, cut in enumerate(cuts)
        ]
        for rung, cuts in made.cuts.items()
    }
    return evolve(made, cuts=cuts)


def lengths(made: Made, new: bytes) -> Made:
    """Both lists tell another length of the first segment."""
    texts = {name: text.replace(b"6.000", new, 1) for name, text in made.texts.items()}
    return evolve(made, texts=texts)


def late_sound(made: Made) -> Made:
    return evolve(made, cuts={rung: [evolve(c, sound_late=9000) for c in cuts] for rung, cuts in made.cuts.items()})


def taller(made: Made) -> Made:
    """The 360 rung says that it needs level 4.0, in its pictures and in the master."""
    cuts = [evolve(cut, unit=sps(360, level=40)) for cut in made.cuts[360]]
    return evolve(made, cuts={**made.cuts, 360: cuts}, codecs={**made.codecs, 360: "avc1.4d4028"})


def test_a_sound_film_has_no_findings() -> None:
    assert examine(film().evidence()) == []


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ((27, "E"), lambda: moved(film(), 3 * 3600, (540,), 0)),
        ((29, "E"), lambda: evolve(film(), rates=1.3)),
        ((29, "E"), lambda: evolve(film(packets=1600), rates=1 / 1.15)),
        ((30, "E"), lambda: evolve(film(), averages=0.8)),
        ((30, "W"), lambda: film(packets=20_000)),
        ((31, "E"), lambda: film(pat_first=False)),
        ((31, "E"), lambda: film(pps=False)),
        ((32, "W"), lambda: film(keys=(0, 100))),
        ((32, "E"), lambda: one_rung(film(), keys=(0, 49, 99))),
        ((33, "E"), lambda: lengths(film(), b"5.900")),
        ((34, "E"), lambda: film(slip=True)),
        ((34, "E"), lambda: film(back=True)),
        ((34, "E"), lambda: moved(film(), 90_000, (360, 540), 1)),
        ((35, "E"), lambda: film(sound=False)),
        ((35, "E"), lambda: late_sound(film())),
        ((36, "E"), lambda: evolve(film(), codecs={360: "avc1.4d401e", 540: "avc1.4d4028"})),
        ((37, "W"), lambda: taller(film())),
        ((38, "E"), lambda: film(channels=1)),
    ],
)
def test_an_odd_segment_is_found_by_its_rule_alone(rule: tuple[int, str], broken: Callable[[], Made]) -> None:
    assert found(broken().evidence()) == {rule}


def test_pictures_beyond_what_old_boxes_decode_are_told() -> None:
    read_back = stream(Muxer().segment(Cut(unit=sps(540, deep=True)))).parameters[0]
    laced = stream(Muxer().segment(Cut(unit=sps(540, progressive=False)))).parameters[0]

    assert (read_back.profile, read_back.chroma, read_back.bits) == (110, 1, 9)
    assert (laced.progressive, laced.high) == (False, 34)


def test_lengths_that_each_fit_but_not_in_sum_are_found() -> None:
    made = film()
    texts = {name: text.replace(b"6.000", b"6.039") for name, text in made.texts.items()}

    assert found(evolve(made, texts=texts).evidence()) == {(33, "E")}


def test_a_live_rung_that_shows_another_time_is_found() -> None:
    def live(made: Made) -> Evidence:
        evidence = moved(made, 4 * 3600, (540,), 0).evidence()
        gone = (b"#EXT-X-PLAYLIST-TYPE:VOD\n", b"#EXT-X-ENDLIST\n")
        lists = [read(each.data.replace(gone[0], b"").replace(gone[1], b""), each.uri) for each in evidence.rounds[0]]
        return evolve(evidence, rounds=(tuple(lists),))

    assert (28, "E") in found(live(film()))
    assert (27, "E") not in found(live(film()))


NOTHING = read(film().texts["360.m3u8"], "http://tv/v/1-1/360.m3u8")


@pytest.mark.parametrize("noise", [b"<html>", b"G" * 376, bytes(range(256)) * 3, Muxer().segment(Cut())[:-40]])
def test_what_is_no_transport_stream_is_told_and_never_fails(noise: bytes) -> None:
    made = shot(entry("a.ts"), "http://tv/a.ts", noise)

    assert made.stream is None or made.stream.pictures == ()
    assert found(Evidence(rounds=((NOTHING,),), shots={NOTHING.uri: (made,)})) == {(31, "E")}


KEY, IV = bytes(range(16)), "0x" + "5a" * 16


def encrypted(data: bytes) -> bytes:
    padding = 16 - len(data) % 16
    writer = Cipher(algorithms.AES128(KEY), modes.CBC(bytes.fromhex(IV[2:]))).encryptor()
    return writer.update(data + bytes([padding]) * padding) + writer.finalize()


@pytest.mark.parametrize(
    ("key", "iv", "rules"),
    [(KEY, IV, set()), (bytes(16), IV, {39}), (None, IV, {39}), (KEY, "0x" + "00" * 16, {39}), (b"short", IV, {39})],
)
def test_an_encrypted_segment_opens_with_its_key_and_iv_only(key: bytes | None, iv: str, rules: set[int]) -> None:
    made = film()
    tag = f'#EXT-X-KEY:METHOD=AES-128,URI="k",IV={iv}\n#EXTINF:6.000'.encode()
    text = made.texts["360.m3u8"].replace(b"#EXTINF:6.000", tag, 1)
    playlist, muxer = read(text, "http://tv/v/1-1/360.m3u8"), Muxer()
    shots = tuple(
        shot(each, playlist.address(each.uri), encrypted(muxer.segment(cut)), key)
        for each, cut in zip(playlist.entries, made.cuts[360], strict=True)
    )

    assert {each.rule for each in examine(Evidence(rounds=((playlist,),), shots={playlist.uri: shots}))} == rules


FRAMES = b"""#EXTM3U
#EXT-X-VERSION:4
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-I-FRAMES-ONLY
#EXTINF:2.000,
#EXT-X-BYTERANGE:376@0
0.ts
#EXTINF:2.000,
#EXT-X-BYTERANGE:376@1128
0.ts
#EXT-X-ENDLIST
"""


def test_a_byte_range_behind_the_end_of_its_file_is_found() -> None:
    def rules(size: int) -> set[tuple[int, str]]:
        return found(Evidence(rounds=((read(FRAMES, "http://tv/i.m3u8"),),), sizes={"http://tv/0.ts": size}))

    assert rules(1504) == set()
    assert rules(1503) == {(18, "E")}


def text_list(seconds: bytes) -> bytes:
    return film().texts["360.m3u8"].replace(b".ts", b".vtt").replace(b"2.000", seconds)


WORDS = (
    "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:7200,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\n南湖\n\n"
    "00:00:03.500 --> 00:00:06.200\n<b>红船</b>\n"
)


@pytest.mark.parametrize(
    ("change", "sound"),
    [
        (lambda text: text, True),
        (lambda text: text.replace("WEBVTT\n", "WEBVTT - 南湖\n"), True),
        (lambda text: text.replace("WEBVTT", "﻿WEBVTT"), False),
        (lambda text: text.replace("7200", "1920"), False),
        (lambda text: text.replace("X-TIMESTAMP-MAP=", "X-"), False),
        (lambda text: text.replace("00:01.000", "00:04.000").replace("00:02.000", "00:05.000"), False),
        (lambda text: text.replace("00:02.000", "00:01.000"), False),
        (lambda text: text.replace("00:00:03.500", "00:00:06.000"), False),
    ],
)
def test_subtitles_have_their_map_and_their_cues_in_order(change: Callable[[str], str], sound: bool) -> None:
    evidence = film().evidence()
    playlist = read(text_list(b"2.000"), "http://tv/v/1-1/sub.m3u8")
    texts = (shot(playlist.entries[0], "http://tv/0.vtt", change(WORDS).encode()),)
    whole = evolve(evidence, rounds=((*evidence.rounds[0], playlist),), shots={**evidence.shots, playlist.uri: texts})

    assert found(whole) == (set() if sound else {(47, "E")})


@pytest.mark.parametrize(
    ("change", "sound"),
    [
        (lambda text: text, True),
        (lambda text: text[: text.index("\n\n")] + "\n", True),
        (lambda text: text.replace("MPEGTS:7200", "MPEGTS:549000"), False),
        (lambda text: text.replace("00:07.000 --> 00:08.000", "00:13.000 --> 00:14.000"), False),
        (lambda text: text.replace("00:05.000 --> 00:07.000", "00:05.000 --> 00:05.500"), False),
    ],
)
def test_subtitles_of_a_channel_show_with_the_pictures_of_their_segment(
    change: Callable[[str], str], sound: bool
) -> None:
    text = (
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:7200,LOCAL:00:00:00.000\n\n00:05.000 --> 00:07.000\n南\n\n"
        "00:07.000 --> 00:08.000\n湖\n"
    )
    evidence = film().evidence()
    dated = text_list(b"2.000").replace(
        b"#EXTINF:6.000", b"#EXT-X-PROGRAM-DATE-TIME:2026-11-25T17:00:00.000Z\n#EXTINF:6.000", 1
    )
    playlist = read(dated, "http://tv/ch/a/1-9/sub-zh.m3u8")
    texts = (shot(playlist.entries[1], "http://tv/1.vtt", change(text).encode()),)
    whole = evolve(evidence, rounds=((*evidence.rounds[0], playlist),), shots={**evidence.shots, playlist.uri: texts})

    assert found(whole) == (set() if sound else {(47, "E")})


@pytest.mark.parametrize(("rates", "rules"), [(1 / 1.15, set()), (1 / 1.3, {(29, "E")}), (1.3, set())])
def test_what_was_on_keeps_to_the_rates_that_the_channel_promises(rates: float, rules: set[tuple[int, str]]) -> None:
    made = evolve(film(packets=1600), rates=rates, averages=0.5)
    dated = b"#EXT-X-PROGRAM-DATE-TIME:2026-11-25T17:00:00.000Z\n#EXTINF:6.000"
    texts = {name: text.replace(b"#EXTINF:6.000", dated, 1) for name, text in made.texts.items()}

    assert found(evolve(made, texts=texts).evidence()) == rules


def test_subtitles_of_a_channel_that_fall_out_of_step_are_found() -> None:
    gone = (b"#EXT-X-PLAYLIST-TYPE:VOD\n", b"#EXT-X-ENDLIST\n")
    live = film().texts["360.m3u8"].replace(gone[0], b"").replace(gone[1], b"")
    words = live.replace(b"/360/", b"/sub-zh/").replace(b".ts", b".vtt")
    empty = words.replace(b"1-1/sub-zh/00001.vtt", b"empty.vtt")
    other = words.replace(b"1-1/sub-zh/00001", b"1-1/sub-zh/00002")
    broken = words.replace(b"#EXTINF:2", b"#EXT-X-DISCONTINUITY\n#EXTINF:2")

    assert check_variants({"a": live, "b": words}) == check_variants({"a": live, "b": empty}) == []
    assert {each.rule for each in check_variants({"a": live, "b": other})} == {28}
    assert 26 in {each.rule for each in check_variants({"a": live, "b": broken})}
    assert {each.rule for each in check_variants({"a": live, "b": words.replace(b"TION:6", b"TION:7")})} == {25}


def test_subtitles_that_end_before_the_film_are_found() -> None:
    evidence = film().evidence()
    short = read(text_list(b"1.000"), "http://tv/v/1-1/sub.m3u8")

    assert found(evolve(evidence, rounds=((*evidence.rounds[0], short),))) == {(47, "E")}
