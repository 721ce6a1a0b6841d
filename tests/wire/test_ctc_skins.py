"""The seven guide addresses over the real site: one cached query, 403 without a session, 404 when absent."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from epg.times import SHANGHAI
from middleware.domain.events import ContentChanged
from middleware.domain.packages import Grant, Package
from tests.wire.ctc_rules import a5_channels
from tests.wire.ctc_site import NOW, OTHER, Answer, Box, CtcTown, programmes

JSP = "/EPG/jsp"
FUJIAN = f"{JSP}/StbEpg2023Group/en/function/ajax"
DAY = NOW.replace(hour=0, minute=0)
Shown = list[tuple[str, str, str]]
SKINS = {
    "liveplay_30": ("GET", f"{JSP}/liveplay_30/en/getTvodData.jsp?channelId=1"),
    "defaulttrans2": ("GET", f"{JSP}/defaulttrans2/en/datajsp/getTvodProgListByIndex.jsp?CHANNELID=1&index=0"),
    "gdhdpublic": (
        "GET",
        f"{JSP}/gdhdpublic/Ver.3/common/data.jsp?Action=channelProgramList&channelId=1&date=20261125",
    ),
    "VSP": ("POST", "/VSP/V3/QueryPlaybillList"),
    "StbEpg2023Group": ("POST", f"{FUJIAN}/epg7getChannelByAjax.jsp"),
    "xagqftkdb": (
        "GET",
        f"{JSP}/xagqftkdb/en/GDIndex/hwdatajsp/prevueList.jsp?channelID=1&curdate=20261125&pageIndex=1&pageSize=9999&x=1",
    ),
    "iptvsnmv3": ("GET", f"{JSP}/iptvsnmv3/en/play/ajax/_ajax_getPlaybillList.jsp?channelId=1"),
}


@pytest.fixture
def box(ctc_town: CtcTown) -> Box:
    box = ctc_town.box()
    box.enter()
    return box


def ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def clock(value: object) -> str:
    return f"{datetime.fromtimestamp(int(str(value)) / 1000, SHANGHAI):%m-%d %H:%M}"


def vsp(box: Box, channels: list[object], offset: object = 0, **more: object) -> Answer:
    asked = {
        "queryChannel": {"channelIDs": channels},
        "queryPlaybill": {
            "type": "0", "startTime": str(ms(DAY)), "endTime": str(ms(DAY + timedelta(days=1))), "count": "100",
            "offset": offset, "isFillProgram": "0", "mustIncluded": "0", **more,
        },
        "needChannel": "0",
    }  # fmt: skip
    return box.post("/VSP/V3/QueryPlaybillList", json.dumps(asked).encode())


def test_all_skins_tell_the_same_day(box: Box) -> None:
    one_day = f"begin={ms(DAY)}&end={ms(DAY + timedelta(days=1))}"
    line = re.search(r"jsonBackLookStr = ([^;]+);", box.get(SKINS["liveplay_30"][1]).text)
    assert line is not None
    first = [
        p
        for day in json.loads(line[1])[1]
        for p in day
        if "20261125" in (p["beginTimeFormat"][:8], p["endTimeFormat"][:8])
    ]
    second = json.loads(box.get(SKINS["defaulttrans2"][1]).body)["data"]
    third = json.loads(box.get(SKINS["gdhdpublic"][1]).body)["result"]
    fourth = json.loads(vsp(box, [1]).body)["channelPlaybills"][0]["playbillLites"]
    asked = {
        "action": "getChannelProg",
        "code": "1",
        "channelID": "1",
        "startTime": str(ms(DAY)),
        "offset": "0",
        "limit": "2000",
    }
    asked |= {"endTime": str(ms(DAY + timedelta(days=1)))}
    fifth = json.loads(box.post(f"{FUJIAN}/epg7getChannelByAjax.jsp", asked, VIS_AJAX="AjaxHttpRequest").body)["data"]
    sixth = json.loads(box.get(SKINS["xagqftkdb"][1]).body)
    seventh = json.loads(box.get(f"{SKINS['iptvsnmv3'][1]}&{one_day}").body)["playbillLites"]

    names = ["乡村大舞台 11-24", "晨光;播报 11-25", "茶乡纪事 11-25", "乡村大舞台 11-25"]
    assert [p["programName"].replace("；", ";") for p in first] == names
    assert [(p["progName"], p["startTime"], p["endTime"]) for p in second] == [
        (names[0], "00:00", "02:00"), (names[1], "02:00", "12:00"), (names[2], "12:00", "22:30"),
        (names[3], "22:30", "23:59"),
    ]  # fmt: skip
    assert [(p["name"], p["time"], p["endtime"]) for p in third] == [
        (names[0], "00:00:00", "02:00:00"), (names[1], "02:00:00", "12:00:00"), (names[2], "12:00:00", "22:30:00"),
        (names[3], "22:30:00", "23:59:59"),
    ]  # fmt: skip
    whole = [
        (names[0], "11-24 22:30", "11-25 02:00"), (names[1], "11-25 02:00", "11-25 12:00"),
        (names[2], "11-25 12:00", "11-25 22:30"), (names[3], "11-25 22:30", "11-26 02:00"),
    ]  # fmt: skip
    for rows in (fourth, fifth, seventh):
        assert [(p["name"], clock(p["startTime"]), clock(p["endTime"])) for p in rows] == whole
    assert [(p["prevueName"], p["startTime"], p["endTime"]) for p in sixth["channelPrevueList"]] == [
        (names[1], "02:00:00", "12:00:00"), (names[2], "12:00:00", "22:30:00"), (names[3], "22:30:00", "02:00:00")
    ]  # fmt: skip
    assert sixth["channelName"] == "南湖新闻"


def test_shandongs_skin_tells_each_of_eight_days_by_its_index(box: Box) -> None:
    for index in range(-7, 1):
        told = json.loads(box.get(SKINS["defaulttrans2"][1].replace("index=0", f"index={index}")).body)
        day = DAY + timedelta(days=index)
        assert told["title"][len(told["title"]) - 1 + index].startswith(f"{day:%d}")
        assert told["data"][1]["progName"] == f"晨光;播报 {day:%m-%d}"


def test_one_question_to_the_store_is_behind_all_of_them(ctc_town: CtcTown, box: Box) -> None:
    def reads() -> Iterator[str]:
        for method, target in SKINS.values():
            box.ask(method, target, {"action": "getChannelProg", "channelID": "1"} if method == "POST" else b"")
            yield target

    list(reads())
    real, asked = ctc_town.store.run, []
    ctc_town.store.run = lambda fn, name="", **more: (asked.append(name), real(fn, name, **more))[1]  # type: ignore[method-assign, assignment]
    list(reads())

    assert asked == []


@pytest.mark.parametrize("skin", SKINS)
def test_no_session_is_403_and_an_absent_skin_a_bare_404(ctc_town_with: Callable[..., CtcTown], skin: str) -> None:
    method, target = SKINS[skin]
    there = ctc_town_with().box().ask(method, target)
    absent = ctc_town_with(skins=tuple(one for one in SKINS if one != skin)).box()
    absent.enter()
    gone = absent.ask(method, target)

    assert (there.status, there.body) == (403, b"")
    assert (gone.status, gone.body, gone.header("Location")) == (404, b"", "")


@pytest.mark.parametrize("skin", SKINS)
def test_the_usertoken_and_the_account_open_every_skin_without_a_cookie(ctc_town: CtcTown, skin: str) -> None:
    box = ctc_town.box(keeps=False)
    found = re.search(r'name="UserToken" value="([^"]+)"', box.enter().text)
    assert found is not None
    method, target = SKINS[skin]
    named = f"{target}{'&' if '?' in target else '?'}UserToken={found[1]}&UserID="
    telecom = f"telecomToken={found[1]}; UserID={box.user}"

    assert box.ask(method, named + box.user, b"action=getChannelCate" if method == "POST" else b"").status in {200, 400}
    assert box.ask(method, target, b"", Cookie=telecom).status in {200, 400}
    assert box.ask(method, named + OTHER).status == 403


@pytest.mark.parametrize("channel", ["4", "99", "x", "-1", "9" * 60, ""])
def test_a_channel_without_programmes_and_one_that_is_not_there_have_empty_lists(box: Box, channel: str) -> None:
    for skin in ("defaulttrans2", "gdhdpublic", "xagqftkdb", "iptvsnmv3"):
        answer = box.get(re.sub(r"(?i)(channelid=)1", rf"\g<1>{channel}", SKINS[skin][1]))
        told = json.loads(answer.body)
        assert answer.status == 200
        assert next(value for key, value in told.items() if isinstance(value, list) and key != "title") == []
    first = box.get(f"{JSP}/liveplay_30/en/getTvodData.jsp?channelId={channel}").text
    assert "= [9,[[],[],[],[],[],[],[],[],[]]];" in first
    bill = json.loads(vsp(box, [channel]).body)["channelPlaybills"]
    assert bill == [{"playbillCount": "0", "playbillLites": []}]


def test_vsp_takes_numbers_and_text_and_gives_pages(box: Box) -> None:
    week = {"startTime": ms(DAY - timedelta(days=7)), "endTime": str(ms(DAY + timedelta(days=2))), "count": 10}
    first, second = (json.loads(vsp(box, [1, "2"], offset, **week).body) for offset in (0, "10"))
    bills = [told["channelPlaybills"][1] for told in (first, second)]

    assert (first["total"], bills[0]["playbillCount"]) == ("2", bills[1]["playbillCount"])
    assert len(bills[0]["playbillLites"]) == 10
    assert {one["ID"] for one in bills[0]["playbillLites"]}.isdisjoint(one["ID"] for one in bills[1]["playbillLites"])


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b"{", b'{"queryChannel":[],"queryPlaybill":{}}', b"\xff", b"[" * 60_000]
)
def test_vsp_asked_nonsense_says_so(box: Box, body: bytes) -> None:
    answer = box.post("/VSP/V3/QueryPlaybillList", body)

    assert answer.status == 400
    assert json.loads(answer.body)["result"]["retCode"] != "000000000"


def test_fujian_tells_groups_channels_and_refuses_the_rest(box: Box) -> None:
    url = f"{FUJIAN}/epg7getChannelByAjax.jsp"
    groups = json.loads(box.post(f"{FUJIAN}/epg7getProperties.jsp", {"action": "getChannelCate"}).body)["data"]
    everything, some, none = (
        json.loads(box.post(url, {"action": "getChannelList", "cateID": group, "type": ""}).body)["data"]
        for group in (groups[0]["id"], groups[1]["id"], "777")
    )

    assert [one["name"] for one in groups] == ["全部", "新闻"]
    assert (len(everything), len(some), none) == (4, 4, [])
    assert all(isinstance(value, str) and value for one in everything for value in one.values())
    assert json.loads(box.post(url, {"action": "x"}).body)["status"] == "0"


def test_a_box_is_told_of_its_own_channels_only(ctc_town: CtcTown, box: Box) -> None:
    def sell(uow: object) -> None:
        from middleware.storage.uow import SqlUnitOfWork

        assert isinstance(uow, SqlUnitOfWork)
        package = uow.packages.add(Package(0, "p2", "二套", channels=(2,)))
        uow.packages.grant(Grant(package.id, "town"))
        uow.outbox.add(ContentChanged("package"))

    ctc_town.store.run_sync(sell)
    listed = box.get(f"{JSP}/getchannellistHWCTC.jsp").text

    assert [one["ChannelID"] for one in a5_channels(listed)] == ["2"]
    assert json.loads(vsp(box, [1]).body)["channelPlaybills"][0]["playbillLites"] == []
    assert json.loads(vsp(box, [2]).body)["channelPlaybills"][0]["playbillLites"] != []


def test_logos_are_found_by_channel(box: Box, ctc_town: CtcTown) -> None:
    icons = f"{JSP}/iptvsnmv3/en/list/images/channelIcon"

    assert box.get(f"{icons}/1.png").header("Location") == "/logos/nh.png"
    assert box.get(f"{icons}/99.png").status == 404
    assert ctc_town.box().get(f"{icons}/1.png").status == 403


def test_there_are_programmes_to_tell() -> None:
    assert len(programmes("x.y")) == 33
