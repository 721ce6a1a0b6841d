"""An encrypted film with GB18030 subtitles in hls.js: the words come with the picture of their second."""

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tools.bench.players import HLS_JS
from vod import playlists
from vod.catalogue import Package
from vod.library import Library
from vod.packaging import Caption, Settings
from vod.playlists import FULL

FILM = (
    "-f lavfi -i color=s=320x180:r=25:d=6 -f lavfi -i sine=d=6 "
    "-vf geq=lum='40+28*floor(T)':cb=128:cr=128,format=yuv420p -c:v libx264 -preset ultrafast -c:a aac"
)
"""Each second is brighter than the one before by 28."""
WORDS = "1\n00:00:03,000 --> 00:00:04,000\n南湖新桥\n"
PAGE = """
<video muted playsinline width=320 height=180 crossorigin></video><canvas width=1 height=1></canvas><script>
const video = document.querySelector('video'), pen = document.querySelector('canvas').getContext('2d')
const hls = new Hls({enableWorker: false}), faults = []
hls.on(Hls.Events.ERROR, (_, e) => faults.push(e.details))
// hls.js forgets what was chosen before its tracks stood ready.
setInterval(() => { if (hls.subtitleTrack < 0) { hls.subtitleDisplay = true; hls.subtitleTrack = 0 } }, 100)
hls.on(Hls.Events.MANIFEST_PARSED, () => { video.currentTime = 3.1 })
hls.loadSource(ADDRESS); hls.attachMedia(video)
const cues = () => [...video.textTracks].flatMap(t => [...(t.cues || [])].map(c => [c.startTime, c.endTime, c.text]))
const light = () => { pen.drawImage(video, 0, 0, 1, 1); return pen.getImageData(0, 0, 1, 1).data[0] }
</script>
"""


@pytest.fixture
def address(films, package, library: Library) -> Iterator[str]:
    """The address of the film's master list on a port of its own."""
    film = films.folder / "brighter.mp4"
    subprocess.run(["ffmpeg", "-v", "error", *FILM.split(), str(film)], check=True)
    captions = (Caption(films.made("brighter.srt", WORDS.encode("gb18030"))),)
    done = package(film, Settings(preset="veryfast", encrypt=True, exact_ms=6000), captions=captions)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answers(done, library.folder(1, 1)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v/1-1/master.m3u8"
    server.shutdown()
    server.server_close()


def _answers(done: Package, folder: Path) -> type[BaseHTTPRequestHandler]:
    edition = done.edition
    lists = {f"/v/1-1/{each.rung}.m3u8": playlists.media(edition, "1-1", each.rung) for each in edition.renditions}
    lists["/v/1-1/master.m3u8"] = playlists.master(edition, FULL)
    lists["/v/1-1/sub-zh.m3u8"] = playlists.subtitles(edition.subtitles[0], "1-1")
    lists["/k/1-1"] = done.key

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = folder / self.path.removeprefix("/s/1-1/")
            body = lists.get(self.path) or (file.read_bytes() if file.is_file() else b"")
            self.send_response(200 if body else 404)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Answer


@pytest.mark.browser
def test_words_come_with_the_picture_of_their_second(address: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(
        f"<script>{HLS_JS.read_text(encoding='utf-8')}</script>{PAGE.replace('ADDRESS', json.dumps(address))}"
    )
    page.wait_for_function("video.readyState >= 2 && !video.seeking && cues().length > 0", timeout=20_000)
    cues, light, faults = page.evaluate("[cues(), light(), faults]")
    page.close()

    assert faults == []
    ((start, end, text),) = cues
    assert (start, end) == (pytest.approx(3, abs=0.1), pytest.approx(4, abs=0.1))
    assert text == "南湖新桥"
    assert light == pytest.approx((40 + 28 * 3 - 16) * 255 / 219, abs=6)
