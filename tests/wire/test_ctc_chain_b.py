"""Dialect B by a client of bytes written from the protocol, and the front half that Jiangsu's boxes expect."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from middleware.portal.ctc import dialect_b
from middleware.portal.ctc.records import Listed
from tests.wire.ctc_rules import b5_channels
from tests.wire.ctc_site import NAMES, NOW, STB, USER, Answer, Box, CtcTown
from tests.wire.ctc_town import channel

HERE = "http://10.1.1.1:8080"
FRAME = "/iptvepg/frame205"


def gbk(answer: Answer) -> str:
    """The page as a box of this platform reads it."""
    assert (answer.status, answer.header("Content-Type")) == (200, "text/html; charset=GBK")
    return answer.body.decode("gbk")


class ZteBox:
    """Cuts bytes as the clients in the field do."""

    def __init__(self, box: Box, content_type: str = "application/x-www-form-urlencoded") -> None:
        self.box = box
        self.type = content_type

    def get(self, path: str) -> str:
        return gbk(self.box.get(path, Host="10.1.1.1:8080"))

    def post(self, path: str, **fields: str) -> str:
        return gbk(self.box.post(path, fields, Host="10.1.1.1:8080", Content_Type=self.type))

    def challenge(self) -> tuple[str, str]:
        asked = urlencode(
            {"UserID": self.box.user, "Action": "Login", "TerminalFlag": 1, "TerminalOsType": 0, "STBID": STB}
        )
        page = self.get(f"/iptvepg/platform/getencrypttoken.jsp?{asked}&stbtype=B860")
        token = re.search(r"GetAuthInfo\('([0-9A-F]{32})'\)", page)
        action = re.search(
            r'<form action="(http://[^"/]+:\d+/iptvepg/platform/auth\.jsp\?[^"]*)" name="authform" method="post">', page
        )
        assert token is not None
        assert action is not None
        assert re.findall(r'name="(\w+)" value="([^"]*)"', page)[:3] == [
            ("UserID", self.box.user), ("Authenticator", ""), ("StbIP", self.box.client)
        ]  # fmt: skip
        return token[1], action[1].removeprefix(HERE)

    def auth(self) -> tuple[str, str]:
        """B1 and B2: the UserToken, and where to go on."""
        token, action = self.challenge()
        page = self.post(action, UserID=self.box.user, Authenticator=self.box.sealed(token), StbIP="10.3.7.20")
        user_token = re.search(r"jsSetConfig\('UserToken','([A-Za-z0-9_.-]+)'\)", page)
        location = re.search(r"window\.location = '(http://[^']+)'", page)
        assert user_token is not None
        assert location is not None
        assert page.index("function jsSetConfig(") < page.index("jsSetConfig('")
        assert re.findall(r"jsSetConfig\('(EPGGroupNMB|UserGroupNMB)','(\w+)'\)", page) == [
            ("EPGGroupNMB", "1"), ("UserGroupNMB", "1")
        ]  # fmt: skip
        return user_token[1], location[1]

    def enter(self) -> str:
        """B1 to B4."""
        user_token, location = self.auth()
        assert f"UserToken={user_token}" in location
        page = self.get(location.removeprefix(HERE))
        assert re.search(r'<form action="funcportalauth\.jsp" name=', page)
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
        assert (fields["UserToken"], fields["UserID"], fields["STBID"]) == (user_token, self.box.user, self.box.stb)
        page = self.post("/iptvepg/function/funcportalauth.jsp", **fields)
        assert 'window.location = "frame.jsp";' in page
        assert not re.search("errorHandler|ErrorCode", page)
        return user_token

    def chain(self) -> str:
        """B5: by the forms, as a browser; returns the page with the channels."""
        page, path = self.get("/iptvepg/function/frame.jsp"), "/iptvepg/function/"
        for name in ("frameset_judger.jsp", "frameset_builder.jsp"):
            action, first = re.search(r'action="(.*?)" >', page), re.search(r'value="(.*?)"', page)
            assert action is not None
            assert action[1] == name
            assert first is not None
            assert first[1] == f"{FRAME}/channel_start.jsp?tempno=-1"
            page = self.post(path + action[1], **dict(re.findall(r'name="(\w+)" value="([^"]*)"', page)))
        return page


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "", "text/plain"])
def test_a_box_walks_from_its_token_to_its_channels(ctc_town: CtcTown, content_type: str) -> None:
    box = ctc_town.box()
    zte = ZteBox(box, content_type)
    zte.enter()
    channels = b5_channels(zte.chain())

    assert [one["ChannelID"] for one in channels] == [f"ch{number:020d}" for number in range(1, len(NAMES) + 1)]
    assert channels[0]["ChannelSDP"].startswith("igmp://239.76.1.1:5140|rtsp://10.0.0.9/PLTV/1/224/1.smil")
    assert channels[1]["ChannelName"] == "农科，三农"
    assert re.fullmatch(r"[0-9A-F]{32}", box.cookies["JSESSIONID"])


def test_the_portal_comes_after_the_channels(ctc_town: CtcTown) -> None:
    zte = ZteBox(ctc_town.box())
    zte.enter()
    page = zte.chain()
    home = re.search(r"jsSetConfig\('EPGDomain','(http://[^']+)'\);", page)

    assert home is not None
    assert home[1].startswith(f"{HERE}/portal?user={USER}&mac=ACB1EE000001&ticket=")
    assert (
        page.index("jsSetConfig('Channel'") < page.index("'EPGDomain'") < page.index(f"document.location = '{home[1]}'")
    )


def test_clients_that_skip_pages_are_served(ctc_town: CtcTown) -> None:
    zte = ZteBox(ctc_town.box())
    zte.auth()
    start = zte.get(f"{FRAME}/channel_start.jsp?tempno=-1")
    built = zte.post(
        "/iptvepg/function/frameset_builder.jsp", MAIN_WIN_SRC="/iptvepg/frame310/first_channel_play.jsp?tempno=777",
        NEED_UPDATE_STB="1", BUILD_ACTION="FRAMESET_BUILDER", hdmistatus="undefined",
    )  # fmt: skip

    assert "channel_start.jsp" in start
    assert len(b5_channels(built)) == len(NAMES)


def test_a_box_that_loses_its_cookie_goes_on_with_names_and_gets_it_again(ctc_town: CtcTown) -> None:
    box = ctc_town.box(keeps=False)
    user_token, _ = ZteBox(box).auth()
    names = f"UserToken={user_token}&UserID={USER}"
    again = box.get(f"/iptvepg/function/index.jsp?{names}", Host="10.1.1.1:8080")
    cookie = again.header("Set-Cookie").partition(";")[0]

    assert cookie.startswith("JSESSIONID=")
    assert len(b5_channels(gbk(box.post("/iptvepg/function/frameset_builder.jsp", b"", Cookie=cookie)))) == len(NAMES)
    foreign = box.get(f"/iptvepg/function/index.jsp?UserToken=ffffffff.{'x' * 43}&UserID={USER}", Cookie=cookie)
    assert (foreign.status, foreign.header("Set-Cookie")) == (200, "")


@pytest.mark.parametrize("settings", [{"zte_port": 8080}, {"epg_host": "10.1.1.1", "zte_port": 8080}])
def test_addresses_are_absolute_with_the_port_of_this_platform(
    ctc_town_with: Callable[..., CtcTown], settings: dict[str, object]
) -> None:
    box = ctc_town_with(**settings).box()
    begun = box.get(f"/iptvepg/platform/index.jsp?UserID={USER}&Action=Login&Mode=MENU", Host="10.1.1.1")
    token = box.get(f"/iptvepg/platform/getencrypttoken.jsp?UserID={USER}", Host="10.1.1.1").text

    assert (begun.status, begun.header("Location").partition("?")[0]) == (
        302,
        f"{HERE}/iptvepg/platform/getencrypttoken.jsp",
    )
    assert f'<form action="{HERE}/iptvepg/platform/auth.jsp?easip=10.1.1.1&ipVersion=4&networkid=1" name=' in token


@pytest.mark.parametrize("begin", ["/iptvepg/platform/getencrypttoken.jsp", "/auth"])
def test_a_box_whose_scheme_is_known_is_told_it_before_it_seals(ctc_town: CtcTown, begin: str) -> None:
    box = ctc_town.box(scheme="md5-24")
    box.enter()
    page = gbk(box.get(f"{begin}?UserID={USER}&Action=Login"))

    assert re.findall(r"CTCSetConfig\('EncryptionType','(\d+)'\)", page) == ["0003"]
    assert page.index("EncryptionType") < page.index("CTCGetAuthInfo('")


def test_a_refusal_is_a_location_with_its_code_and_a_page_with_words(ctc_town: CtcTown) -> None:
    box = ctc_town.box(password="87654329")
    zte = ZteBox(box)
    token, action = zte.challenge()
    page = zte.post(action, UserID=USER, Authenticator=box.sealed(token))
    location = re.search(rf"window\.location = '{HERE}(/[^']*errorcode=0x11000001[^']*)'", page)

    assert location is not None
    assert re.findall(r"CTCSetConfig\('authStatus','(\w+)'\)", page) == ["0x11000001"]
    told = zte.get(location[1])
    assert "账号或密码不对" in told
    assert f'href="/iptvepg/platform/getencrypttoken.jsp?UserID={USER}&amp;Action=Login"' in told


@pytest.mark.parametrize(
    "path", ["index.jsp", "frame.jsp", "funcportalauth.jsp", "frameset_judger.jsp", "frameset_builder.jsp"]
)
def test_nothing_is_there_without_a_session(ctc_town: CtcTown, path: str) -> None:
    page = ZteBox(ctc_town.box()).post(f"/iptvepg/function/{path}")

    assert "errorcode=0x11000002" in page
    assert "jsSetConfig('Channel'" not in page


def test_seven_days_of_programmes_are_there_with_whole_dates(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    ZteBox(box).enter()
    found = []
    for back in range(7, -1, -1):
        day = NOW - timedelta(days=back)
        answer = box.get(f"{FRAME}/action/getchannelprogram.jsp?channelcode=ch{1:020d}&currdate={day:%Y.%m.%d}")
        rows = json.loads(answer.body)["prevuelist"]
        assert all(one["prevuename"] and one["begintime"].startswith(f"{day:%Y.%m.%d} ") for one in rows)
        found += [(one["prevuename"], one["begintime"], one["endtime"]) for one in rows]

    assert len(found) == 8 * 3
    assert found[2] == ("乡村大舞台 11-18", "2026.11.18 22:30:00", "2026.11.19 02:00:00")
    empty = box.get(f"{FRAME}/action/getchannelprogram.jsp?channelcode=ch{4:020d}&currdate=2026.11.25")
    assert json.loads(empty.body) == {"prevuelist": []}


@pytest.mark.parametrize(
    "asked", ["channelcode=x&currdate=2026.11.25", "channelcode=801", "", "channelcode=801&currdate=2026.13.45"]
)
def test_odd_questions_have_an_empty_list(ctc_town: CtcTown, asked: str) -> None:
    box = ctc_town.box()
    ZteBox(box).enter()

    assert json.loads(box.get(f"{FRAME}/action/getchannelprogram.jsp?{asked}").body) == {"prevuelist": []}


def test_the_guide_needs_a_session(ctc_town: CtcTown) -> None:
    answer = ctc_town.box().get(f"{FRAME}/action/getchannelprogram.jsp?channelcode=ch{1:020d}&currdate=2026.11.25")

    assert (answer.status, answer.body) == (403, b"")


def test_the_skins_folder_is_a_setting(ctc_town_with: Callable[..., CtcTown]) -> None:
    box = ctc_town_with(frame="frame1194").box()
    zte = ZteBox(box)
    zte.auth()

    assert 'value="/iptvepg/frame1194/channel_start.jsp?tempno=-1"' in zte.get("/iptvepg/function/frame.jsp")
    assert box.get(f"{FRAME}/channel_start.jsp").status == 404


def test_a_line_of_the_list_reads_as_the_platform_writes_it() -> None:
    page = dialect_b.channel_lines([Listed(channel(7, timeshift_url="rtsp://H/801.smil"))])

    assert (
        'jsSetConfig(\'Channel\',\'ChannelID="ch00000000000000000007",ChannelName="南湖新闻",UserChannelID="7",'
        'ChannelURL="igmp://239.76.1.1:5140",TimeShift="1",ChannelSDP="igmp://239.76.1.1:5140|rtsp://H/801.smil",'
        'TimeShiftURL="rtsp://H/801.smil",'
    ) in page


# --- Jiangsu ---


def test_jiangsus_boxes_walk_their_own_way_to_the_same_channels(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    begun = gbk(box.get(f"/auth?UserID={USER}&Action=Login&Mode=MENU", Host="10.1.1.1:8298"))
    token = re.search(r"Authentication\.CTCGetAuthInfo\('([0-9A-F]{32})'\)", begun)
    assert token is not None
    uploaded = gbk(
        box.post("/uploadAuthInfo", {"UserID": USER, "Authenticator": box.sealed(token[1]), "AccessMethod": "dhcp"})
    )
    kept = dict(re.findall(r"Authentication\.CTCSetConfig\('(\w+)','([^']*)'\)", uploaded))
    assert kept["UserToken"] == box.cookies["UserToken"]
    only = f"UserToken={kept['UserToken']}"

    def on(page: str) -> str:
        found = re.search(r"document\.location='([^']+)'", page)
        assert found is not None
        return found[1].partition("//")[2].partition("/")[2]

    balancer = on(gbk(box.get("/getServiceList", Cookie=only)))
    assert balancer.startswith("iptvepg/lb?")
    node = on(gbk(box.get(f"/{balancer}", Cookie="x=1")))
    page = box.get(f"/{node}", Cookie="x=1")
    cookie = page.header("Set-Cookie").partition(";")[0]
    assert cookie.startswith("JSESSIONID=")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', gbk(page)))
    entered = gbk(box.post("/iptvepg/function/funcportalauth.jsp", fields, Cookie=cookie))
    assert 'window.location = "frame.jsp"' in entered
    channels = b5_channels(gbk(box.post("/iptvepg/function/frameset_builder.jsp", b"BUILD_ACTION=1", Cookie=cookie)))
    mapping = json.loads(box.get("/iptvepg/frame224/datas/get_channel_info_mapping.jsp", Cookie=cookie).body)

    pairs = dict(pair.split(":") for pair in mapping["channelMixnoMapping"].split(","))
    assert sorted(pairs.values()) == sorted(one["UserChannelID"] for one in channels)
    prevues = "/iptvepg/frame1194/CHANNEL_PLAYER_UTILS/datas/prevue_list.jsp"
    today = json.loads(
        box.get(f"{prevues}?channelcode={channels[0]['ChannelID']}&dateindex=0&ajax=1", Cookie=cookie).body
    )
    rows = today["channelPrevue"]
    assert [(one["prevuename"], one["begintime"], one["isLive"], one["isBack"]) for one in rows] == [
        ("晨光;播报 11-25", "2026.11.25 02:00:00", "0", "1"),
        ("茶乡纪事 11-25", "2026.11.25 12:00:00", "1", "0"),
        ("乡村大舞台 11-25", "2026.11.25 22:30:00", "0", "0"),
    ]
    assert all(
        list(one) == ["prevuecode", "prevuename", "begintime", "endtime", "isLive", "isBack", "isRecord"]
        for one in rows
    )


@pytest.mark.parametrize(
    "path", ["frame224/datas/get_channel_info_mapping.jsp", "frame1194/CHANNEL_PLAYER_UTILS/datas/prevue_list.jsp"]
)
def test_jiangsus_lists_need_a_session(ctc_town: CtcTown, path: str) -> None:
    assert ctc_town.box().get(f"/iptvepg/{path}").status == 403


def test_jiangsus_services_need_a_session(ctc_town: CtcTown) -> None:
    assert "errorcode=0x11000002" in gbk(ctc_town.box().get("/getServiceList"))
