"""Real players at an HLS address: hls.js in headless Chromium, and ffmpeg; what a viewer would have seen."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from attrs import frozen
from playwright.sync_api import Browser, sync_playwright

HLS_JS = Path(__file__).resolve().parents[2] / "node_modules/hls.js/dist/hls.min.js"
PAGE = """
<video muted playsinline width=320 height=180></video><script>
const seen = {fatal: [], errors: [], stall: 0, frames: 0, first: 0, levels: [], breaks: new Set(), jumps: 0,
  words: []}
const video = document.querySelector('video'), begun = performance.now()
const again = {maxNumRetry: 12, retryDelayMs: 500, maxRetryDelayMs: 2000,
  shouldRetry: (_, n, late, answer, yes) => yes || (n < 12 && !(answer && answer.code >= 400 && answer.code < 500))}
const policy = {default: {maxTimeToFirstByteMs: 8000, maxLoadTimeMs: 20000, timeoutRetry: again, errorRetry: again}}
const hls = new Hls({lowLatencyMode: false, maxBufferLength: 20, playlistLoadPolicy: policy, fragLoadPolicy: policy})
hls.on(Hls.Events.ERROR, (_, e) => (e.fatal ? seen.fatal : seen.errors).push(e.details))
let frag
hls.on(Hls.Events.FRAG_CHANGED, (_, e) => { frag = e.frag; seen.breaks.add(e.frag.cc); seen.levels.push(e.frag.level)
  seen.sn = e.frag.sn; seen.start = seen.start || e.frag.programDateTime })
hls.on(Hls.Events.MANIFEST_PARSED, () => video.play())
hls.loadSource(ADDRESS); hls.attachMedia(video)
let at = 0, still = 0
setInterval(() => {
  const now = performance.now(), moved = video.currentTime - at
  if (!seen.first && video.currentTime > 0) seen.first = now - begun
  if (seen.first && !video.ended) { still = moved > 0.01 ? 0 : still + 100
    if (still > seen.stall) { seen.stall = still; seen.stalled = now - begun } }
  at = video.currentTime
  if (hls.subtitleTracks.length && hls.subtitleTrack < 0) { hls.subtitleDisplay = true; hls.subtitleTrack = 0 }
  for (const track of video.textTracks) for (const cue of track.activeCues || [])
    if (frag && track.kind == 'subtitles') seen.words.push([cue.text, frag.relurl, at - frag.start])
}, 100)
let steady = false
if (SWITCH) setInterval(() => { if (!steady) hls.nextLevel = (hls.currentLevel + 1) % hls.levels.length }, SWITCH)
const told = () => { const q = video.getVideoPlaybackQuality()
  return {...seen, breaks: seen.breaks.size, levels: new Set(seen.levels).size, frames: q.totalVideoFrames,
    dropped: q.droppedVideoFrames, ended: video.ended, error: video.error && video.error.message} }
</script>
"""


@frozen
class Seen:
    """What hls.js showed. Times in seconds; `stall` is the longest time without a new picture after the first, which
    ended at `stalled`.

    `words`: ten times a second each subtitle on the screen, the address of the segment, and the time since its start.
    """

    fatal: tuple[str, ...]
    errors: tuple[str, ...]
    stall: float
    stalled: float
    first: float
    played: float
    breaks: int
    levels: int
    frames: int
    dropped: int
    start_ms: int
    ended: bool
    decoder: str | None
    words: tuple[tuple[str, str, float], ...]

    @property
    def sound(self) -> bool:
        """Nothing a viewer would have noticed."""
        return not self.fatal and self.decoder is None and self.stall <= 0.5


@frozen
class Decoded:
    """What ffmpeg said of a stream, and how many seconds it decoded: errors, and warnings about timestamps.

    That a server was away, which it says as well, is no error of the stream.
    """

    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    seconds: float


class Chromium:
    """A browser that plays one address at a time, given what runs meanwhile."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.page: Any = None

    def steady(self, *, on: bool) -> None:
        """Change no rung while `on`: a change throws away what is in the buffer, which no player does in an outage."""
        self.page.evaluate("on => { steady = on }", on)

    def play(self, address: str, seconds: float, *, switch_s: float = 0, meanwhile: Any = None) -> Seen:
        """Play for so long, the rung changed every `switch_s`; `meanwhile(second)` is called each second."""
        context = self.browser.new_context()
        try:
            page = self.page = context.new_page()
            text = PAGE.replace("ADDRESS", json.dumps(address)).replace("SWITCH", str(round(switch_s * 1000)))
            page.set_content(f"<script>{HLS_JS.read_text(encoding='utf-8')}</script>{text}")
            end = time.monotonic() + seconds
            second = 0
            while time.monotonic() < end:
                if meanwhile is not None:
                    meanwhile(second)
                second += 1
                page.wait_for_timeout(min(1_000, max(1, (end - time.monotonic()) * 1_000)))
            return seen(page.evaluate("told()"))
        finally:
            context.close()


def seen(told: dict[str, Any]) -> Seen:
    return Seen(
        fatal=tuple(told["fatal"]),
        errors=tuple(told["errors"]),
        stall=told["stall"] / 1_000,
        stalled=told.get("stalled", 0) / 1_000,
        first=told["first"] / 1_000,
        played=told["frames"] / 25,
        breaks=told["breaks"],
        levels=told["levels"],
        frames=told["frames"],
        dropped=told["dropped"],
        start_ms=int(told.get("start") or 0),
        ended=told["ended"],
        decoder=told["error"],
        words=tuple((text, address, at) for text, address, at in told["words"]),
    )


def chromium() -> Any:
    """A context in which a browser runs: `with chromium() as browser`."""
    return _Browser()


class _Browser:
    def __enter__(self) -> Chromium:
        self._playwright = sync_playwright().start()
        words = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        self._browser = self._playwright.chromium.launch(executable_path=shutil.which("chromium"), args=words)
        return Chromium(self._browser)

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.stop()


_NETWORK = re.compile(r"\[(tcp|https?) @|Unable to open resource: http")
_CLOCK = re.compile(r"(?i)\bdts\b.* out of order|timestamp|increasing dts to muxer")


def decode(address: str, seconds: float) -> "subprocess.Popen[str]":
    """ffmpeg decoding everything of an address in its own time; see `decoded`."""
    # It knows nothing of DISCONTINUITY and takes a clock that goes back by less than ten seconds for a fault.
    clock = ["-dts_delta_threshold", "1"]
    words = ["-hide_banner", "-nostdin", "-v", "level+warning", "-stats", *clock, "-i", address, "-t", str(seconds)]
    return subprocess.Popen(
        ["ffmpeg", *words, "-f", "null", "-"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def decoded(process: "subprocess.Popen[str]", most_s: float) -> Decoded:
    """What it said; ended by force after `most_s`."""
    try:
        _, text = process.communicate(timeout=most_s)
    except subprocess.TimeoutExpired:
        process.kill()
        _, text = process.communicate()
    lines = re.split(r"[\r\n]+", text)
    times = re.findall(r"time=(\d+):(\d+):(\d+\.\d+)", text)
    hours, minutes, rest = times[-1] if times else ("0", "0", "0")
    errors = [line for line in lines if re.search(r"\[(error|fatal|panic)\]", line) and not _NETWORK.search(line)]
    return Decoded(
        errors=tuple(line for line in errors if not _CLOCK.search(line)),
        warnings=tuple(line for line in lines if re.search(r"\[(warning|error)\]", line) and _CLOCK.search(line)),
        seconds=int(hours) * 3600 + int(minutes) * 60 + float(rest),
    )
