"""hls.js in Chromium and ffmpeg play the channel: changes between encrypted and clear films, inserts, a restart."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.vod.air import Air, on_air
from tools.bench.players import Chromium, decode, decoded


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
    assert heard.errors == ()
    assert heard.seconds >= 9.9
    # At each break the clock starts anew, which ffmpeg says in up to three lines; there is one every 5 s.
    assert len(heard.warnings) <= 9, heard.warnings


@pytest.mark.browser
def test_catch_up_and_start_over_begin_at_the_asked_second(air: Air, chromium: Browser) -> None:
    now = air.now() // 1000
    begun = (now - 70) * 1000
    segment = air.effective.slice(begun, begun + 1, now * 1000).entries[0].start_ms

    slice_seen = Chromium(chromium).play(air.address(f"{now - 70}-{now - 40}/master.m3u8"), 2)
    shift_seen = Chromium(chromium).play(air.address(f"shift/{now - 70}-{now}/master.m3u8"), 2)

    assert slice_seen.sound, slice_seen
    assert shift_seen.sound, shift_seen
    assert slice_seen.start_ms == segment
    assert segment <= shift_seen.start_ms <= segment + 18_000
