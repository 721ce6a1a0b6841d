"""Channel records: one line of `key="value"` pairs as boxes and regex clients cut it (portal-ctc.md §3.2, §3.3)."""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

from attrs import frozen

from middleware.domain.channels import Channel

LONGEST_NAME: Final = 60
NO_GROUP: Final = "igmp://0.0.0.0:0"
"""A channel that no multicast group carries: the address may not be left out, and this one is nobody's."""
_WIDE: Final = str.maketrans(
    {
        ",": "，",
        '"': "＂",
        "'": "’",
        "=": "＝",
        ";": "；",
        "\\": "＼",
        "<": "＜",
        ">": "＞",
        "&": "＆",
        "|": "｜",
        "`": "｀",
    }
)
"""Characters that cut a record, a script or a page short, by the wide ones that look like them."""
_CONTROL: Final = re.compile(
    r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ud800-\udfff]+"
)
_GROUP: Final = re.compile(r"(?:(?:igmp|udp|rtp)://@?)?((?:[0-9]{1,3}\.){3}[0-9]{1,3}:[0-9]{1,5})")
_SAFE: Final = "/:?#[]@!$&()*+;=%-._~"
_TYPICAL_SHIFT_S: Final = 7200


@frozen
class Listed:
    """A channel as a box is told of it; `logo` is an absolute address or empty.

    `shift` is where one of ours plays behind its time, over HTTP: the box adds `?playseek=<start>-<end>`.
    """

    channel: Channel
    logo: str = ""
    shift: str = ""


def plain_name(text: str, number: int = 0) -> str:
    """A name that cuts nothing: wide forms of what separates, single blanks, at most 60 characters, never empty."""
    clean = _CONTROL.sub(" ", text.translate(_WIDE)).strip()[:LONGEST_NAME].strip()
    return clean or f"频道{number}"


def group(channel: Channel) -> str:
    """Where the channel's multicast is, `igmp://239.…:port`."""
    found = _GROUP.fullmatch(channel.multicast.strip())
    return f"igmp://{found[1]}" if found else NO_GROUP


def rtsp(channel: Channel) -> str:
    """The RTSP address of its time-shift, sound within a record; empty when there is none."""
    told = channel.timeshift_url.strip()
    return quote(told, safe=_SAFE) if told.lower().startswith("rtsp://") else ""


def shift_url(listed: Listed) -> str:
    """Where it plays behind its time: ours where we have it, else as the operator says; empty when nowhere."""
    return quote(listed.shift, safe=_SAFE) or rtsp(listed.channel)


def both(channel: Channel) -> str:
    """Multicast, then unicast where there is one: `igmp://…|rtsp://…`."""
    return "|".join(filter(None, (group(channel), rtsp(channel))))


def code_a(channel: Channel) -> str:
    """ChannelID of dialects A and C: our id."""
    return str(channel.id)


def code_b(channel: Channel) -> str:
    """ChannelID of dialect B: `ch` and the number on the remote in 20 digits."""
    return f"ch{channel.number:020d}"


def record_a(listed: Listed) -> str:
    """The pairs of dialect A, in the order that its clients expect."""
    channel = listed.channel
    return _pairs(
        {
            **_head(listed, code_a(channel), group(channel)),
            "TimeShiftLength": _shift_s(listed),
            "ChannelSDP": group(channel),
            "TimeShiftURL": shift_url(listed) or group(channel),
            **_rest(listed),
        }
    )


def record_b(listed: Listed) -> str:
    """The pairs of dialect B; of an RTSP address ChannelSDP tells, behind a bar."""
    channel = listed.channel
    return _pairs(
        {
            **_head(listed, code_b(channel), group(channel)),
            "ChannelSDP": both(channel),
            "TimeShiftURL": shift_url(listed) or group(channel),
            "TimeShiftLength": _shift_s(listed),
            **_rest(listed),
        }
    )


def _head(listed: Listed, code: str, url: str) -> dict[str, str]:
    channel = listed.channel
    return {
        "ChannelID": code,
        "ChannelName": plain_name(channel.name, channel.number),
        "UserChannelID": str(channel.number),
        "ChannelURL": url,
        "TimeShift": "1" if shift_url(listed) else "0",
    }


def _shift_s(listed: Listed) -> str:
    if not shift_url(listed):
        return "0"
    return str(listed.channel.archive_h * 3600 or _TYPICAL_SHIFT_S)


def _rest(listed: Listed) -> dict[str, str]:
    """What boxes read as numbers is 0 where we have nothing, and no key is ever left out."""
    return {
        "ChannelType": "1",
        "IsHDChannel": "2" if listed.channel.hd else "1",
        "PreviewEnable": "0",
        "ChannelPurchased": "1",
        "ChannelLocked": "1" if listed.channel.censored else "0",
        "ChannelLogURL": quote(listed.logo, safe=_SAFE),
        "PositionX": "0",
        "PositionY": "0",
        "BeginTime": "0",
        "Interval": "0",
        "Lasting": "0",
        "ActionType": "1",
        "FCCEnable": "0",
        "ChannelFCCIP": "",
        "ChannelFCCPort": "0",
        "ChannelFECPort": "0",
    }


def _pairs(values: Mapping[str, str]) -> str:
    return ",".join(f'{key}="{value}"' for key, value in values.items())


def listing_c(listed: Iterable[Listed]) -> dict[str, list[dict[str, str]]]:
    """The channel list of dialect C."""
    return {
        "channellist": [
            {
                "channelcode": code_a(one.channel),
                "channelname": plain_name(one.channel.name, one.channel.number),
                "channelurl": both(one.channel),
            }
            for one in listed
        ]
    }


def logos_c(listed: Iterable[Listed]) -> dict[str, list[dict[str, object]]]:
    """The logos of dialect C, by the channel's code."""
    return {
        "channels": [
            {
                "title": plain_name(one.channel.name, one.channel.number),
                "icon": one.logo,
                "params": {"hwcode": code_a(one.channel)},
            }
            for one in listed
        ]
    }
