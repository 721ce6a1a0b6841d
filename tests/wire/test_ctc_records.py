"""Channel lists of dialects A, B and C under every rule that a client in the field needs."""

import json
import re

import pytest
from hypothesis import example, given

from middleware.domain.channels import Channel
from middleware.portal.ctc import dialect_a, dialect_b, dialect_c, records
from middleware.portal.ctc.records import LONGEST_NAME, Listed, plain_name
from tests.wire.ctc_rules import a5_channels, b5_channels
from tests.wire.ctc_town import NASTY, channel, line_ups

HOME = "http://10.1.1.1:33200/portal?user=07630001&ticket=7.1790000000.0123456789abcdef0123456789abcdef"
RECORD = (
    'ChannelID="801",ChannelName="南湖新闻",UserChannelID="1",ChannelURL="igmp://239.76.1.1:5140",TimeShift="1",'
    'TimeShiftLength="7200",ChannelSDP="igmp://239.76.1.1:5140",TimeShiftURL="rtsp://H/PLTV/1/224/801.smil",'
    'ChannelType="1",IsHDChannel="2",PreviewEnable="0",ChannelPurchased="1",ChannelLocked="0",ChannelLogURL="",'
    'PositionX="0",PositionY="0",BeginTime="0",Interval="0",Lasting="0",ActionType="1",FCCEnable="0",ChannelFCCIP="",'
    'ChannelFCCPort="0",ChannelFECPort="0"'
)


def listed(channels: list[Channel]) -> list[Listed]:
    return [Listed(one, f"http://10.1.1.1:33200/logos/{one.logo}" if one.logo else "") for one in channels]


def test_the_record_of_the_specification_comes_out_byte_by_byte() -> None:
    one = channel(1, hd=True, timeshift_url="rtsp://H/PLTV/1/224/801.smil")

    assert records.record_a(Listed(one)) == RECORD


@given(line_ups())
@example([channel(number, name) for number, name in enumerate(NASTY, 1)])
@example([])
def test_every_rule_of_dialect_a_holds(channels: list[Channel]) -> None:
    page = dialect_a.channels_page(dialect_a.channel_scripts(listed(channels)), HOME).encode().decode()
    found = a5_channels(page)

    assert [(int(one["ChannelID"]), int(one["UserChannelID"])) for one in found] == [(c.id, c.number) for c in channels]
    assert [one["ChannelName"] for one in found] == [plain_name(c.name, c.number) for c in channels]
    assert re.findall(r"CTCSetConfig\('EPGDomain','(.+?)'\)", page) == [HOME]
    assert page.rindex("ChannelID=") < page.index("'EPGDomain'") if channels else True


@given(line_ups())
@example([channel(number, name) for number, name in enumerate(NASTY, 1)])
def test_every_rule_of_dialect_b_holds_in_gbk(channels: list[Channel]) -> None:
    data, lost = dialect_b.gbk(dialect_b.channels_page(dialect_b.channel_lines(listed(channels)), HOME))
    found = b5_channels(data.decode("gbk"))

    assert [(one["ChannelID"], one["UserChannelID"]) for one in found] == [
        (f"ch{c.number:020d}", str(c.number)) for c in channels
    ]
    assert lost == sum(
        1 for c in channels for sign in plain_name(c.name, c.number) if sign.encode("gbk", "ignore") == b""
    )


@pytest.mark.parametrize("count", [0, 1, 500])
def test_large_line_ups_are_whole(count: int) -> None:
    channels = [channel(number, NASTY[number % len(NASTY)]) for number in range(1, count + 1)]

    assert len(a5_channels(dialect_a.channels_page(dialect_a.channel_scripts(listed(channels)), HOME))) == count
    assert len(b5_channels(dialect_b.channels_page(dialect_b.channel_lines(listed(channels)), HOME))) == count


@given(line_ups())
def test_the_lists_of_dialect_c_are_text_and_agree_with_dialect_a(channels: list[Channel]) -> None:
    told = json.loads(dialect_c.document(records.listing_c(listed(channels))))["channellist"]
    logos = json.loads(dialect_c.document(records.logos_c(listed(channels))))["channels"]

    assert all(isinstance(value, str) and value for one in told for value in one.values())
    assert [one["channelcode"] for one in told] == [records.code_a(c) for c in channels]
    assert [one["params"]["hwcode"] for one in logos] == [one["channelcode"] for one in told]
    assert all(one["channelurl"].startswith("igmp://") for one in told)


def test_multicast_comes_before_unicast() -> None:
    one = channel(1, timeshift_url="rtsp://H/PLTV/801.smil")

    assert records.both(one) == "igmp://239.76.1.1:5140|rtsp://H/PLTV/801.smil"
    assert 'ChannelSDP="igmp://239.76.1.1:5140|rtsp://H/PLTV/801.smil"' in records.record_b(Listed(one))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("CCTV-1,综合", "CCTV-1，综合"),
        ('"it\'s"; a=b\\', "＂it’s＂； a＝b＼"),
        ("  两\u3000\n边  ", "两 边"),
        ("", "频道7"),
        ("\u2028", "频道7"),
        ("名" * 100, "名" * LONGEST_NAME),
        ("CCTV-13(高清)", "CCTV-13(高清)"),
    ],
)
def test_names_keep_what_they_say(name: str, plain: str) -> None:
    assert plain_name(name, 7) == plain
