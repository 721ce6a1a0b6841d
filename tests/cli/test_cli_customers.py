"""Customers, packages, messages, API logins, channels and series at the command line."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from middleware.domain.places import TOWN_ZONE
from tests.cli.conftest import Nanhu

MAC = "00:1A:79:00:00:01"
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<tv><channel id="one.example.cn"><display-name lang="zh">一台</display-name><display-name>7</display-name></channel>
<channel id="two.example.cn"><display-name lang="zh">二台</display-name><display-name>8</display-name></channel>
<programme start="20261125190000 +0800" stop="20261125193000 +0800" channel="one.example.cn">
<title>一</title></programme>
<programme start="20261125190000 +0800" stop="20261125193000 +0800" channel="two.example.cn">
<title>二</title></programme>
</tv>"""


@pytest.fixture
def boxes(nanhu: Nanhu, tmp_path: Path) -> Nanhu:
    """The small town with a box in its first household and one in none."""
    file = tmp_path / "boxes.csv"
    file.write_text(f"MAC,户号\n{MAC},03001\n00:1A:79:00:00:02,\n", encoding="utf-8")
    nanhu.well("device", "import", str(file))
    return nanhu


@pytest.fixture
def channels(boxes: Nanhu, tmp_path: Path) -> Nanhu:
    """The same with two channels, 7 and 8."""
    feed = tmp_path / "feed.xml"
    feed.write_text(FEED, encoding="utf-8")
    boxes.well("epg", "import", "feed", str(feed), "--new-channels")
    return boxes


def test_an_account_is_made_changed_listed_and_removed(boxes: Nanhu) -> None:
    boxes.well(
        "account", "add", "A-1", "--login", "u1", "--household", "03001", "--password", "p-7", "--name", "王秀兰"
    )
    assert "1 boxes  on  王秀兰" in boxes.well("account", "list"), "the box of the household came along"
    assert "A-1 王秀兰" in boxes.well("device", "show", MAC)

    told = boxes.well("account", "change", "A-1", "--off", "--block-text", "欠费停机", "--ends", "2027-01-01")
    assert told == "Account A-1 is off\n"
    assert "off until 2027-01-01 00:00" in boxes.well("account", "list", "--off")
    assert "is on" in boxes.well("account", "change", "A-1", "--on", "--endless")
    assert boxes.well("account", "list", "--off") == ""

    assert "there is an account with this number" in boxes.fault("account", "add", "A-1")
    assert "too few digits" in boxes.fault("account", "change", "A-1", "--phone", "1380")
    assert "no household 99999" in boxes.fault("account", "change", "A-1", "--household", "99999")
    assert "no tariff gold" in boxes.fault("account", "change", "A-1", "--tariff", "gold")
    boxes.well("account", "remove", "A-1")
    assert "no account A-1" in boxes.fault("account", "remove", "A-1")


def test_a_password_is_asked_for_and_never_told(boxes: Nanhu) -> None:
    asked = boxes("account", "add", "A-1", "--password", input="secret-1\nsecret-1\n")

    assert asked.exit_code == 0
    assert "secret-1" not in asked.output
    assert "secret-1" not in boxes.well("account", "list")


def test_a_box_is_tied_to_an_account_and_let_go(boxes: Nanhu) -> None:
    boxes.well("account", "add", "A-2")

    assert "is of account A-2 now" in boxes.well("account", "tie", "00:1A:79:00:00:02", "A-2")
    assert "account        A-2" in boxes.well("device", "show", "2")
    assert "is of no account now" in boxes.well("account", "tie", "00:1A:79:00:00:02")
    assert "there is no box 'kitchen'" in boxes.fault("account", "tie", "kitchen", "A-2")


def test_packages_are_made_granted_and_seen_at_the_box(channels: Nanhu) -> None:
    channels.well("package", "add", "basic", "基本", "--channels", "1-7", "--boards", "affairs,live")
    channels.well("package", "add", "all", "全部")
    channels.well("package", "tariffs", "gold", "金卡")
    for target in ("village:v03", "group:大堂", "tariff:gold", f"box:{MAC}"):
        channels.well("package", "grant", "basic", target)

    listed = channels.well("package", "list")
    assert "basic            基本: 1 channels; affairs, live" in listed
    assert [target in listed for target in ("village:v03 石桥村", "group:大堂", "tariff:gold 金卡", f"box:{MAC}")] == [
        True
    ] * 4
    assert "packages       basic" in channels.well("device", "show", MAC)
    assert channels.well("package", "tariffs").split() == ["gold", "金卡"]

    channels.well("package", "revoke", "basic", "village:v03")
    channels.well("package", "revoke", "basic", f"box:{MAC}")
    assert "packages       none" in channels.well("device", "show", MAC)
    assert "does not have package basic" in channels.fault("package", "revoke", "basic", "village:v03")
    channels.well("package", "change", "basic", "--channels", "all", "--boards", "none", "--name", "基本套餐")
    assert "基本套餐: all channels; no board" in channels.well("package", "list")
    channels.well("package", "remove", "basic")
    assert "no package basic" in channels.fault("package", "remove", "basic")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("package", "add", "x", "x", "--channels", "99"), "there is no channel 99"),
        (("package", "add", "x", "x", "--channels", "one"), "is no channel number"),
        (("package", "add", "x", "x", "--boards", "sport"), "there is no board 'sport'"),
        (("package", "add", "x y", "x"), "letters, digits and . _ - only"),
        (("package", "grant", "none", "town"), "there is no package none"),
    ],
)
def test_a_package_that_cannot_be_is_told_why(channels: Nanhu, words: tuple[str, ...], told: str) -> None:
    assert told in channels.fault(*words)


def test_a_grant_names_something_that_there_is(channels: Nanhu) -> None:
    channels.well("package", "add", "all", "全部")

    assert "is no target" in channels.fault("package", "grant", "all", "everybody")
    assert "no village 'v99'" in channels.fault("package", "grant", "all", "village:v99")
    assert "target that there is" in channels.fault("package", "grant", "all", "tariff:silver")


def test_a_message_is_sent_listed_and_taken_back(boxes: Nanhu) -> None:
    boxes.well("account", "add", "A-1", "--household", "03001")
    for target in (f"box:{MAC}", "village:v03", "branch:b03", "account:A-1"):
        assert "waits for 1 box" in boxes.well(
            "message", "send", target, "明天停水", "--ttl", "60", "--auto-hide", "30"
        )
    sent = boxes.well("message", "send", "all", "台风来了")
    batch = re.findall(r"Batch (\w+): send_msg waits for 2 boxes", sent)[0]

    listed = boxes.well("message", "list").splitlines()
    assert len(listed) == 5
    assert "by cli to all: 2 boxes, 0 got it, 0 confirmed  台风来了" in listed[0]
    assert boxes.well("message", "list", "--box", MAC).count("send_msg: waits") == 5
    assert "5 waiting" in boxes.well("device", "show", MAC)
    assert "Taken back from 2 boxes" in boxes.well("message", "cancel", batch)
    assert "4 waiting" in boxes.well("device", "show", MAC)

    other = boxes.well("device", "list").splitlines()[1].split()[0]
    later = f"{datetime.now(TOWN_ZONE) + timedelta(days=2):%Y-%m-%d %H:%M}"
    planned = boxes.well("message", "send", f"box:{MAC},{other}", "投票日", "--at", later)
    assert f"waits for 2 boxes from {later} on" in planned
    assert later in boxes.well("message", "list").splitlines()[0]
    assert "send_msg: planned" in boxes.well("message", "list", "--box", MAC)
    assert "up to 30 days ahead" in boxes.fault("message", "send", "all", "投票日", "--at", "2020-01-01 08:00")


def test_commands_carry_what_they_need(boxes: Nanhu) -> None:
    assert "play_channel waits" in boxes.well("message", "send", "all", "--kind", "play_channel", "--channel", "7")
    assert "reboot waits" in boxes.well("message", "send", f"box:{MAC}", "--kind", "reboot")
    assert "1 to 1000 characters" in boxes.fault("message", "send", "all")
    assert "after OK is missing" in boxes.fault("message", "send", "all", "看", "--kind", "send_msg_with_video")
    assert "no box that could be sent this" in boxes.fault("message", "send", "group:没有", "x")
    assert "there is no such batch" in boxes.fault("message", "cancel", "0" * 32)


def test_the_secret_of_an_api_login_is_told_once_and_nowhere_else(nanhu: Nanhu) -> None:
    made = nanhu("api", "add", "boss", "--right", "read", "--right", "messages", "--from", "10.0.0.0/8")
    secret = made.stdout.strip()

    assert len(secret) == 32
    assert nanhu.well("api", "list") == "boss             read, messages; from 10.0.0.0/8; called never\n"
    renewed = nanhu.well("api", "renew", "boss").strip()
    assert (len(renewed), renewed != secret) == (32, True)
    assert secret not in nanhu.well("api", "list")
    nanhu.well("api", "remove", "boss")
    assert nanhu.well("api", "list").rstrip().endswith("closed")
    assert "this login is taken" in nanhu.fault("api", "add", "boss")
    assert "written as 10.0.0.0/8" in nanhu.fault("api", "add", "other", "--from", "lan")


def test_a_channel_gets_its_place_its_streams_and_its_genre(channels: Nanhu) -> None:
    channels.well("genre", "put", "地方", "--alias", "local")
    channels.well("genre", "put", "成人", "--censored")
    streams = ("--url", "http://10.0.0.1/1.m3u8", "--multicast", "igmp://239.1.1.1:5140", "--logo", "one.png")
    channels.well("channel", "set", "7", "--genre", "地方", "--hd", "--archive-hours", "72", *streams)
    channels.well("channel", "set", "two.example.cn", "--number", "18", "--link", "http://10.0.0.2/2.m3u8?id=5", "10")

    listed = channels.well("channel", "list")
    assert "    7 one.example.cn                   一台 (地方, hd, archive 72 h)" in listed
    assert "multicast: igmp://239.1.1.1:5140" in listed
    link = re.findall(r"link (\d+): http://10.0.0.2/2.m3u8\?id=5 \(priority 10\)", listed)[0]
    channels.well("channel", "set", "18", "--drop-link", link, "--sd", "--radio")
    assert "link" not in channels.well("channel", "list")
    assert "(no genre, radio)" in channels.well("channel", "list")
    assert "1 channels" in channels.well("genre", "list")
    assert "   10 成人 (-), 0 channels, censored" in channels.well("genre", "list")


def test_a_channel_that_cannot_be_set_so_is_told_why(channels: Nanhu) -> None:
    assert "another channel has this number" in channels.fault("channel", "set", "7", "--number", "8")
    assert "no genre '体育'" in channels.fault("channel", "set", "7", "--genre", "体育")
    assert "no channel '99'" in channels.fault("channel", "set", "99", "--hd")
    assert "plain file name" in channels.fault("channel", "set", "7", "--logo", "../x.png")
    assert "has no link 5" in channels.fault("channel", "set", "7", "--drop-link", "5")


def test_series_are_made_and_listed(nanhu: Nanhu) -> None:
    nanhu.well("asset", "series", "add", "南湖的故事", "--column", "style", "--year", "2026")

    assert nanhu.well("asset", "series", "list") == "    1  南湖的故事 (style), 2026\n"
    assert "a year lies between" in nanhu.fault("asset", "series", "add", "x", "--column", "style", "--year", "1")
    assert "nothing with this number" in nanhu.fault("asset", "series", "place", "1", "1", "1", "1")
