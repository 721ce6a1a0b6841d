"""Real players on the scheduled channel: hls.js in headless Chromium and ffmpeg (issue 5, video.md §16).

    python -m tools.bench.play [--seconds 600] [--switch 7] [--data FOLDER | --tiny]

The real program serves a demonstration town (`--data` copies one that is there; else one is made, which encodes for
minutes). The channel is played over its changes of programme, idents and fillers, with a forced change of rung every
few seconds; at a tenth of the time an editor brings a film in on air, at a third the server is stopped and started
again. ffmpeg decodes the lowest rung meanwhile. Then catch-up and start-over are opened at a second in the past.
`--tiny` plays films of a few seconds from a server in memory instead: only lists and players.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from tests.vod.air import on_air
from tools.bench.players import Chromium, Decoded, Seen, chromium, decode, decoded
from tools.bench.side_by_side import Target, judge, report

TARGETS = [
    Target("hls.js: fatal errors", "fatal", at_most=0),
    Target("hls.js: decoder errors", "decoder", at_most=0),
    Target("hls.js: longest stall", "stall", at_most=0.5, unit="s"),
    Target("hls.js: first picture", "first", at_most=2.0, unit="s", absolute=True),
    Target("hls.js: rungs shown", "levels", at_least=2),
    Target("ffmpeg: errors", "errors", at_most=0),
    Target("ffmpeg: warnings per break", "warnings", at_most=3.0),
    Target("catch-up: off its segment", "slice_off", at_most=0, unit="ms"),
    Target("start-over: off its start", "shift_off", at_most=18_000, unit="ms"),
    Target("both: longest stall", "past_stall", at_most=0.5, unit="s"),
]


@frozen
class Stage:
    """A channel to play: addresses of list forms by name, and what can happen to it while it plays."""

    address: Callable[[str], str]
    insert: Callable[[], None]
    stop: Callable[[], None]
    start: Callable[[], None]
    segment_ms: Callable[[int], int]


@contextmanager
def tiny(folder: Path) -> Iterator[Stage]:
    """Films of 3 to 12 s from memory."""
    with on_air(folder) as air:

        def insert() -> None:
            air.append(3, 0, 2, start=air.effective.edge_after(air.now() + 31_000))

        def segment_ms(at: int) -> int:
            return air.effective.slice(at, at + 1, air.now()).entries[0].start_ms

        yield Stage(air.address, insert, air.stop, air.start, segment_ms)


def live(browser: Chromium, stage: Stage, seconds: float, switch_s: float) -> tuple[Seen, Decoded]:
    """The channel as it is, with an insert and a restart; ffmpeg beside it."""
    process = decode(stage.address("360.m3u8"), seconds)
    down = [seconds / 3, seconds / 3 + 2]
    events = [(seconds / 10, stage.insert), (down[0], stage.stop), (down[1], stage.start)]

    def meanwhile(second: int) -> None:
        while events and second >= events[0][0]:
            events.pop(0)[1]()

    seen = browser.play(stage.address("master.m3u8"), seconds, switch_s=switch_s, meanwhile=meanwhile)
    return seen, decoded(process, 60)


def main() -> None:
    """Play, and judge what a viewer would have seen."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--seconds", type=float, default=600, help="of the channel")
    options.add_argument("--switch", type=float, default=7, help="seconds between forced changes of rung")
    options.add_argument("--data", type=Path, help="a demonstration's data folder, which is copied")
    options.add_argument("--tiny", action="store_true", help="films of a few seconds, without the program")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, tiny(Path(folder)) as stage, chromium() as browser:
        seen, heard = live(browser, stage, chosen.seconds, chosen.switch)
        now = int(time.time())
        past = [
            browser.play(stage.address(f"{now - 70}-{now - 40}/master.m3u8"), 4),
            browser.play(stage.address(f"shift/{now - 70}-{now}/master.m3u8"), 4),
        ]
        begun = stage.segment_ms((now - 70) * 1000)
    print(f"{seen}\n{past}\n{heard.errors[:5]} {heard.warnings[:5]} {heard.seconds}")
    print(f"{seen.played:.0f} s played, {seen.breaks} runs, {seen.dropped} of {seen.frames} pictures dropped")
    figures = {
        "fatal": [float(len(seen.fatal) + sum(len(one.fatal) for one in past))],
        "decoder": [float(sum(one.decoder is not None for one in (seen, *past)))],
        "stall": [seen.stall],
        "first": [max(one.first for one in (seen, *past))],
        "levels": [float(seen.levels)],
        "errors": [float(len(heard.errors))],
        "warnings": [len(heard.warnings) / max(1, seen.breaks)],
        "slice_off": [float(abs(past[0].start_ms - begun))],
        "shift_off": [float(past[1].start_ms - begun)],
        "past_stall": [max(one.stall for one in past)],
    }
    sys.exit(report(judge(figures, TARGETS)))


if __name__ == "__main__":
    main()
