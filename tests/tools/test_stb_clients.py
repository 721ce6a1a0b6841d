"""The terminal box's clients, without a network: what they ask, what they learn, and what they will not take."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from tests.tools.scripted_portal import Stalker, page, reply, walk
from tools.stb import authenticator, ctc, load, pages, remote
from tools.stb.cli import parser
from tools.stb.dialects import client
from tools.stb.ministra import CALLS, Ministra, api_of
from tools.stb.values import Answer, Ask, Box, Channel, Refused, slot_of

PLAIN = (
    "12345678$0123456789ABCDEF0123456789ABCDEF$07630001$00100399007068200001ACB1EE000001"
    "$127.0.0.1$AC:B1:EE:00:00:01$$CTC"
)
VECTORS = {  # as the specification gives them, recreated there by openssl
    "des8": "96D0028878D58C89CCB3FE77C20A0743E50B7CB2783426B1",
    "md5-24": "1BC8B2529DFED65B9261662B0B3251BC11CDE95318BDD586",
    "md5-24-lower": "98FFEA2D40BA222D1DAF4D5832A8F183B2C7B8A98F233179",
    "md5-24-unpadded": "A4DA76804F6DB5EBC3AC2A5CC2645EE479B64CF090608487",
    "md5-8": "C347FE5C27BB176BE3F54095FCA438FC",
    "md5-8-upper": "9A266F3441154A583C2C539FAFD3CCB6",
    "salted": "1F6232D540E4B5126B9097553CF4BC1CE5A8C62927970790",
}
BOX = Box("http://10.0.0.1:8080", "ministra", mac="00:1A:79:00:00:01", serial="S1", user="home1", password="secret")


def quiet(_name: str, _learned: str) -> None:
    pass


@pytest.mark.parametrize("scheme", VECTORS)
def test_the_authenticator_is_what_the_specification_gives(scheme: str) -> None:
    found = authenticator.encipher(PLAIN, authenticator.key(scheme, "12345678"))

    assert len(found) == 240
    assert found.startswith(VECTORS[scheme])


@pytest.mark.parametrize(("password", "size"), [("1", 24), ("x" * 30, 24), ("abcdefghi", 24)])
def test_a_key_is_filled_up_or_cut_to_24_characters(password: str, size: int) -> None:
    key = authenticator.key("des8", password)

    assert len(key) == size
    assert key.startswith(password[:24])
    assert set(key[len(password) :]) <= {"0"}


def test_china_mobile_has_seven_fields() -> None:
    found = authenticator.plain("1", "T", "u", "s", "ip", "m", tail="CM")

    assert found == "1$T$u$s$ip$m$CM"


@pytest.mark.parametrize(
    ("portal", "api"),
    [
        ("http://x:1/stalker_portal/c/", "http://x:1/stalker_portal/server/load.php"),
        ("http://x:1/c/", "http://x:1/server/load.php"),
        ("http://x:1", "http://x:1/stalker_portal/server/load.php"),
        ("http://x:1/portal.php", "http://x:1/portal.php"),
    ],
)
def test_the_api_is_found_as_clients_find_it(portal: str, api: str) -> None:
    assert api_of(portal) == api


def test_a_mag_box_logs_in_and_says_who_it_is() -> None:
    portal, steps = Stalker(), list[str]()

    walk(Ministra(BOX, lambda name, learned: steps.append(f"{name}: {learned}")).login(), portal)

    assert portal.asked == ["stb/handshake", "stb/get_profile", "stb/get_localization"]
    assert portal.headers["Cookie"] == "mac=00%3A1A%3A79%3A00%3A00%3A01; stb_lang=zh; timezone=Asia%2FShanghai"
    assert portal.headers["Authorization"] == f"Bearer {'A' * 32}"
    assert steps[1] == "profile: status 0, in; polls each 90 s, slot 71.5 s"


def test_a_log_in_that_is_asked_for_is_given_and_the_profile_asked_again() -> None:
    portal = Stalker(2, 0)

    walk(Ministra(BOX, quiet).login(), portal)

    assert portal.asked[1:4] == ["stb/get_profile", "stb/do_auth", "stb/get_profile"]


def test_a_blocked_box_shows_the_words_of_the_portal() -> None:
    with pytest.raises(Refused, match=r"blocked: 请致电 0633$"):
        walk(Ministra(BOX, quiet).login(), Stalker(1))


@pytest.mark.parametrize("body", ["Authorization failed.", "Access denied.", "Unauthorized request."])
def test_the_three_refusals_are_told_as_they_are(body: str) -> None:
    with pytest.raises(Refused, match=f"stb/handshake: {body}"):
        walk(Ministra(BOX, quiet).login(), lambda ask: page(ask, body))


@pytest.mark.parametrize("js", [False, [], None, {"token": ""}])
def test_a_handshake_of_another_shape_is_a_refusal(js: object) -> None:
    with pytest.raises(Refused):
        walk(Ministra(BOX, quiet).login(), lambda ask: reply(ask, js))


def test_what_plays_is_asked_for_anew_and_two_blanks_are_a_fault() -> None:
    box = Ministra(BOX, quiet)
    portal = Stalker()
    (channel,) = walk(box.channels(), portal)

    url = walk(box.stream(channel), portal)

    assert (portal.last["cmd"], url) == (channel.address, "http://10.0.0.1:8080/l/tok/ch/7/index.m3u8")
    with pytest.raises(Refused, match="wrong blank"):
        walk(box.stream(channel), lambda ask: reply(ask, {"cmd": "ffmpeg  http://x/y", "error": ""}))
    with pytest.raises(Refused, match="limit"):
        walk(box.stream(channel), lambda ask: reply(ask, {"cmd": "", "error": "limit"}))


def test_an_event_is_shown_without_its_html_and_asks_to_be_confirmed() -> None:
    (event,) = walk(Ministra(BOX, quiet).events(), Stalker())

    assert (event.id, event.kind, event.words, event.confirm) == ("3", "send_msg", "停水 通知", True)


def test_a_box_boots_with_26_calls() -> None:
    portal = Stalker()

    walk(Ministra(BOX, quiet).boot(), portal)

    assert len(portal.asked) == CALLS == 26
    assert portal.asked[-1] == "itv/create_link"


def telecom(dialect: str = "ctc-a", **changes: str) -> Box:
    fields = {"user": "07630001", "password": "12345678", "serial": "00100399007068200001ACB1EE000001"} | changes
    return Box("http://10.0.0.1:8082", dialect, **fields)


RECORD = (
    '<script>var iRet = Authentication.CTCSetConfig(\'Channel\',\'ChannelID="801",ChannelName="南湖新闻",'
    'UserChannelID="1",ChannelURL="igmp://239.76.1.1:5140",TimeShift="1",TimeShiftLength="7200",'
    'ChannelSDP="igmp://239.76.1.1:5140",TimeShiftURL="rtsp://H/PLTV/1/224/801.smil"\');</script>'
)
A5 = (
    f"<script>Authentication.CTCSetConfig('ChannelCount','1');</script>{RECORD}"
    "<script>Authentication.CTCSetConfig('EPGDomain','http://10.0.0.1:33200/p/home'); document.location='U';</script>"
)
A4 = """<html><body><form name="authform" action="getchannellistHWCTC.jsp" method="post">
<input type="hidden" name="conntype" value=""/>
<input type="hidden" name="UserToken" value="USERTOKEN"/>
<input type="hidden" name="tempKey" value=""/></form></body></html>"""


class Huawei:
    """Dialect A from its specification; `proofs` are the Authenticators that came."""

    def __init__(self, scheme: str = "", a4: str = A4) -> None:
        self.a4 = a4
        self.told = f"<script>Authentication.CTCSetConfig('EncryptionType','{scheme}')</script>" if scheme else ""
        self.asked: list[str] = []
        self.proofs: list[str] = []

    def __call__(self, ask: Ask) -> Answer:
        path = urlsplit(ask.url).path
        self.asked.append(f"{ask.method} {path}")
        match path.rpartition("/")[2]:
            case "AuthenticationURL" if path.startswith("/EDS"):
                to = "http://10.0.0.1:33200/EPG/jsp/AuthenticationURL?UserID=07630001&Action=Login"
                return page(ask, "", ("location", to), status=302)
            case "AuthenticationURL":
                return page(ask, f'{self.told}<form name="authform" action="authLoginHWCTC.jsp" method="post"></form>')
            case "authLoginHWCTC.jsp":
                token = "0123456789ABCDEF0123456789ABCDEF"
                return page(ask, f'EncryptToken = "{token}";\nuserToken.value = "{token}"')
            case "ValidAuthenticationHWCTC.jsp":
                self.proofs.append(parse_qs(ask.body.decode())["Authenticator"][0])
                return page(ask, self.a4, ("set-cookie", "JSESSIONID=ABCDEF0123; Path=/"))
            case "getchannellistHWCTC.jsp":
                self.cookie = dict(ask.headers)["Cookie"]
                return page(ask, A5)
        return page(ask, "home")


def test_a_telecom_box_walks_the_chain_to_its_portal_page() -> None:
    portal, steps = Huawei(), list[str]()
    box = client(telecom(), lambda name, _learned: steps.append(name))

    walk(box.login(), portal)

    assert portal.asked == [
        "GET /EDS/jsp/AuthenticationURL",
        "GET /EPG/jsp/AuthenticationURL",
        "POST /EPG/jsp/authLoginHWCTC.jsp",
        "POST /EPG/jsp/ValidAuthenticationHWCTC.jsp",
        "POST /EPG/jsp/getchannellistHWCTC.jsp",
        "GET /p/home",
    ]
    assert portal.cookie == "JSESSIONID=ABCDEF0123"
    assert steps[-1] == "portal"
    assert box.home() == "http://10.0.0.1:33200/p/home"


@pytest.mark.parametrize(("told", "scheme"), [("", "des8"), ("0001", "des8"), ("0002", "salted"), ("0003", "md5-24")])
def test_the_key_is_made_as_the_page_says(told: str, scheme: str) -> None:
    portal = Huawei(told)

    walk(client(telecom(), quiet).login(), portal)

    fields = decipher(portal.proofs[0], authenticator.key(scheme, "12345678")).split("$")
    assert fields[1:4] == ["0123456789ABCDEF0123456789ABCDEF", "07630001", "00100399007068200001ACB1EE000001"]
    assert (len(fields), fields[-1]) == (8, "CTC")


def decipher(proof: str, key: str) -> str:
    opened = Cipher(TripleDES(key.encode()), modes.ECB()).decryptor()
    text = opened.update(bytes.fromhex(proof)) + opened.finalize()
    return text[: -text[-1]].decode()


def test_a_failure_page_is_told_by_its_code() -> None:
    failed = "<script>Authentication.CTCSetConfig('authStatus','0x11000001')</script>"

    with pytest.raises(Refused, match="0x11000001 wrong password or unknown user"):
        walk(client(telecom(), quiet).login(), Huawei(a4=failed))


def test_a_channel_is_cut_out_of_its_script_with_all_its_addresses() -> None:
    (channel,) = ctc.channels(A5)

    assert (channel.id, channel.number, channel.name) == ("801", "1", "南湖新闻")
    assert channel.address == "igmp://239.76.1.1:5140|rtsp://H/PLTV/1/224/801.smil"
    with pytest.raises(Refused, match="no ChannelName"):
        ctc.channels(A5.replace('ChannelName="南湖新闻"', 'ChannelName=""'))


@pytest.mark.parametrize(
    ("address", "udpxy", "url"),
    [
        ("igmp://239.1.1.1:5140|rtsp://h/x.smil", "", "udp://@239.1.1.1:5140"),
        ("igmp://239.1.1.1:5140", "http://r:4022/udp/", "http://r:4022/udp/239.1.1.1:5140"),
        ("rtsp://h/x.smil", "", "rtsp://h/x.smil"),
        ("igmp://239.1.1.1:5140|http://h/x.m3u8", "", "http://h/x.m3u8"),
    ],
)
def test_multicast_goes_through_a_relay_when_one_is_named(address: str, udpxy: str, url: str) -> None:
    assert ctc.playable(address, udpxy) == url


def test_pages_of_the_zte_platform_must_say_that_they_are_gbk() -> None:
    with pytest.raises(Refused, match="boxes read GBK"):
        walk(client(telecom("ctc-b"), quiet).login(), lambda ask: page(ask, "GetAuthInfo('T')"))


def test_a_phone_whose_proof_is_wrong_is_told_so() -> None:
    def portal(ask: Ask) -> Answer:
        path = urlsplit(ask.url).path
        if path.endswith("AuthenticationURL"):
            return page(ask, '{"epgurl":"http://10.0.0.1:33200/EPG/jsp/AuthenticationURL"}')
        if path.endswith("authorize"):
            return page(ask, '{"EncryToken":"T"}')
        return page(ask, '{"error":"invalid_grant"}', status=400)

    with pytest.raises(Refused, match="invalid_grant: wrong password"):
        walk(client(telecom("ctc-c"), quiet).login(), portal)


def test_a_cable_box_goes_on_where_a_page_says_so_without_a_script() -> None:
    asked: list[str] = []

    def portal(ask: Ask) -> Answer:
        asked.append(ask.url)
        if "asked" in ask.url:
            return page(ask, "", ("location", "/p/home"), status=303)
        if ask.url.endswith("/p/home"):
            return page(ask, "六个栏目")
        return page(ask, '<noscript><meta http-equiv=refresh content="0;url=/portal?CAID=9&amp;asked=1"></noscript>')

    walk(client(Box("http://10.0.0.1", "cable", card="9"), quiet).login(), portal)

    assert asked[-2:] == ["http://10.0.0.1/portal?CAID=9&asked=1", "http://10.0.0.1/p/home"]


def test_the_guide_that_is_open_to_all_is_the_line_up_of_a_cable_box() -> None:
    body = """<tv><channel id="nh1"><display-name>南湖新闻</display-name><lcn>3</lcn></channel>
    <programme channel="nh1" start="20261125200000 +0800" stop="20261125203000 +0800"><title>新闻</title></programme>
    </tv>"""

    guide = pages.Guide(body.encode())

    assert [(one.number, one.name) for one in guide.channels] == [("3", "南湖新闻")]
    assert guide.programmes["nh1"][0].start == datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_a_cable_box_has_those_channels_whose_numbers_lead_to_a_page() -> None:
    names = "".join(
        f'<channel id="c{at}"><display-name>{at}</display-name><lcn>{at}</lcn></channel>' for at in (1, 2, 3)
    )

    def portal(ask: Ask) -> Answer:
        path = urlsplit(ask.url).path
        if path == "/epg.xml":
            return page(ask, f"<tv>{names}</tv>")
        number = path.removeprefix("/p/tv-n")
        return page(ask, "", ("location", "/p/tv-17" if number == "2" else f"/p/tv-no{number}"), status=302)

    box = client(Box("http://10.0.0.1", "cable", card="9"), quiet)

    assert [one.name for one in walk(box.channels(), portal)] == ["2"]
    with pytest.raises(Refused, match="no page shows channel 3"):
        walk(box.stream(Channel("c3", "3", "三", "")), portal)


def test_channels_of_the_guide_are_listed_by_their_numbers() -> None:
    names = (("农业频道", "5"), ("今日南湖", "1"), ("没有号的",))
    rows = [
        f'<channel id="c{at}">{"".join(f"<display-name>{name}</display-name>" for name in told)}</channel>'
        for at, told in enumerate(names)
    ]

    guide = pages.Guide(f"<tv>{''.join(rows)}</tv>".encode())

    assert [(one.number, one.name) for one in guide.channels] == [
        ("1", "今日南湖"),
        ("3", "没有号的"),
        ("5", "农业频道"),
    ]


@pytest.mark.parametrize(
    ("family", "key", "press"),
    [
        ("mag", "OK", remote.Press(13)),
        ("mag", "CH_DOWN", remote.Press(9, remote.SHIFT)),
        ("mag", "STOP", remote.Press(83, remote.ALT)),
        ("ipanel", "back", remote.Press(340)),
        ("ctc", "7", remote.Press(55)),
        ("ctc", "CH_UP", remote.Press(257)),
    ],
)
def test_a_key_is_the_code_that_the_remote_sends(family: str, key: str, press: remote.Press) -> None:
    assert remote.press_of(family, key) == press


@pytest.mark.parametrize(("family", "key"), [("mag", "NOKEY"), ("nothing", "OK"), ("enrich", "STOP")])
def test_a_key_or_remote_that_is_not_there_is_refused(family: str, key: str) -> None:
    with pytest.raises(Refused):
        remote.press_of(family, key)


def test_the_boxes_of_a_load_may_have_names_and_passwords_of_their_own(tmp_path: Path) -> None:
    sheet, demo = tmp_path / "boxes.csv", tmp_path / "demo.json"
    sheet.write_text("MAC 地址,IPTV 账号,IPTV 密码\n00:1A:79:00:00:09,u9,p9\n,u8,p8\n", encoding="utf-8-sig")
    boxes = [{"mac": "00:1A:79:00:00:07", "card_no": "7", "iptv_user": "u7", "iptv_password": "p7", "password": "x"}]
    demo.write_text(json.dumps({"boxes": boxes}), encoding="utf-8")

    found = [*load.listed(BOX, sheet), *load.listed(BOX, demo)]

    assert [(one.mac, one.card, one.user, one.password) for one in found] == [
        ("00:1A:79:00:00:09", "", "u9", "p9"), (BOX.mac, "", "u8", "p8"), ("00:1A:79:00:00:07", "7", "u7", "p7"),
    ]  # fmt: skip
    assert 60 <= slot_of(found[0]) < 120
    assert slot_of(found[0]) != slot_of(found[2])
    sheet.write_text("mac\n", encoding="utf-8")
    for path in (sheet, tmp_path / "none.csv"):
        with pytest.raises(Refused):
            load.listed(BOX, path)


def test_the_boxes_of_a_load_count_up() -> None:
    one = load.box_number(telecom(mac="00:1A:79:00:00:FE"), 2)

    assert (one.mac, one.user, one.password) == ("00:1A:79:00:01:00", "07630003", "12345678")


@pytest.mark.parametrize(("epoch", "wait"), [(1200, 71.0), (1271, 120.0), (1272, 119.0)])
def test_a_box_polls_at_the_phase_of_its_slot(epoch: float, wait: float) -> None:
    box = Ministra(BOX, quiet)
    box.watchdog_s, box.timeslot = 120, 71.0

    assert load.to_slot(box, epoch) == wait


@pytest.fixture
def words(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def said(*options: str) -> str:
        with pytest.raises(SystemExit) as end:
            parser().parse_args(options)
        assert end.value.code == 2
        return capsys.readouterr().err

    return said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--portal", "10.0.0.1", "login"), "is no address"),
        (("--portal", "http://x", "--mac", "1", "login"), "is no MAC address"),
        (("--portal", "http://x", "--zone", "Nowhere/At", "login"), "is no time zone"),
        (("--portal", "http://x", "load", "--boxes", "0"), "from 1 to 50000"),
    ],
)
def test_wrong_words_are_told(words: Callable[..., str], options: tuple[str, ...], said: str) -> None:
    (line,) = words(*options).splitlines()

    assert said in line
