"""The players of boxes in real Chromium, on objects that write down what is asked of them: no real box was at hand.

Keys come as the raw codes of each family, events as the box sends them: gSTB's by stbEvent.onEvent, the telecom boxes'
by virtual key 768 and Utility.getEvent(), iPanel's by onsystemevent.
"""

import json
from typing import Any

import attrs
import pytest
from attrs import frozen

from keymap.families import shipped
from middleware.portal.profiles import Profiles
from portal_pages import statics, text_zh
from portal_pages.boards import film
from portal_pages.facts import ChannelFact, NextFact, Viewer
from portal_pages.script import Box
from portal_pages.states import Page
from portal_pages.tv import tv_page
from tests.pages import sample
from tests.pages.conftest import BASE, Screen
from tests.pages.strategies import NOW

pytestmark = pytest.mark.browser
PROFILES = Profiles(shipped(), hold_s=25, slot_s=60, plays=False)
RECORDER = """
window.calls=[]; window.place=0; window.whole=3000;
function recorder(names){ var o={}; names.split(' ').forEach(n=>o[n]=(...a)=>{calls.push([n,...a])}); return o }
"""
GSTB = (
    RECORDER
    + """
window.gSTB=recorder('InitPlayer Play Stop Pause Continue SetTopWin SetViewport SetPIG ExecAction');
gSTB.SetPosTime=s=>{calls.push(['SetPosTime',s]);place=s};
gSTB.GetPosTime=()=>place; gSTB.GetMediaLen=()=>whole;
"""
)
MANAGER = (
    RECORDER
    + """
window.one=recorder('pause resume stop'); one.play=o=>calls.push(['play',o.uri,o.solution]);
Object.defineProperty(one,'position',{get:()=>place,set:s=>{calls.push(['position',s]);place=s}});
one.duration=3000; window.stbPlayerManager={list:[one]};
"""
)
MEDIA = (
    RECORDER
    + """
window.happenings=[];
window.Utility={getEvent:()=>happenings.shift()||'{}'};
window.MediaPlayer=function(){
  var o=recorder('initMediaPlayer setSingleMedia setVideoDisplayMode setVideoDisplayArea refreshVideoDisplay '+
    'playFromStart pause resume stop joinChannel leaveChannel releaseMediaPlayer setNativeUIFlag');
  o.getNativePlayerInstanceID=()=>5;
  o.playByTime=(t,s,v)=>{calls.push(['playByTime',t,s,v]);place=s};
  o.getCurrentPlayTime=()=>place; o.getMediaDuration=()=>whole;
  return o;
};
"""
)
AV = (
    RECORDER
    + """
var av=recorder('play pause close'); av.open=(u,k)=>calls.push(['open',u,k]);
av.seek=s=>{calls.push(['seek',s]);place=s.split(':').reduce((a,b)=>a*60+ +b,0)};
Object.defineProperty(av,'elapsed',{get:()=>place}); av.duration='00:50:00';
window.media={AV:av,video:recorder('fullScreen setPosition')};
window.DVB=recorder('stopAV'); window.iPanel={eventFrame:recorder('initPage'),focus:{}};
"""
)


@frozen
class Set:
    """One kind of box: its objects, its keys by name, what a start, a halt, a place and an end look like."""

    family: str
    objects: str
    keys: dict[str, int]
    opened: list[Any]
    playing: str
    over: str
    fault: str
    paused: str
    resumed: str
    sought: list[Any]
    closed: str
    began: list[Any]


URL = f"{BASE}/v/1-1/master.m3u8"
ARROWS = {"OK": 13, "LEFT": 37, "RIGHT": 39, "BACK": 8}
MAG = Set(
    "mag", GSTB, ARROWS, ["Play", f"ffmpeg {URL}"], "stbEvent.onEvent(4)", "stbEvent.onEvent('1')",
    "stbEvent.onEvent(5)", "Pause", "Continue", ["SetPosTime", 130], "Stop", ["SetPosTime", 120],
)  # fmt: skip
NEW_MAG = Set(
    "mag", MANAGER, ARROWS, ["play", URL, "auto"], "one.onPlayStart()", "one.onPlayEnd()", "one.onPlayError()",
    "pause", "resume", ["position", 130], "stop", ["position", 120],
)  # fmt: skip
TELECOM = Set(
    "ctc", MEDIA, ARROWS, ["playByTime", 1, 120, 1], "0",
    """happenings.push('{"type":"EVENT_MEDIA_END","instance_id":5}')""",
    """happenings.push('{"type":"EVENT_MEDIA_ERROR","error_code":10,"error_message":"x \\\\"y\\\\""}')""",
    "pause", "resume", ["playByTime", 1, 130, 1], "releaseMediaPlayer", ["refreshVideoDisplay"],
)  # fmt: skip
CABLE = Set(
    "ipanel", AV, {"OK": 13, "LEFT": 3, "RIGHT": 4, "BACK": 340}, ["open", URL, "HTTP"], "system(5202)", "system(5210)",
    "system(5206)", "pause", "play", ["seek", "00:02:10"], "close", ["seek", "00:02:00"],
)  # fmt: skip
SETS = pytest.mark.parametrize("box", [MAG, NEW_MAG, TELECOM, CABLE], ids=["mag", "mag-new", "ctc", "ipanel"])


def opened(screen: Screen, box: Set, page: Page, **changes: object) -> None:
    screen.tab.add_init_script(box.objects)
    screen.tab.add_init_script("window.system=c=>document.onsystemevent({which:c})")
    shown = page
    if page.video is not None and changes:
        shown = attrs.evolve(page, video=attrs.evolve(page.video, **changes))
    screen.show(shown, made(box.family))


def made(family: str) -> Box:
    return attrs.evolve(PROFILES.box(family, {}), push="refresh")


def calls(screen: Screen) -> list[list[Any]]:
    return screen.run("calls")  # type: ignore[no-any-return]


def happens(screen: Screen, box: Set, what: str) -> None:
    """An event of the box; the telecom boxes report each by virtual key 768."""
    screen.run(f"() => {{ {what} }}")
    if box.family == "ctc" and what != "0":
        screen.press(768)


@SETS
def test_a_film_is_opened_at_its_place_halts_goes_on_and_seeks(screen: Screen, box: Set) -> None:
    opened(screen, box, sample.pages()["play-1"], resume_s=120)
    happens(screen, box, box.playing)
    begun = calls(screen)
    screen.run("calls=[]; place=120")
    for key in ("OK", "OK", "RIGHT"):
        screen.press(box.keys[key])
        screen.tab.wait_for_timeout(120)
    told = [call for call in calls(screen) if call[0] != "initPage"]

    assert box.opened in begun
    assert box.began in begun
    assert [call[:1] for call in told[:2]] == [[box.paused], [box.resumed]]
    assert box.sought in told
    assert screen.tab.inner_text("#v_len") == "50:00"


@SETS
def test_back_closes_what_was_opened_before_the_page_is_left(screen: Screen, box: Set) -> None:
    opened(screen, box, sample.pages()["play-1"], resume_s=120)
    happens(screen, box, box.playing)
    screen.run("place=200")
    screen.press(box.keys["BACK"])
    screen.wait("over")  # the answer is empty: the page stays, so that we can look
    told = calls(screen)

    assert [call[0] for call in told].count(box.closed) == 1
    assert any(line.startswith("POST /seen asset=1 at=200") for line in screen.told)


@SETS
def test_the_end_of_a_film_goes_back_to_its_page(screen: Screen, box: Set) -> None:
    opened(screen, box, sample.pages()["play-1"], resume_s=0)
    screen.pages["/p/film-1"] = b"<p>film"
    happens(screen, box, box.playing)
    happens(screen, box, box.over)
    screen.tab.wait_for_url("**/p/film-1*")


@pytest.mark.parametrize("box", [MAG, TELECOM], ids=["mag", "ctc"])
def test_what_is_still_on_begins_halted_and_goes_on_where_its_list_ended(screen: Screen, box: Set) -> None:
    opened(screen, box, sample.pages()["play-1"], resume_s=590, whole_s=3600, halted=True)
    begun = """happenings.push('{"type":"EVENT_MEDIA_BEGINING","instance_id":5}')""" if box is TELECOM else box.playing
    happens(screen, box, begun)
    screen.run("place=600")
    screen.wait("P.paused()")
    halted = [call[0] for call in calls(screen)].count(box.paused)
    screen.run("() => { calls=[]; loaded-=20e3 }")
    happens(screen, box, box.over)
    screen.wait("calls.length > 2")
    happens(screen, box, begun)

    assert halted == 1
    assert {"mag": ["SetPosTime", 600], "ctc": ["playByTime", 1, 600, 1]}[box.family] in calls(screen)
    assert screen.run("[over, P.paused()]") == [0, 0]


@SETS
def test_a_fault_says_what_to_do_and_ok_tries_again(screen: Screen, box: Set) -> None:
    opened(screen, box, sample.pages()["play-1"], resume_s=120)
    happens(screen, box, box.fault)
    words, focus = screen.tab.inner_text("#L_fail"), screen.focus
    still = screen.tab.locator("#hole img").count()
    screen.run("calls=[]")
    screen.press(box.keys["OK"])

    assert "现在放不了这个视频" in words
    assert focus == ["fl_go"]
    assert still == 1
    assert box.opened in calls(screen)
    assert screen.tab.locator("#hole img").count() == 0
    assert screen.focus == ["play"]


@SETS
def test_a_channel_whose_signal_is_lost_shows_its_still_and_goes_on_at_its_end(screen: Screen, box: Set) -> None:
    opened(screen, box, sample.pages()["tv"], url="/live/1.m3u8")
    happens(screen, box, box.over)
    screen.run("calls=[]")
    screen.tab.wait_for_timeout(2300)
    again = calls(screen)
    happens(screen, box, box.fault)

    assert again
    assert "这个频道现在没有信号" in screen.tab.inner_text("#L_fail")
    assert screen.tab.locator("#hole img").count() == 1


@SETS
def test_a_channel_without_a_signal_is_tried_again_by_itself_and_the_layer_goes(screen: Screen, box: Set) -> None:
    opened(screen, box, sample.pages()["tv"], url="/live/1.m3u8")
    happens(screen, box, box.fault)
    shown = screen.run("ly")
    screen.run("() => { calls=[]; retried -= 31e3 }")
    screen.wait("calls.length > 0 && !ly")

    assert shown == "fail"
    assert screen.focus == ["screen"]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (MAG, ["SetViewport", 810, 456, 70, 104]),
        (TELECOM, ["setVideoDisplayArea", 70, 104, 810, 456]),
        (CABLE, ["setPosition", 70, 104, 810, 456]),
    ],
    ids=["mag", "ctc", "ipanel"],
)
def test_the_window_at_home_is_where_the_hole_is(screen: Screen, box: Set, expected: list[Any]) -> None:
    opened(screen, box, sample.pages()["home"])
    happens(screen, box, box.playing)
    hole = screen.run("""() => { const r=document.getElementById('hole').getBoundingClientRect();
      return [r.left,r.top,r.width,r.height,getComputedStyle(document.body).backgroundColor] }""")

    assert expected in calls(screen)
    assert hole == [70, 104, 810, 456, "rgba(0, 0, 0, 0)"]


def test_the_telecom_player_gets_fourteen_arguments_and_a_list_of_media(screen: Screen) -> None:
    opened(screen, TELECOM, sample.pages()["play-1"], resume_s=0)
    told = {call[0]: call[1:] for call in calls(screen)}
    media = json.loads(told["setSingleMedia"][0])

    assert told["initMediaPlayer"] == [5, 0, 1, 720, 1280, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert [one["mediaURL"] for one in media] == [URL]
    assert told["setVideoDisplayMode"] == [1]
    assert "playFromStart" in told
    screen.run("() => { calls=[]; onunload(); onunload() }")
    assert [call[0] for call in calls(screen)] == ["stop", "releaseMediaPlayer"], "a page that is unloaded, once"


def test_a_telecom_box_joins_a_multicast_channel_by_its_number(screen: Screen) -> None:
    opened(screen, TELECOM, sample.pages()["tv"], number=101)
    screen.press(8)
    screen.wait("over")  # the answer is empty: the page stays, so that we can look
    told = [call for call in calls(screen) if call[0] in {"joinChannel", "setSingleMedia", "leaveChannel"}]

    assert told == [["joinChannel", 101], ["leaveChannel"]]


@pytest.mark.parametrize(
    "event",
    ["", "null", "alert(1)", '{"type":"EVENT_MEDIA_END","instance_id":6}', "{type:'EVENT_MEDIA_END'}", "[" * 999],
)
def test_events_are_read_and_never_run_and_those_of_another_player_mean_nothing(screen: Screen, event: str) -> None:
    opened(screen, TELECOM, sample.pages()["play-1"])
    screen.run("e => { window.alert=()=>{throw 1}; happenings.push(e) }", event)
    screen.press(768)
    screen.tab.wait_for_timeout(100)

    assert screen.run("[bz, broken, over]") == [0, 0, 0]


def test_a_change_of_speed_tells_whether_it_halts(screen: Screen) -> None:
    opened(screen, TELECOM, sample.pages()["play-1"])
    happens(
        screen, TELECOM, """happenings.push('{"type":"EVENT_PLAYMODE_CHANGE","new_play_mode":1,"new_play_rate":0}')"""
    )

    assert screen.run("P.paused()") == 1


def test_buffering_is_told_and_taken_away_again_and_each_failure_says_what_to_do(screen: Screen) -> None:
    opened(screen, CABLE, sample.pages()["tv"])
    happens(screen, CABLE, "system(5222)")
    words = screen.tab.inner_text("#v_label")
    happens(screen, CABLE, "system(5223)")

    assert words == text_zh.BUFFERING
    assert not screen.tab.is_visible("#v_label")
    for code in (5201, 5203, 5204, 5206, 5213, 5225):
        screen.run(f"() => {{ broken=0; system({code}) }}")
        assert screen.run("broken"), code


@SETS
def test_a_held_key_moves_the_aim_and_the_box_jumps_at_once_and_when_it_rests(screen: Screen, box: Set) -> None:
    opened(screen, box, sample.pages()["play-1"], resume_s=120, sheets=6)
    happens(screen, box, box.playing)
    screen.run("() => { calls=[]; place=120; sought=0 }")
    screen.run("() => { for (var i=0;i<7;i++) film('seek:10') }")
    screen.wait("!later")
    places = [call for call in calls(screen) if call[0] == box.sought[0]]

    assert places[0] == box.sought
    assert len(places) == 2
    assert screen.run("place") == 190
    assert screen.tab.inner_text("#v_at") == "03:10"


def test_the_small_picture_of_the_aim_stands_over_its_place_in_the_bar(screen: Screen) -> None:
    opened(screen, MAG, sample.pages()["play-1"], resume_s=0, sheets=6)
    happens(screen, MAG, MAG.playing)
    hidden = screen.tab.is_visible("#v_cell")
    screen.run("() => { film('seek:750') }")
    shown = screen.run(
        "[$('v_cell').style.backgroundImage,$('v_cell').style.backgroundPosition,$('v_cell').style.left]"
    )

    assert not hidden
    assert shown == ['url("/s/1-1/sprites/1.jpg")', "-800px -90px", "271px"]


def test_digits_are_the_minute_to_go_to_and_none_is_lost(screen: Screen) -> None:
    opened(screen, MAG, sample.pages()["play-1"], resume_s=0)
    happens(screen, MAG, MAG.playing)
    for digit in "45":
        screen.press(48 + int(digit))
    typed = screen.tab.inner_text("#v_state"), screen.tab.inner_text("#v_at")
    screen.press(13)

    assert typed == ("到45分", "45:00")
    assert ["SetPosTime", 2700] in calls(screen)
    assert ["Pause"] not in calls(screen)


def test_digits_wait_two_seconds_for_more_and_go_by_themselves(screen: Screen) -> None:
    opened(screen, MAG, sample.pages()["play-1"], resume_s=0)
    happens(screen, MAG, MAG.playing)
    screen.press(55)
    screen.wait("place == 420")


@SETS
def test_the_next_episode_is_offered_at_the_end_and_begins_by_itself(screen: Screen, box: Set) -> None:
    page = film.player_page(Viewer(NOW), attrs.evolve(sample.FILM, following=NextFact(2, "第二集")))
    opened(screen, box, page, resume_s=0)
    screen.pages["/p/play-2"] = b"<p>next"
    happens(screen, box, box.playing)
    happens(screen, box, box.over)
    shown = screen.tab.inner_text("#L_next"), screen.focus
    screen.run("() => { next_in = 1 }")
    screen.tab.wait_for_url("**/p/play-2*")

    assert "下一集：第二集" in shown[0]
    assert shown[1] == ["nx_go"]


def test_back_at_the_end_of_an_episode_is_its_page(screen: Screen) -> None:
    page = film.player_page(Viewer(NOW), attrs.evolve(sample.FILM, following=NextFact(2, "第二集")))
    opened(screen, MAG, page, resume_s=0)
    screen.pages["/p/film-1"] = b"<p>film"
    happens(screen, MAG, MAG.playing)
    happens(screen, MAG, MAG.over)
    screen.press(8)
    screen.tab.wait_for_url("**/p/film-1*")


def test_yellow_takes_subtitles_away_and_shows_them_again(screen: Screen) -> None:
    page = film.player_page(Viewer(NOW, subtitles=True), attrs.evolve(sample.FILM, subtitled=True))
    opened(screen, MAG, page)
    screen.run("() => { gSTB.SetSubtitles = on => calls.push(['SetSubtitles', on]) }")
    happens(screen, MAG, MAG.playing)
    for _ in range(2):
        screen.press(114)
    told = [call[1] for call in calls(screen) if call[0] == "SetSubtitles"]

    assert told == [True, False, True]
    assert screen.tab.inner_text("#v_state") == "字幕开"


def test_yellow_on_an_own_channel_says_on_its_label_whether_there_are_subtitles(screen: Screen) -> None:
    channel = ChannelFact(1, 1, "今日南湖", "/ch/nanhu.town/master.m3u8")
    opened(screen, MAG, tv_page(Viewer(NOW, subtitles=True), channel, 2, 3))
    screen.run("() => { gSTB.SetSubtitles = on => calls.push(['SetSubtitles', on]) }")
    happens(screen, MAG, MAG.playing)
    screen.press(114)
    told = [call[1] for call in calls(screen) if call[0] == "SetSubtitles"]
    label = screen.tab.inner_text("#v_label")

    assert told == [True, False]
    assert (label, screen.tab.is_visible("#v_label")) == ("字幕关", True)


def test_the_number_of_a_channel_gathers_in_the_banner_and_leads_to_it(screen: Screen) -> None:
    opened(screen, MAG, sample.pages()["tv"])
    screen.pages["/p/tv-n12"] = b"<p>12"
    for digit in "12":
        screen.press(48 + int(digit))
    typed = screen.tab.inner_text("#v_num")
    screen.tab.wait_for_url("**/p/tv-n12")

    assert typed == "12"


def test_the_words_of_a_lost_signal_fit_their_label(screen: Screen) -> None:
    opened(screen, MAG, sample.pages()["home"])
    happens(screen, MAG, MAG.fault)
    label = screen.run("(e => [e.scrollWidth <= e.offsetWidth, e.offsetWidth * e.offsetHeight])($('v_label'))")

    assert label[0]
    assert label[1] <= 0.02 * 1280 * 720


@pytest.mark.parametrize("family", ["mag", "ctc", "ipanel"])
def test_a_box_without_its_object_shows_a_still_and_no_fault(screen: Screen, family: str) -> None:
    page = sample.pages()["home"]
    screen.show(page, made(family))

    assert page.video is not None
    assert screen.tab.get_attribute("#hole img", "src") == page.video.poster
    assert screen.tab.locator("video").count() == 0


@pytest.mark.parametrize(
    ("family", "player"),
    [
        ("mag", "mag"),
        ("ctc", "ctc"),
        ("ctc-overseas", "ctc"),
        ("ipanel", "ipanel"),
        ("pc", "html5"),
        ("tizen", "html5"),
    ],
)
def test_a_page_sends_the_player_of_its_family_and_no_other(family: str, player: str) -> None:
    body = sample.body(sample.pages()["home"], made(family)).decode()
    sent = [one for one in statics.PLAYERS if statics.media(one) in body]

    assert sent == [player]
