"""What clients in the field do with our bytes, as the strictest of them (portal-ctc.md §3.2): no code of ours."""

import re
from html.parser import HTMLParser

KEYS = [
    "ChannelID",
    "ChannelName",
    "UserChannelID",
    "ChannelURL",
    "TimeShift",
    "TimeShiftLength",
    "ChannelSDP",
    "TimeShiftURL",
    "ChannelType",
    "IsHDChannel",
    "PreviewEnable",
    "ChannelPurchased",
    "ChannelLocked",
    "ChannelLogURL",
    "PositionX",
    "PositionY",
    "BeginTime",
    "Interval",
    "Lasting",
    "ActionType",
    "FCCEnable",
    "ChannelFCCIP",
    "ChannelFCCPort",
    "ChannelFECPort",
]
KEYS_B = [
    "ChannelID",
    "ChannelName",
    "UserChannelID",
    "ChannelURL",
    "TimeShift",
    "ChannelSDP",
    "TimeShiftURL",
    "TimeShiftLength",
    "ChannelType",
    "IsHDChannel",
    "PreviewEnable",
    "ChannelPurchased",
    "ChannelLocked",
    "ChannelLogURL",
    "PositionX",
    "PositionY",
    "BeginTime",
    "Interval",
    "Lasting",
    "ActionType",
    "FCCEnable",
    "ChannelFCCIP",
    "ChannelFCCPort",
    "ChannelFECPort",
]
NUMBERS = [
    *("ChannelType", "IsHDChannel", "PreviewEnable", "ChannelPurchased", "ChannelLocked", "PositionX", "PositionY"),
    *("BeginTime", "Interval", "Lasting", "ActionType", "FCCEnable", "ChannelFCCPort", "ChannelFECPort"),
    *("UserChannelID", "TimeShift", "TimeShiftLength"),
]
FILLED = ("ChannelID", "ChannelName", "UserChannelID", "ChannelURL", "TimeShift", "TimeShiftURL")


class Read(HTMLParser):
    """Scripts as lists of text nodes, and forms with their attributes and inputs, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[list[str]] = []
        self.forms: list[tuple[list[tuple[str, str | None]], list[dict[str, str | None]]]] = []
        self._in = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self._in = tag
            self.scripts.append([])
        elif tag == "form":
            self.forms.append((attrs, []))
        elif tag == "input":
            self.forms[-1][1].append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in:
            self.scripts[-1].append(data)


def a3_token(page: str) -> str:
    """The one token of an A3 page; fails on whatever would break a client."""
    first = re.findall(r'EncryptToken = "([0-9A-F]{32})";', page)
    second = re.findall(r'userToken\.value = "([0-9A-F]{32})"', page)

    assert (len(first), first) == (1, second)
    assert page.index('EncryptToken = "') < page.index('userToken.value = "')
    holding = [
        nodes for nodes in Read(page).scripts if any("document.authform.userToken.value" in one for one in nodes)
    ]
    assert len(holding[0]) == 1
    assert re.search(r'document.authform.userToken.value\s*=\s*"(.+?)"', holding[0][0], re.MULTILINE)
    return first[0]


def a4_form(page: str) -> tuple[str, dict[str, str]]:
    """Action and fields of the first form, in the order that clients need."""
    attrs, inputs = Read(page).forms[0]
    raw = re.findall(r"<input[^>]*>", page)

    assert all(re.fullmatch(r'<input type="hidden" name="\w+" value="[^"]*"/?>', one) for one in raw)
    assert all(one["type"] == "hidden" for one in inputs)
    fields = {str(one["name"]): str(one["value"]) for one in inputs}
    assert list(fields) == ["conntype", "UserToken", "tempKey", "stbid", "SupportHD", "UserID", "Lang"]
    assert fields["UserToken"] != ""
    assert fields["stbid"] != ""
    return str(dict(attrs)["action"]), fields


def cut(record: str) -> dict[str, str]:
    """A record as a client cuts it: at commas, then at the first equals sign, then the quotes off."""
    pairs = [pair.split("=", 1) for pair in record.split(",")]

    assert all(value.startswith('"') and value.endswith('"') for _, value in pairs)
    return {key: value[1:-1] for key, value in pairs}


def a5_channels(page: str) -> list[dict[str, str]]:
    """All records of an A5 page, each rule looked at."""
    texts = ["".join(nodes) for nodes in Read(page).scripts]
    holding = [one for one in texts if re.search('ChannelID=".+?"', one)]
    for one in holding:
        assert one.count("CTCSetConfig") == 1
        assert one.count("')") == 1
        assert re.fullmatch(r"\nvar iRet = Authentication\.CTCSetConfig\('Channel','[^\n']+'\);\n", one)
    channels = [cut(re.search(r"CTCSetConfig\('Channel','(.+?)'\)", one).group(1)) for one in holding]  # type: ignore[union-attr]
    told = re.findall(r"CTCSetConfig\('ChannelCount','(\d+)'\)", page)

    assert told == [str(len(channels))]
    for channel in channels:
        assert list(channel) == KEYS
        check_values(channel)
        assert re.fullmatch(r"\d{1,19}", channel["ChannelID"])
    return channels


def b5_channels(page: str) -> list[dict[str, str]]:
    """All records of a B5b page: one line a channel."""
    lines = [line for line in page.split("\n") if "jsSetConfig('Channel'" in line]
    found = [re.fullmatch(r"jsSetConfig\('Channel','([^']+)'\);", line) for line in lines]

    assert None not in found
    channels = [cut(one.group(1)) for one in found if one]
    for channel in channels:
        assert list(channel) == KEYS_B
        check_values(channel)
        assert re.fullmatch(r"ch\d{20}", channel["ChannelID"])
    return channels


def check_values(channel: dict[str, str]) -> None:
    for key, value in channel.items():
        assert not set(value) & set(",\"'<\n\r\\"), key
        assert value == value.strip()
    assert all(channel[key] for key in FILLED)
    assert not any("=" in channel[key] for key in ("ChannelID", "ChannelName", "ChannelURL"))
    assert all(re.fullmatch(r"\d+", channel[key]) for key in NUMBERS)
    assert re.match(r"igmp://\d+\.\d+\.\d+\.\d+:\d+", channel["ChannelURL"])
    assert re.search(r"\d", channel["ChannelFCCPort"])
