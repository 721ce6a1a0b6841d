"""Boxes with a language of their own walk from their first address to the picture, on objects that we put in.

No real box was at hand: gSTB, MediaPlayer and media.AV are recorders here, the server and the browser are real.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import ARTEFACTS, PROGRAM, Town, free_port, run, wait_until_it_answers
from tests.journeys.tv import TV

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RECORDER = """window.calls=JSON.parse(sessionStorage.calls||'[]');
function note(n,a){calls.push([n].concat([].slice.call(a)));sessionStorage.calls=JSON.stringify(calls)}
function recorder(names){var o={};names.split(' ').forEach(function(n){o[n]=function(){note(n,arguments)}});return o}
"""
GSTB = (
    RECORDER
    + """window.gSTB=recorder('InitPlayer Play Stop Pause Continue SetTopWin SetViewport SetPIG SetPosTime ExecAction');
gSTB.GetDeviceMacAddress=function(){return '@MAC'};gSTB.GetDeviceSerialNumber=function(){return ''};
gSTB.GetPosTime=function(){return 3};gSTB.GetMediaLen=function(){return 14};"""
)
CABLE = (
    RECORDER
    + """window.CA={card:{serialNumber:'@CARD'}};window.network={ethernets:[{MACAddress:'@MAC'}]};
window.VOD={server:{nodeGroupId:'12.5'}};window.media={AV:recorder('open play pause close seek'),
video:recorder('fullScreen setPosition')};window.DVB=recorder('stopAV');"""
)
AGENTS = {"mag": "Mozilla/5.0 (QtEmbedded; U; Linux; C) AppleWebKit/533.3 MAG250 stbapp", "ipanel": "iPanel 3.0"}


@pytest.fixture(scope="module")
def served(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The seeded town as an operator runs it: no training page, one entry per box, a number to call."""
    data = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(seeded, data)
    run(data, "channel", "set", "1", "--url", "http://127.0.0.1:9/live.m3u8")
    config = data / "town.toml"
    config.write_text('[devices]\nhotline = "0633-8282828"\n', encoding="utf-8")
    port = free_port()
    with (data / "server.log").open("w") as log:
        command = [PROGRAM, "--data", str(data), "--config", str(config), "serve", "--port", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}", server, data / "server.log")
            demo = json.loads((data / "demo.json").read_text(encoding="utf-8"))
            yield Town(f"http://127.0.0.1:{port}", data, demo)
        finally:
            server.terminate()
            assert server.wait(timeout=15) == 0


@pytest.fixture
def box(chromium: Browser, served: Town, request: pytest.FixtureRequest) -> Iterator[Callable[..., TV]]:
    """Makes a set of a family with these objects in its browser."""
    contexts = []

    def make(family: str, objects: str) -> TV:
        context = chromium.new_context(viewport={"width": 1280, "height": 720}, user_agent=AGENTS[family])
        contexts.append(context)
        context.add_init_script(objects)
        return TV(context.new_page(), served.base, family, ARTEFACTS / request.node.name.partition("[")[0])

    yield make
    for context in contexts:
        context.close()


def calls(tv: TV) -> list[list[Any]]:
    return tv.page.evaluate("calls")  # type: ignore[no-any-return]


def begin(tv: TV, path: str) -> None:
    tv.page.goto(f"{tv.base}{path}", wait_until="commit")
    tv.wait(lambda: tv.state == "home", "home")
    tv.settle()


@pytest.mark.parametrize("address", ["/stalker_portal/c/", "/c/"])
def test_a_mag_box_goes_from_its_portal_address_to_television_and_back(
    box: Callable[..., TV], served: Town, address: str
) -> None:
    tv = box("mag", GSTB.replace("@MAC", served.box(served.quiet)["mac"]))
    begin(tv, address)
    at_home = [call for call in calls(tv) if call[0] in {"Play", "SetViewport"}]
    tv.go("OK", to="tv")
    tv.page.evaluate("stbEvent.onEvent(4)")
    tv.go("BACK", to="home")
    names = [call[0] for call in calls(tv)]

    assert at_home[0] == ["SetViewport", 810, 456, 70, 104]
    assert at_home[1][1].startswith("ffmpeg http")
    assert names.count("Stop") == 2, "each page closes what it opened"
    assert ["SetPIG", 1, -1, 0, 0] in calls(tv)


def test_a_film_runs_on_a_mag_box_and_its_end_leads_back(box: Callable[..., TV], served: Town) -> None:
    tv = box("mag", GSTB.replace("@MAC", served.box(served.quiet)["mac"]))
    begin(tv, "/c/")
    tv.page.goto(f"{tv.base}/p/today")
    tv.go("OK", to="film")
    tv.go("OK", to="play")
    tv.page.evaluate("stbEvent.onEvent(4)")
    tv.press("OK", "OK", "RIGHT")
    told = calls(tv)
    tv.page.evaluate("stbEvent.onEvent(1)")
    tv.wait(lambda: tv.state.startswith("film"), "the film's page")

    assert ["Pause"] in told
    assert ["Continue"] in told
    assert ["SetPosTime", 13] in told


def test_a_cable_box_is_known_by_its_card_and_a_neighbour_with_the_number_is_not(
    box: Callable[..., TV], served: Town
) -> None:
    one = served.box(served.quiet)
    tv = box("ipanel", CABLE.replace("@MAC", one["mac"].replace(":", "-")).replace("@CARD", one["card_no"]))
    begin(tv, "/portal")
    opened = [call for call in calls(tv) if call[0] == "open"]
    other = box("ipanel", "0")
    begin(other, f"/portal?CAID={one['card_no']}")
    waits = other.text
    other.go("GREEN", to="code")
    other.shot("number")

    assert "还没登记" not in tv.text
    assert opened
    assert opened[0][2] == "HTTP"
    assert "还没登记" in waits
    assert "没有认出这台机顶盒" in other.text
    assert "0633-8282828" in other.text
    assert "card" in served.command("device", "clones")


def test_a_message_of_the_operator_lies_over_television_until_ok(box: Callable[..., TV], served: Town) -> None:
    one = served.box(served.quiet)
    tv = box("mag", GSTB.replace("@MAC", one["mac"]))
    begin(tv, "/c/")
    tv.go("OK", to="tv")
    served.command("message", "send", "all", "今晚八点停水，请提前存水。")
    tv.wait(lambda: "今晚八点停水" in tv.text, "the message")
    tv.shot("message")
    tv.press("OK")

    assert tv.state == "tv"
    assert tv.focus == "screen"
