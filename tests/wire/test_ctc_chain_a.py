"""Dialect A from the first address to the portal page, by bytes: both suffixes, old HTTP, lost cookies, odd forms."""

import hashlib
import json
import re
from collections.abc import Callable

import pytest

from middleware.portal import tickets
from middleware.portal.ctc.authenticator import SCHEMES, seal
from tests.wire.ctc_rules import a3_token, a4_form, a5_channels
from tests.wire.ctc_site import KEY, MAC, NAMES, OTHER, PASSWORD, STB, USER, CtcTown

SUFFIXES = ("CTC", "CU")


def home_of(page: str) -> str:
    found = re.findall(r"CTCSetConfig\('EPGDomain','([^']+)'\)", page)
    assert len(found) == 1
    assert f"document.location='{found[0]}';" in page
    return str(found[0])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_box_walks_from_the_first_address_to_its_channels(ctc_town: CtcTown, suffix: str) -> None:
    box = ctc_town.box()
    moved = box.get(f"/EDS/jsp/AuthenticationURL?UserID={USER}&Action=Login")
    first = box.get(moved.header("Location").removeprefix("http://10.1.1.1:33200"))
    token = a3_token(box.post(f"/EPG/jsp/authLoginHW{suffix}.jsp", {"UserID": USER, "VIP": ""}).text)
    valid = box.valid(token, suffix)
    action, fields = a4_form(valid.text)
    channels = box.post(f"/EPG/jsp/{action}", fields)

    assert (moved.status, first.status, valid.status, channels.status) == (302, 200, 200, 200)
    assert moved.header("Location") == f"http://10.1.1.1:33200/EPG/jsp/AuthenticationURL?UserID={USER}&Action=Login"
    assert moved.header("Set-Cookie") == 'EPGIP_PORT="10.1.1.1:33200"; Version=1; Max-Age=86400'
    assert 'action="authLoginHWCTC.jsp"' in first.text
    assert re.fullmatch(r"JSESSIONID=[0-9A-F]{32}; Path=/", valid.header("Set-Cookie"))
    assert action == f"getchannellistHW{suffix}.jsp"
    assert (fields["stbid"], fields["UserID"], fields["conntype"]) == (STB, USER, "dhcp")
    assert re.fullmatch(r"[A-Za-z0-9_.-]{20,64}", fields["UserToken"])
    assert fields["UserToken"] != token
    found = a5_channels(channels.text)
    assert [one["ChannelName"] for one in found] == ["南湖新闻", "农科，三农", "戏曲’老调’", "没有节目"]
    assert {one.header("Content-Type") for one in (first, valid, channels)} == {"text/html; charset=utf-8"}


def test_home_carries_a_ticket_of_this_box_and_names_its_account_beside(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    box.enter()
    home = home_of(box.get("/EPG/jsp/getchannellistHWCTC.jsp").text)
    found = re.fullmatch(rf"http://10\.1\.1\.1:33200/portal\?user={USER}&mac=ACB1EE000001&ticket=([0-9a-f.]+)", home)

    assert found is not None
    assert tickets.read(KEY, found[1], ctc_town.now()) == ctc_town.device().id
    ctc_town.clock.advance(121)
    assert tickets.read(KEY, found[1], ctc_town.now()) is None


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_key_scheme_is_let_in_and_remembered(ctc_town: CtcTown, scheme: str) -> None:
    entered = ctc_town.box(password="12345678", scheme=scheme).enter()

    assert entered.code == ""
    kept = {"salted-unpadded": "salted"}.get(scheme, scheme)  # the same key for this password
    assert ctc_town.device().scheme == kept


@pytest.mark.parametrize(
    ("scheme", "told"), [("des8", ""), ("salted", "0002"), ("md5-24", "0003"), ("md5-24-lower", "")]
)
def test_a_box_whose_scheme_is_known_is_told_it_before_it_seals(ctc_town: CtcTown, scheme: str, told: str) -> None:
    box = ctc_town.box(scheme=scheme)
    before = box.post("/EPG/jsp/authLoginHWCTC.jsp", {"UserID": USER}).text
    box.enter()
    after = box.post("/EPG/jsp/authLoginHWCTC.jsp", {"UserID": USER}).text

    assert "EncryptionType" not in before
    assert re.findall(r"CTCSetConfig\('EncryptionType','(\d+)'\)", after) == ([told] if told else [])
    if told:
        assert after.index("EncryptionType") < after.index("CTCGetAuthInfo(")


@pytest.mark.parametrize(("reserved", "tail"), [("", "CTC"), ("Reserved", "CTC"), ("NULL", "CTC"), ("Reserved", "OTT")])
def test_every_ending_is_let_in(ctc_town: CtcTown, reserved: str, tail: str) -> None:
    box = ctc_town.box()
    token = box.token()

    assert box.valid(token, Authenticator=box.sealed(token, reserved, tail)).code == ""


def test_seven_fields_and_lower_case_are_let_in(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    token = box.token()
    plain = f"7${token}${USER}${STB}$10.0.0.1${MAC}$CM"

    assert box.valid(token, Authenticator=seal(plain, PASSWORD, "des8").lower()).code == ""


def test_a_box_that_loses_cookies_is_known_by_its_usertoken_and_account(ctc_town: CtcTown) -> None:
    box = ctc_town.box(keeps=False)
    _, fields = a4_form(box.enter().text)
    url = "/EPG/jsp/getchannellistHWCU.jsp"

    assert len(a5_channels(box.post(url, fields).text)) == len(NAMES)
    assert len(a5_channels(box.get(f"{url}?UserToken={fields['UserToken']}&UserID={USER}").text)) == len(NAMES)
    assert box.post(url, fields | {"UserID": OTHER}).code == "0x11000002"
    assert box.post(url, fields | {"UserToken": "ffffffff." + "x" * 43}).code == "0x11000002"
    assert box.post(url, fields | {"UserToken": "undefined"}).code == "0x11000002"
    assert box.get(url).code == "0x11000002"


def test_a_get_without_any_parameter_is_enough_with_the_cookie(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    box.enter()

    assert len(a5_channels(box.get("/EPG/jsp/getchannellistHWCTC.jsp").text)) == len(NAMES)


@pytest.mark.parametrize("temp_key", ["", "fits", "0" * 32])
def test_tempkey_is_let_pass_whatever_it_is(ctc_town: CtcTown, temp_key: str) -> None:
    box = ctc_town.box()
    _, fields = a4_form(box.enter().text)
    if temp_key == "fits":
        temp_key = hashlib.md5(box.cookies["JSESSIONID"].encode()).hexdigest().upper()

    assert len(a5_channels(box.post("/EPG/jsp/getchannellistHWCTC.jsp", fields | {"tempKey": temp_key}).text)) == 4


def test_a_session_survives_a_restart_and_ends_with_the_next_log_in(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    box.enter()
    ctc_town.start()
    box.site = ctc_town.site
    after = box.get("/EPG/jsp/getchannellistHWCTC.jsp")
    again = ctc_town.box()
    again.enter()

    assert len(a5_channels(after.text)) == len(NAMES)
    assert box.get("/EPG/jsp/getchannellistHWCTC.jsp").code == "0x11000002"
    assert again.get("/EPG/jsp/getchannellistHWCTC.jsp").code == ""


@pytest.mark.parametrize("keeps", [True, False])
def test_a_session_is_over_after_a_day(ctc_town: CtcTown, keeps: bool) -> None:
    box = ctc_town.box(keeps=keeps)
    _, fields = a4_form(box.enter().text)
    codes = []
    for seconds in (86_399, 1):
        ctc_town.clock.advance(seconds)
        codes.append(box.post("/EPG/jsp/getchannellistHWCTC.jsp", fields).code)

    assert codes == ["", "0x11000002"]


# --- odd requests ---


def test_http_1_0_is_answered_whole_and_the_connection_closed(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    answer = box.ask("GET", f"/EPG/jsp/AuthenticationURL?UserID={USER}&Action=Login", version="HTTP/1.0")
    bare = box.send(f"GET /EDS/jsp/AuthenticationURL?UserID={USER} HTTP/1.0\r\n\r\n".encode())

    assert (answer.status, answer.header("Connection")) == (200, "close")
    assert b"\r\nLocation: /EPG/jsp/AuthenticationURL?UserID=07630001&Action=Login\r\n" in bare
    assert b"EPGIP_PORT" not in bare


def test_absolute_addresses_in_the_request_line_are_routed_by_their_path(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    answer = box.get(f"http://epg.example:8082/EDS/jsp/AuthenticationURL?UserID={USER}", Host="epg.example:8082")

    assert answer.header("Location").startswith("http://epg.example:8082/EPG/jsp/AuthenticationURL?")


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"epg_port": 33200}, "10.1.1.1:33200"),
        ({"epg_host": "epg.nanhu.tv"}, "epg.nanhu.tv:8082"),
        ({"epg_host": "epg.nanhu.tv:33200"}, "epg.nanhu.tv:33200"),
        ({"epg_host": "[fd00::1]:33200"}, "[fd00::1]:33200"),
    ],
)
def test_where_the_epg_is_can_be_set(
    ctc_town_with: Callable[..., CtcTown], settings: dict[str, object], place: str
) -> None:
    answer = ctc_town_with(**settings).box().get("/EDS/jsp/AuthenticationURL?UserID=1", Host="10.1.1.1:8082")

    assert answer.header("Location").startswith(f"http://{place}/EPG/jsp/")


@pytest.mark.parametrize("host", ["evil/\\x", "a b", "x" * 300, "h:99999999", "<script>", "h:80:80", "ü"])
def test_a_host_that_is_none_is_not_told_to_others(ctc_town: CtcTown, host: str) -> None:
    answer = ctc_town.box().get(f"/EDS/jsp/AuthenticationURL?UserID={USER}", Host=host)

    assert answer.header("Location").startswith("/EPG/jsp/")


def test_return_type_1_answers_json(ctc_town: CtcTown) -> None:
    answer = ctc_town.box().get(f"/EDS/jsp/AuthenticationURL?UserID={USER}&return_type=1")

    assert answer.header("Content-Type").startswith("application/json")
    assert json.loads(answer.body) == {"epgurl": "http://10.1.1.1:33200/EPG/jsp/AuthenticationURL"}


def test_undefined_is_a_value_and_a_missing_charset_or_type_no_fault(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    token = box.token()
    undefined = {"mac": "undefined", "STBID": "undefined", "userToken": "undefined", "Lang": "undefined"}
    entered = box.valid(token, **undefined)

    assert a4_form(entered.text)[1]["Lang"] == "1"
    other = box.token()
    answer = box.post("/EPG/jsp/ValidAuthenticationHWCTC.jsp", box.fields(other), Content_Type="")
    assert answer.code == ""
    assert (
        box.post("/EPG/jsp/authLoginHWCTC.jsp", {"UserID": USER}, Content_Type="text/plain;charset=GBK").status == 200
    )


def test_the_authenticator_counts_not_the_form(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    entered = box.valid(box.token(), STBID="00100399007068200001ACB1EE00FFFF", mac="00:00:00:00:00:09")

    assert a4_form(entered.text)[1]["stbid"] == STB
    assert (ctc_town.device().serial, ctc_town.device().mac) == (STB, MAC)


def test_duplicate_parameters_and_odd_bytes_have_one_answer(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    twice = box.get(f"/EPG/jsp/AuthenticationURL?UserID={USER}&UserID={OTHER}")
    odd = box.get("/EPG/jsp/AuthenticationURL?UserID=%&x=%ff%zz&=&&a")
    gbk = box.post("/EPG/jsp/authLoginHWCTC.jsp", b"UserID=" + USER.encode() + b"&VIP=%C4%CF%BA%FE&x=\xc4\xcf")

    assert [one.status for one in (twice, odd, gbk)] == [200, 200, 200]
    assert len({name in twice.text for name in (f'value="{USER}"', f'value="{OTHER}"')}) == 2
    assert a3_token(gbk.text)


@pytest.mark.parametrize("path", ["authLoginHWCTC.jsp", "ValidAuthenticationHWCU.jsp", "getchannellistHWCTC.jsp"])
def test_a_body_of_a_megabyte_is_refused_before_it_is_sent(ctc_town: CtcTown, path: str) -> None:
    head = f"POST /EPG/jsp/{path} HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n".encode()

    assert ctc_town.box().send(head).startswith(b"HTTP/1.1 413 ")


def test_of_too_many_fields_the_first_are_read_and_half_a_request_is_waited_for(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    many = box.post("/EPG/jsp/authLoginHWCTC.jsp", "&".join(f"f{n}=1" for n in range(300)).encode())

    assert many.status == 200
    assert box.send(b"POST /EPG/jsp/authLoginHWCTC.jsp HTTP/1.1\r\nContent-Length: 9\r\n\r\nUse") == b""


@pytest.mark.parametrize("user", ["<script>alert(1)</script>", '"><b>', "x" * 5000, "a'b", "\u2028", ""])
def test_names_that_no_account_can_have_do_no_harm(ctc_town: CtcTown, user: str) -> None:
    from urllib.parse import quote

    box = ctc_town.box(user=user)
    pages = [
        box.get(f"/EPG/jsp/AuthenticationURL?UserID={quote(user[:900])}").text,
        box.post("/EPG/jsp/authLoginHWCTC.jsp", {"UserID": user}).text,
    ]

    assert all("alert(1)" not in page and "<b>" not in page for page in pages)
    assert box.valid(box.token()).code == "0x11000001"


@pytest.mark.parametrize(
    "path",
    [
        *("/EPG/jsp/no_such_skin/en/getTvodData.jsp", "/EPG/jsp/", "/EDS/x", "/EPG/x", "/VSP/V3/Other", "/iptvepg/x"),
        *("/epg/api/x", "/EPG/jsp/iptvsnmv3/en/play/ajax/other.jsp", "/iptvepg/frame999/channel_start.jsp"),
    ],
)
def test_what_is_not_there_is_a_bare_404(ctc_town: CtcTown, path: str) -> None:
    for answer in (ctc_town.box().get(path), ctc_town.box().post(path)):
        assert (answer.status, answer.body, answer.header("Location")) == (404, b"", "")
