"""hls.js in Chromium and ffmpeg play the channel: changes between encrypted and clear films, inserts, a restart."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from middleware.commands.vod_gathering import Gathering
from tests.vod.air import Air, on_air
from tools.bench.players import Chromium, decode, decoded
from vod.check import examine
from vod.subtitles import EMPTY


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Air]:
    with on_air(tmp_path_factory.mktemp("air")) as found:
        yield found


@pytest.mark.browser
def test_the_channel_plays_through_changes_an_insert_and_a_restart(air: Air, chromium: Browser) -> None:
    # It takes a refused connection for the end, so that it must be done with what is listed before the restart.
    ffmpeg = decode(air.address("360.m3u8"), 10)

    def meanwhile(second: int) -> None:
        if second == 5:
            air.stop()
        if second == 6:
            air.start()

    seen = Chromium(chromium).play(air.address(), 12, switch_s=4, meanwhile=meanwhile)
    heard = decoded(ffmpeg, 30)

    assert seen.sound, seen
    assert (seen.levels, seen.breaks >= 3, seen.played > 9) == (2, True, True), seen
    _words_show_in_their_second(seen.words)
    assert heard.errors == ()
    assert heard.seconds >= 9.9
    # At each break the clock starts anew, which ffmpeg says in up to three lines; there is one every 5 s.
    assert len(heard.warnings) <= 9, heard.warnings


def _words_show_in_their_second(words: tuple[tuple[str, str, float], ...]) -> None:
    """Of the programme alone, wherever it is joined or goes on behind an insert."""
    # A segment is told a moment after it begins.
    inside = [each for each in words if 0.4 < each[2] < (2.6 if "/2-1/" in each[1] else 5.6)]
    assert len({text for text, _, _ in inside}) > 3
    for text, address, at in inside:
        second = int(address[-8:-3]) * 6 + at
        assert "/3-1/" in address
        assert int(text) - 0.2 <= second <= int(text) + 1.2, (text, address, at)


def test_the_checker_finds_nothing_in_subtitles_that_show_with_their_pictures(air: Air) -> None:
    now = air.now() // 1000
    for form in ("", f"{now - 70}-{now - 40}/"):
        seen = Gathering(air.address(f"{form}master.m3u8")).evidence(seconds=0, bytes_too=True, peer=None, ahead_s=0)
        texts = [shot.text or "" for uri, shots in seen.shots.items() if uri.endswith("sub-zh.m3u8") for shot in shots]
        odd = [each for each in examine(seen) if ("sub-zh" in each.uri or ".vtt" in each.uri) and each.rule != 45]

        assert [sum("-->" in text for text in texts) > 1, EMPTY.decode() in texts] == [True, True]
        assert odd == []


@pytest.mark.browser
def test_catch_up_and_start_over_begin_at_the_asked_second(air: Air, chromium: Browser) -> None:
    now = air.now() // 1000
    begun = (now - 70) * 1000
    segment = air.effective.slice(begun, begun + 1, now * 1000).entries[0].start_ms

    slice_seen = Chromium(chromium).play(air.address(f"{now - 70}-{now - 40}/master.m3u8"), 2)
    shift_seen = Chromium(chromium).play(air.address(f"shift/{now - 70}-{now}/master.m3u8"), 2)

    assert slice_seen.sound, slice_seen
    assert shift_seen.sound, shift_seen
    assert slice_seen.words
    assert slice_seen.start_ms == segment
    assert segment <= shift_seen.start_ms <= segment + 18_000
