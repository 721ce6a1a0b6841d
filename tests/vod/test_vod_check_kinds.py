"""Further kinds of media bytes: sound alone, and fragmented MP4 read into the same values as transport streams."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.vod.ts_maker import FRAME, Cut, Muxer, film
from vod.check import Evidence, examine
from vod.check_footage import Shot, footage, shot
from vod.check_mp4 import fragment
from vod.check_read import Playlist, read
from vod.check_ts import BadStream, stream

SOUND = b'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",LANGUAGE="en",NAME="English",URI="sound-en.m3u8"\n'


def sounding(**odd: Any) -> Evidence:
    """A film with a further sound, whose second segment is odd."""
    evidence = film().evidence()
    assert evidence.master is not None
    playlist = read(film().texts["360.m3u8"].replace(b"/360/", b"/sound-en/"), "http://tv/v/1-1/sound-en.m3u8")
    muxer, shots, at = Muxer(), [], 7200
    for number, (entry, frames) in enumerate(zip(playlist.entries, (150, 150, 50), strict=True)):
        cut = Cut(at, frames, pictures=False, packets=0)
        made = muxer.segment(evolve(cut, **odd) if number == 1 else cut)
        shots.append(shot(entry, playlist.address(entry.uri), made))
        at += frames * FRAME
    master = read(evidence.master.data + SOUND, evidence.master.uri)
    return evolve(
        evidence,
        master=master,
        rounds=((*evidence.rounds[0], playlist),),
        shots={**evidence.shots, playlist.uri: tuple(shots)},
    )


def found(evidence: Evidence) -> set[int]:
    return {each.rule for each in examine(evidence)}


@pytest.mark.parametrize(
    ("odd", "rules"),
    [
        ({}, set()),
        ({"sound": False}, {31}),
        ({"pat_first": False}, {31}),
        ({"frames": 140}, {33, 34}),
        ({"sound_late": 3000}, {34}),
        ({"channels": 1}, {38}),
    ],
)
def test_a_further_sound_is_judged_as_sound(odd: dict[str, Any], rules: set[int]) -> None:
    assert found(sounding(**odd)) == rules


def test_a_further_sound_that_ends_early_is_found() -> None:
    evidence = sounding()
    sound = evidence.rounds[0][-1]
    short = read(sound.data.replace(b"2.000", b"1.900"), sound.uri)

    assert 27 in found(evolve(evidence, rounds=((*evidence.rounds[0][:-1], short),)))


@pytest.fixture(scope="module")
def packed(films: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same film as one transport stream and as fragmented MP4, nothing encoded anew."""
    folder = tmp_path_factory.mktemp("packed")
    for kind, more in (("mpegts", ()), ("fmp4", ("-hls_fmp4_init_filename", "init.mp4"))):
        options = ["-hls_time", "6", "-hls_playlist_type", "vod", "-hls_segment_type", kind, *more]
        target = folder / f"{kind}.m3u8"
        command = ["ffmpeg", "-v", "error", "-i", str(films("plain.mp4")), "-c", "copy", "-f", "hls", *options]
        subprocess.run([*command, str(target)], check=True)
    return folder


def test_fragmented_mp4_says_the_same_as_a_transport_stream(packed: Path) -> None:
    ts = stream((packed / "mpegts0.ts").read_bytes())
    mp4 = fragment((packed / "init.mp4").read_bytes(), (packed / "fmp40.m4s").read_bytes())

    assert [each.idr for each in mp4.pictures] == [each.idr for each in ts.pictures]
    assert [each.pts - mp4.first for each in mp4.pictures] == [each.pts - ts.first for each in ts.pictures]
    assert mp4.parameters == ts.parameters
    assert (mp4.sounds[0].rate, mp4.sounds[0].object) == (ts.sounds[0].rate, ts.sounds[0].object)
    assert sum(each.frames for each in mp4.sounds) == sum(each.frames for each in ts.sounds)
    assert abs((mp4.sounds[0].pts - mp4.first) - (ts.sounds[0].pts - ts.first)) <= 90


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (lambda init, data: (init, data), set()),
        (lambda init, data: (b"", data), {31}),
        (lambda init, data: (init, data[: len(data) // 3]), {31}),
        (lambda init, data: (init, bytes(1000)), {31}),
        (lambda init, data: (init, b""), {31}),
        (lambda init, data: (init, data.replace(b"tfdt", b"free")), {31}),
        (lambda init, data: (init.replace(b"avcC", b"free"), data), {31}),
    ],
)
def test_a_fragment_is_whole_or_found(
    packed: Path, change: Callable[[bytes, bytes], tuple[bytes, bytes]], rules: set[int]
) -> None:
    """The film is one of mono sound and of a preset that needs no more than it says; only its wholeness is asked."""
    init, data = change((packed / "init.mp4").read_bytes(), (packed / "fmp40.m4s").read_bytes())
    playlist = _listed()
    made = shot(playlist.entries[0], "http://tv/f360/00000.m4s", data, None, init)

    assert {rule for rule in _rules(playlist, made) if rule not in {32, 35, 37, 38}} == rules


def _listed() -> Playlist:
    text = film().texts["360.m3u8"].replace(b"VERSION:3", b"VERSION:6").replace(b".ts", b".m4s")
    text = text.replace(b"#EXTINF", b'#EXT-X-MAP:URI="init.mp4"\n#EXTINF', 1).replace(b"6.000", b"3.000", 1)
    return read(text, "http://tv/v/1-1/f360.m3u8")


def _rules(playlist: Playlist, made: Shot) -> set[int]:
    seen = footage(playlist, (made,))
    return found(Evidence(rounds=((playlist,),), shots={seen.uri: seen.shots}))


def test_samples_without_end_are_given_up(packed: Path) -> None:
    def box(kind: bytes, *inside: bytes) -> bytes:
        return (8 + sum(map(len, inside))).to_bytes(4, "big") + kind + b"".join(inside)

    head, time = box(b"tfhd", bytes(4), (1).to_bytes(4, "big")), box(b"tfdt", bytes(8))
    runs = [box(b"trun", bytes(4), (90_000).to_bytes(4, "big"))] * 2
    with pytest.raises(BadStream, match="180000 samples"):
        fragment((packed / "init.mp4").read_bytes(), box(b"moof", box(b"traf", head, time, *runs)))


def test_noise_is_no_fragment(packed: Path) -> None:
    init = (packed / "init.mp4").read_bytes()
    for noise in (bytes(range(256)) * 4, b"\0\0\0\1moof" + bytes(40), b"\0\0\0\x08moof" * 5, init[::-1]):
        for header, data in ((init, noise), (noise, (packed / "fmp40.m4s").read_bytes())):
            try:
                read_back = fragment(header, data)
            except BadStream:
                continue

            assert read_back.pictures == ()
