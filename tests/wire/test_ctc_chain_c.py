"""Dialect C: JSON for phones and OTT clients, with the cookie and with the bearer."""

import json
import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from middleware.portal.ctc.authenticator import seal
from tests.wire.ctc_rules import a5_channels
from tests.wire.ctc_site import MAC, NAMES, PASSWORD, STB, USER, Answer, Box, CtcTown

BATCH = "/EPG/interEpg/channellist/batch"
TYPE = "application/json;charset=utf-8"


def token_of(box: Box) -> str:
    answer = box.get(f"/EPG/oauth/v2/authorize?response_type=EncryToken&client_id=smcphone&userid={box.user}")
    assert list(json.loads(answer.body)) == ["EncryToken"]
    return str(json.loads(answer.body)["EncryToken"])


def enter(box: Box, reserved: str = "Reserved", tail: str = "OTT") -> Answer:
    plain = f"4711${token_of(box)}${box.user}${STB}$10.0.0.1${MAC}${reserved}${tail}"
    asked = {
        "grant_type": "EncryToken", "client_id": "smcphone", "UserID": box.user, "DeviceType": "EC6108V9",
        "DeviceVersion": "V1", "userdomain": "2", "datadomain": "3", "accountType": "1", "issmarthomestb": "0",
        "tvdesktopid": "", "authinfo": seal(plain, box.password, box.scheme),
    }  # fmt: skip
    return box.get(f"/EPG/oauth/v2/token?{urlencode(asked)}")


@pytest.mark.parametrize(("reserved", "tail"), [("Reserved", "OTT"), ("", "CTC")])
@pytest.mark.parametrize("scheme", ["des8", "md5-24"])
def test_the_cookie_and_the_bearer_both_give_the_channels(
    ctc_town: CtcTown, scheme: str, reserved: str, tail: str
) -> None:
    box = ctc_town.box(scheme=scheme)
    entered = enter(box, reserved, tail)
    told = json.loads(entered.body)
    page = box.get("/EPG/jsp/getchannellistHWCTC.jsp")
    bare = ctc_town.box(keeps=False)
    batch = bare.post(BATCH, b'{"channelcodes":""}', Content_Type=TYPE, Authorization=told["access_token"])
    listed = json.loads(batch.body)["channellist"]

    assert (told["token_type"], told["expires_in"]) == ("bearer", 86400)
    assert re.fullmatch(r"JSESSIONID=[0-9A-F]{32}; Path=/", entered.header("Set-Cookie"))
    codes = [one["ChannelID"] for one in a5_channels(page.text)]
    assert [one["channelcode"] for one in listed] == codes
    assert [list(one) for one in listed] == [["channelcode", "channelname", "channelurl"]] * len(NAMES)
    assert listed[0]["channelurl"].startswith("igmp://239.76.1.1:5140|rtsp://10.0.0.9/PLTV/1/224/1.smil")
    assert batch.header("Content-Type") == TYPE


def test_logos_are_told_by_the_same_codes(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    enter(box)
    told = json.loads(box.get("/epg/api/custom/getAllChannel.json").body)["channels"]

    assert [one["params"]["hwcode"] for one in told] == [str(one) for one in range(1, len(NAMES) + 1)]
    assert {one["icon"] for one in told} == {"http://10.1.1.1:33200/logos/nh.png"}


def test_whatever_is_wrong_has_one_answer(ctc_town: CtcTown) -> None:
    wrong = enter(ctc_town.box(password="87654329"))
    nothing = ctc_town.box().get("/EPG/oauth/v2/token")
    locked = [enter(ctc_town.box(password="87654329")) for _ in range(6)][-1]

    assert {(one.status, one.body) for one in (wrong, nothing, locked)} == {(400, b'{"error":"invalid_grant"}')}


@pytest.mark.parametrize("bearer", ["", "x" * 43, "ffffffff." + "x" * 43, "Bearer abc", PASSWORD])
def test_a_guessed_bearer_gets_nothing(ctc_town: CtcTown, bearer: str) -> None:
    answer = ctc_town.box().post(BATCH, b"{}", Content_Type=TYPE, Authorization=bearer)

    assert (answer.status, answer.body) == (403, b"")
    assert ctc_town.box().get("/epg/api/custom/getAllChannel.json", Authorization=bearer).status == 403


def test_a_jsession_is_no_bearer(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    enter(box)

    assert ctc_town.box().post(BATCH, b"{}", Authorization=box.cookies["JSESSIONID"]).status == 403


def test_the_account_is_the_one_of_the_telecom_box(ctc_town_with: Callable[..., CtcTown]) -> None:
    town = ctc_town_with()
    enter(town.box())

    assert (town.device(USER).serial, town.device(USER).model) == (STB, "EC6108V9")
