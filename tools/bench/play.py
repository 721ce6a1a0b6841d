"""Real players on the scheduled channel: hls.js in headless Chromium and ffmpeg (issue 5, video.md §16).

    python -m tools.bench.play [--seconds 600] [--switch 7] [--data FOLDER | --tiny]

The real program serves a demonstration town (`--data` copies one that is there; else one is made, which encodes for
minutes). A plan of short programmes makes it change every 12 to 24 s, over idents and fillers. It is played with a
forced change of rung every few seconds; at a tenth of the time an editor brings a film in on air, at a third the server
is stopped and started again, at two thirds editors change the plan from the middle of a programme on. ffmpeg decodes
the lowest rung meanwhile. Then catch-up and start-over are opened at a second in the past.
`--tiny` plays films of a few seconds from a server in memory instead: only lists and players.
"""

import argparse
import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
from attrs import frozen

from middleware.portal.core.signing import Signer, keys_of
from middleware.storage.secrets import Vault
from tests.vod.air import on_air
from tools.bench.players import Chromium, Decoded, Seen, chromium, decode, decoded
from tools.bench.short_programmes import Crossed, Evening, films
from tools.bench.side_by_side import Target, judge, report

PROGRAM: Final = str(Path(sys.executable).with_name("nanhu-tv"))
CHANNEL: Final = "nanhu.town"
AWAY_S: Final = 20
"""So long after it is stopped the program answers again, even on a busy machine."""
FULL_S: Final = 12
"""So long before that no rung is changed by force, for a change empties the buffer that a viewer lives on meanwhile."""
TARGETS = [
    Target("hls.js: fatal errors", "fatal", at_most=0),
    Target("hls.js: decoder errors", "decoder", at_most=0),
    Target("hls.js: longest stall", "stall", at_most=0.5, unit="s"),
    Target("hls.js: first picture", "first", at_most=2.0, unit="s", absolute=True),
    Target("hls.js: rungs shown", "levels", at_least=2),
    Target("programme changes that were on", "changes", at_least=20),
    Target("hls.js: breaks crossed ÷ runs on", "crossed", at_least=0.9),
    Target("kinds on: films, fillers, idents, the insert", "kinds", at_least=4),
    Target("ffmpeg: errors", "errors", at_most=0),
    Target("ffmpeg: decoded of what was on", "decoded", at_least=0.99),
    Target("ffmpeg: warnings per break", "warnings", at_most=3.0),
    Target("catch-up: off its segment", "slice_off", at_most=0, unit="ms"),
    Target("start-over: off its start", "shift_off", at_most=18_000, unit="ms"),
    Target("both: longest stall", "past_stall", at_most=0.5, unit="s"),
]

EVENING: Final = frozenset(one.name for one in TARGETS if one.variant in {"changes", "kinds"})
"""What is asked only of the program's plan."""


@frozen
class Stage:
    """A channel to play: addresses of list forms by name, and what can happen to it while it plays."""

    address: Callable[[str], str]
    insert: Callable[[], None]
    edit: Callable[[], None]
    crossed: Callable[[float, float], Crossed]
    stop: Callable[[], None]
    start: Callable[[], None]
    segment_ms: Callable[[int], int]
    away_s: float


@contextmanager
def tiny(folder: Path) -> Iterator[Stage]:
    """Films of 3 to 12 s from memory."""
    with on_air(folder) as air:

        def insert() -> None:
            air.append(3, 0, 2, start=air.effective.edge_after(air.now() + 31_000))

        def segment_ms(at: int) -> int:
            return air.effective.slice(at, at + 1, air.now()).entries[0].start_ms

        def crossed(start: float, stop: float) -> Crossed:
            runs = air.effective.runs(round(start * 1000), round(stop * 1000))
            return Crossed(len(runs) - 1, len(runs), frozenset(run.kind for run in runs))

        yield Stage(air.address, insert, lambda: None, crossed, air.stop, air.start, segment_ms, 1)


class Town:
    """The program on a folder of its own."""

    def __init__(self, data: Path, config: Path) -> None:
        self.data = data
        self.config = config
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        keys = keys_of(Vault.load(data).signing_key, 0)
        self.signer = Signer(keys, time.time)
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *words: str) -> str:
        command = [PROGRAM, "--data", self.data, "--config", self.config, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}{self.signer.address(f'/ch/{CHANNEL}/{name}')}"

    def start(self) -> None:
        """Start the program; returns at once."""
        words = ["serve", "--port", str(self.port), "--demonstration"]
        log = (self.data / "server.log").open("ab")
        self.process = subprocess.Popen([PROGRAM, "--data", self.data, *words], stdout=log, stderr=log)
        threading.Thread(target=self._back, args=(time.monotonic(),), daemon=True).start()

    def _back(self, began: float) -> None:
        self.ready()
        print(f"the program answers {time.monotonic() - began:.1f} s after its start", flush=True)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def ready(self) -> None:
        """Wait until the channel has a list."""
        for _ in range(300):
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(self.address("360.m3u8"), timeout=5).status_code == 200:
                    return
            time.sleep(0.2)
        raise SystemExit(f"no list: {(self.data / 'server.log').read_text(encoding='utf-8')[-2000:]}")

    def insert(self) -> None:
        print(self.run("channel", "air", "insert", CHANNEL, self.film()).strip())

    def film(self) -> str:
        """The number of a film of the shelves that is ready."""
        lines = [line.split() for line in self.run("asset", "list").splitlines() if "(channel)" not in line]
        return next(words[0] for words in reversed(lines) if words[-1] == "ready")

    def segment_ms(self, at: int) -> int:
        """When the segment on air at that instant began, as the catch-up list says."""
        text = httpx.get(self.address(f"{at // 1000}-{at // 1000 + 1}/360.m3u8")).text
        date = text.partition("#EXT-X-PROGRAM-DATE-TIME:")[2].partition("\n")[0]
        return round(datetime.fromisoformat(date).timestamp() * 1000)


@contextmanager
def town(folder: Path, data: Path | None, seconds: float) -> Iterator[Stage]:
    """A demonstration town with an evening of short programmes; its films are encoded unless `data` has it."""
    place, config = folder / "data", folder / "quick.toml"
    config.write_text('[video]\npreset = "ultrafast"\n', encoding="utf-8")
    if data is not None:
        shutil.copytree(data, place, ignore=shutil.ignore_patterns("*.pid"))
    for words in (("db", "upgrade"), *((("seed-demo",),) if data is None else ())):
        subprocess.run([PROGRAM, "--data", place, "--config", config, *words], check=True)
    server = Town(place, config)
    evening = Evening(place, CHANNEL, films(server.run, folder), seconds + 120)
    evening.write()
    server.start()
    try:
        server.ready()
        time.sleep(max(0.0, evening.begins.timestamp() - time.time()))
        yield Stage(
            server.address, server.insert, evening.edit, evening.crossed, server.stop, server.start, server.segment_ms,
            AWAY_S,
        )  # fmt: skip
    finally:
        server.stop()
        evening.close()


def live(browser: Chromium, stage: Stage, seconds: float, switch_s: float) -> tuple[Seen, Decoded]:
    """The channel as it is, with an insert and a restart; ffmpeg beside it, before and after: it gives up between."""
    third = seconds / 3
    processes = [decode(stage.address("360.m3u8"), third)]

    def again() -> None:
        processes.append(decode(stage.address("360.m3u8"), seconds - third - stage.away_s))

    events = [
        (seconds / 10, stage.insert),
        (third - FULL_S, lambda: browser.steady(on=True)),
        (third, stage.stop),
        (third, stage.start),
        (third + stage.away_s, again),
        (third + stage.away_s, lambda: browser.steady(on=False)),
        (2 * third, stage.edit),
    ]

    def meanwhile(second: int) -> None:
        while events and second >= events[0][0]:
            events.pop(0)[1]()

    seen = browser.play(stage.address("master.m3u8"), seconds, switch_s=switch_s, meanwhile=meanwhile)
    heard = [decoded(process, 60) for process in processes]
    return seen, Decoded(
        errors=tuple(line for one in heard for line in one.errors),
        warnings=tuple(line for one in heard for line in one.warnings),
        seconds=sum(one.seconds for one in heard),
    )


def main() -> None:
    """Play, and judge what a viewer would have seen."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--seconds", type=float, default=600, help="of the channel")
    options.add_argument("--switch", type=float, default=7, help="seconds between forced changes of rung")
    options.add_argument("--data", type=Path, help="a demonstration's data folder, which is copied")
    options.add_argument("--tiny", action="store_true", help="films of a few seconds, without the program")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name, chromium() as browser, _stage(chosen, Path(name)) as stage:
        begun_at = time.time()
        seen, heard = live(browser, stage, chosen.seconds, chosen.switch)
        now = int(time.time())
        crossed = stage.crossed(begun_at, begun_at + chosen.seconds)
        past = [
            browser.play(stage.address(f"{now - 70}-{now - 40}/master.m3u8"), 4),
            browser.play(stage.address(f"shift/{now - 70}-{now}/master.m3u8"), 4),
        ]
        begun = stage.segment_ms((now - 70) * 1000)
    print(f"{seen}\n{past}\n{heard.errors[:5]} {heard.warnings[:5]} {heard.seconds}")
    print(f"{seen.played:.0f} s played, {seen.breaks} runs, {seen.dropped} of {seen.frames} pictures dropped")
    print(f"longest stall {seen.stall:.1f} s, until second {seen.stalled:.0f}; {crossed.changes} changes of programme")
    figures = {
        "fatal": [float(len(seen.fatal) + sum(len(one.fatal) for one in past))],
        "decoder": [float(sum(one.decoder is not None for one in (seen, *past)))],
        "stall": [seen.stall],
        "first": [max(one.first for one in (seen, *past))],
        "levels": [float(seen.levels)],
        "changes": [float(crossed.changes)],
        "crossed": [seen.breaks / max(1, crossed.runs)],
        "kinds": [float(len(crossed.kinds & {"asset", "filler", "ident", "insert"}))],
        "decoded": [heard.seconds / (chosen.seconds - stage.away_s)],
        "errors": [float(len(heard.errors))],
        "warnings": [len(heard.warnings) / max(1, seen.breaks)],
        "slice_off": [float(abs(past[0].start_ms - begun))],
        "shift_off": [float(past[1].start_ms - begun)],
        "past_stall": [max(one.stall for one in past)],
    }
    targets = [one for one in TARGETS if not (chosen.tiny and one.name in EVENING)]
    sys.exit(report(judge(figures, targets)))


def _stage(chosen: argparse.Namespace, folder: Path) -> AbstractContextManager[Stage]:
    return tiny(folder) if chosen.tiny else town(folder, chosen.data, chosen.seconds)


if __name__ == "__main__":
    main()
