"""Pictures in motion in real Chromium: a film and its keys, where it was left, the live window and its label."""

import subprocess
from pathlib import Path

import attrs
import pytest
from playwright.sync_api import Browser, Route

from keymap.families import shipped
from keymap.page import page_script
from portal_pages import text_zh
from portal_pages.boards import film
from portal_pages.facts import Viewer
from portal_pages.script import Box
from portal_pages.states import Page, Video
from tests.pages import sample
from tests.pages.conftest import Screen, screen_in
from tests.pages.strategies import NOW

pytestmark = pytest.mark.browser
PC = Box(codes=page_script(shipped()["pc"]), push="refresh")
OK, LEFT, RIGHT, BACK = 13, 37, 39, 8
SECONDS = 40


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small film with sound."""
    path = tmp_path_factory.mktemp("film") / "clip.webm"
    picture = ["-f", "lavfi", "-i", f"testsrc2=s=160x90:r=5:d={SECONDS}"]
    sound = ["-f", "lavfi", "-i", f"sine=f=440:d={SECONDS}"]
    coding = ["-c:v", "libvpx", "-deadline", "realtime", "-g", "5", "-c:a", "libopus"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, *sound, *coding, str(path)], check=True)
    return Path(path).read_bytes()


def playing(screen: Screen, page: Page, clip: bytes, **changes: object) -> None:
    """Show a page whose film is the clip, and wait until it moves."""

    def answer(route: Route) -> None:
        asked = route.request.headers.get("range", "bytes=0-").removeprefix("bytes=").split("-")
        start = int(asked[0])
        head = {"Content-Range": f"bytes {start}-{len(clip) - 1}/{len(clip)}", "Accept-Ranges": "bytes"}
        route.fulfill(status=206, body=clip[start:], headers=head, content_type="video/webm")

    screen.answers["/clip"] = answer
    assert page.video is not None
    video = attrs.evolve(page.video, url="/clip.webm", **changes)
    screen.show(attrs.evolve(page, video=video), PC)
    screen.wait("player.currentTime > 0 && !player.paused")


def told(screen: Screen) -> list[str]:
    return [line for line in screen.told if "/clip" not in line]


def test_a_film_begins_where_the_household_stopped(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["play-1"], clip, resume_s=12)

    assert 12 <= screen.run("player.currentTime") < 20
    assert screen.focus == ["play"]


def test_a_film_that_was_lost_goes_on_where_it_was(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["play-1"], clip)
    screen.run("() => { player.currentTime = 20 }")
    screen.wait("player.currentTime >= 20 && !player.seeking")
    screen.run(
        "() => { const later = setTimeout; setTimeout = f => later(f, 1); player.onerror(); setTimeout = later }"
    )
    waits = [screen.tab.evaluate("(P.tick(), flash)"), screen.tab.evaluate("tries")]
    screen.wait("begun && !player.paused && player.currentTime > 1")

    assert waits == [text_zh.BUFFERING, 1]
    assert screen.tab.evaluate("player.currentTime") >= 20
    assert screen.tab.evaluate("tries") == 1, "what has only begun to move may be lost again"


def test_a_place_behind_the_end_is_forgotten(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["play-1"], clip, resume_s=3120)

    assert screen.run("player.currentTime") < 10


def test_ok_pauses_and_goes_on_and_arrows_seek(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["play-1"], clip, resume_s=2)
    screen.press(OK)
    screen.wait("player.paused")
    assert screen.tab.inner_text("#v_state") == text_zh.PAUSED
    at = screen.run("player.currentTime")
    screen.press(RIGHT)
    assert screen.run("player.currentTime") == pytest.approx(at + 10, abs=0.2)
    screen.press(LEFT)
    screen.wait("!later")
    assert screen.run("player.currentTime") == pytest.approx(at, abs=0.2)
    screen.press(OK)
    screen.wait("!player.paused")

    assert screen.tab.inner_text("#v_state") == text_zh.PLAYING
    assert screen.tab.inner_text("#v_len") == f"00:{SECONDS}"


def test_seeking_stays_within_the_film(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["play-1"], clip, resume_s=0)
    screen.press(OK)
    screen.run("() => { film('seek:-60') }")
    assert screen.run("player.currentTime") == 0
    screen.run("() => { sought = 0; film('seek:600') }")

    assert screen.run("player.currentTime") == pytest.approx(SECONDS - 1, abs=0.2)


def test_the_strip_goes_while_the_film_runs_and_comes_with_a_key(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["play-1"], clip, resume_s=0)
    assert screen.tab.is_visible("#v_state")
    screen.run("() => { lt = opened = +new Date - 6000 }")
    screen.wait("document.getElementById('x_play').style.display == 'none'")
    assert not screen.tab.is_visible("#hb")
    screen.press(RIGHT)
    screen.wait("document.getElementById('x_play').style.display == 'block'")

    assert screen.tab.is_visible("#hb")


def test_the_place_is_told_to_the_server_now_and_then_and_on_leaving(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["play-1"], clip, resume_s=20)
    screen.run("() => { kept = 0 }")
    screen.tab.wait_for_timeout(1500)
    first = told(screen)
    screen.press(RIGHT)
    screen.press(BACK)
    screen.pages["/p/film-1"] = sample.body(sample.pages()["film-1"])
    screen.tab.wait_for_url("**/p/film-1*")
    screen.tab.wait_for_timeout(200)

    places = [line for line in told(screen) if line.startswith("POST /seen asset=1 at=")]
    assert len(first) == 1
    assert 20 <= int(first[0].rpartition("=")[2]) < 30
    assert int(places[-1].rpartition("=")[2]) >= 30


def test_the_end_of_a_film_leads_back_to_its_page(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["play-1"], clip, resume_s=SECONDS - 6)
    screen.run(f"() => {{ player.currentTime = {SECONDS - 0.5} }}")
    screen.wait("bz > 0")
    screen.tab.wait_for_timeout(300)

    assert any(line.startswith("GET /p/film-1") for line in told(screen))


def test_a_live_channel_made_of_a_film_begins_again_at_its_end(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["home"], clip)
    screen.run(f"() => {{ player.currentTime = {SECONDS - 0.5} }}")
    screen.wait("player.currentTime < 5")

    assert screen.run("[player.paused, bz]") == [False, 0]
    assert told(screen) == []


def test_the_label_over_the_window_is_gone_after_five_seconds(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["home"], clip)
    assert screen.tab.is_visible("#v_label")
    screen.run("() => { opened -= 4000 }")
    screen.tab.wait_for_timeout(2300)

    assert not screen.tab.is_visible("#v_label")
    assert screen.run("FOCUS") == "window"


def test_no_pixel_but_the_label_lies_over_the_window(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["home"], clip)
    script = """() => {
      var r = document.getElementById('video').getBoundingClientRect(), found = {}, x, y, e;
      for (x = r.left + 1; x < r.right; x += 7) for (y = r.top + 1; y < r.bottom; y += 7) {
        for (e of document.elementsFromPoint(x, y)) {
          if (e.id == 'video') break;
          if (getComputedStyle(e).backgroundColor == 'rgba(0, 0, 0, 0)') continue;
          found[e.closest('#v_label') ? 'v_label' : e.id || e.className] = 1;
        }
      }
      return [r.width * r.height, Object.keys(found)];
    }"""

    assert screen.run(script) == [810 * 456, ["v_label"]]


def test_where_sound_needs_a_key_the_picture_comes_first_and_words_say_so(chromium: Browser, clip: bytes) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    refuse = """HTMLMediaElement.prototype.play = (play => function () {
      return this.muted || window.touched ? play.call(this) : Promise.reject(new DOMException('', 'NotAllowedError'));
    })(HTMLMediaElement.prototype.play)"""
    context.add_init_script(refuse)
    screen = screen_in(context)
    try:
        playing(screen, sample.pages()["home"], clip)
        assert screen.run("player.muted") is True
        assert screen.tab.inner_text("#v_label") == text_zh.MUTED
        screen.run("() => { touched = 1 }")
        screen.press(RIGHT)
        screen.wait("!player.muted")

        assert screen.run("player.paused") is False
    finally:
        context.close()


def test_a_box_without_video_shows_a_still(screen: Screen) -> None:
    page = sample.pages()["home"]
    screen.show(page, Box(codes=PC.codes, video=False, push="refresh"))

    assert screen.tab.locator("video").count() == 0
    assert screen.run("window.VIDEO") is None
    assert isinstance(page.video, Video)
    assert screen.tab.get_attribute("img[width]", "src") == page.video.poster


def test_hls_is_played_by_the_script_beside_the_pages_where_the_browser_lacks_it(screen: Screen) -> None:
    loads = []
    screen.answers["/v/"] = lambda route: loads.append(route.request.url) or route.fulfill(status=404)
    screen.tab.add_init_script("HTMLMediaElement.prototype.canPlayType = () => ''")
    screen.show(sample.pages()["home"], PC)
    screen.wait("!!window.Hls")
    screen.tab.wait_for_timeout(500)

    assert any(url.endswith("/v/1-1/master.m3u8") for url in loads)


def test_a_film_with_subtitles_is_played_by_the_script_also_where_the_browser_has_hls(screen: Screen) -> None:
    page = film.player_page(Viewer(NOW, subtitles=True), attrs.evolve(sample.FILM, subtitled=True))
    screen.tab.add_init_script("HTMLMediaElement.prototype.canPlayType = () => 'maybe'")
    screen.show(page, PC)
    screen.wait("!!window.Hls && !!hls")
    chosen = []
    for script in ("film('subtitles')", "film('subtitles')"):
        screen.run(f"() => {{ {script} }}")
        chosen.append(screen.run("hls.subtitleDisplay"))

    assert chosen == [False, True]


def test_a_pause_before_the_picture_moves_is_no_ban_on_sound(screen: Screen, clip: bytes) -> None:
    playing(screen, sample.pages()["play-1"], clip)
    screen.run("() => { player.pause(); play(); player.pause() }")
    screen.tab.wait_for_timeout(200)

    assert screen.run("[player.paused, player.muted]") == [True, False]


def test_a_film_that_cannot_be_played_says_what_to_do_after_some_tries(screen: Screen) -> None:
    screen.answers["/gone"] = lambda route: route.fulfill(status=404)
    page = sample.pages()["play-1"]
    assert page.video is not None
    screen.show(attrs.evolve(page, video=attrs.evolve(page.video, url="/gone.webm")), PC)
    screen.wait("tries > 0")
    first = screen.run("broken")
    screen.run("() => { tries = 5; player.onerror() }")

    assert first == 0
    assert "再试一次" in screen.tab.inner_text("#L_fail")
