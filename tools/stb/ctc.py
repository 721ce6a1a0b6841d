"""What the three telecom dialects share: a channel record, the failure page, and the proof of who the box is."""

import re
import secrets
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tools.stb.authenticator import TOLD, encipher, key, plain
from tools.stb.http import Browser
from tools.stb.values import Box, Channel, Event, Flow, Programme, Refused, Tell, slot_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
AGENT = "Mozilla/5.0 (X11; Linux; U; EC6108V9; zh-CN) AppleWebKit/534.24 (KHTML, like Gecko) Resolution(PAL,720p,1080p)"
RECORD = re.compile(r"SetConfig\('Channel','(.*?)'\)")
PAIR = re.compile(r'(\w+)="([^"]*)"')
CONFIG = r"SetConfig\(['\"]{}['\"], ?['\"]([^'\"]*)['\"]\)"
INPUT = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
MEANING = {
    "0x11000001": "wrong password or unknown user",
    "0x11000002": "the token is used or too old",
    "0x11000003": "locked for a while after too many tries",
    "0x11000004": "the account is bound to another box",
    "0x11000005": "the account is suspended",
    "0x1100000F": "try again later",
}


def config(page: str, name: str) -> str:
    """What a page sets a key of the box to; empty when it does not. Keys are compared without case, as boxes do."""
    found = re.search(CONFIG.format(name), page, re.IGNORECASE)
    return found[1] if found else ""


def refusal(page: str, where: str) -> Refused:
    """Why a page lets nobody on."""
    code = config(page, "authStatus") or config(page, "EPGError")
    words = MEANING.get(code, "an unknown code") if code else "no form and no reason"
    return Refused(f"{where}: {code} {words}".replace("  ", " "))


def channels(page: str) -> list[Channel]:
    """The records of a page, as boxes cut them out of it."""
    records = [dict(PAIR.findall(record)) for record in RECORD.findall(page)]
    for record in records:
        for name in ("ChannelID", "ChannelName", "UserChannelID", "ChannelURL"):
            if not record.get(name):
                raise Refused(f"a channel has no {name}: {record}")
    return [Channel(one["ChannelID"], one["UserChannelID"], one["ChannelName"], addresses(one)) for one in records]


def addresses(record: dict[str, str]) -> str:
    """Every address of a channel, joined by | as ChannelURL joins them."""
    found = [record["ChannelURL"], record.get("ChannelSDP", ""), record.get("TimeShiftURL", "")]
    return "|".join(dict.fromkeys(one for part in found for one in part.split("|") if one))


class Ctc:
    """What a telecom box does in every dialect; `pages` are told which key to use, `scheme` overrides them."""

    def __init__(self, box: Box, tell: Tell) -> None:
        self._box = box
        self._tell = tell
        self._browser = Browser(AGENT)
        self.user_token = ""
        self.watchdog_s, self.timeslot = 120, slot_of(box)

    def proof(self, token: str, pages: str = "", *, reserved: str = "", tail: str = "CTC") -> str:
        """The Authenticator for a token, after what the pages said of its key."""
        box = self._box
        scheme = box.scheme if box.scheme != "auto" else TOLD.get(config(pages, "EncryptionType"), "des8")
        random = f"{secrets.randbelow(10**8):08d}"
        text = plain(random, token, box.user, box.serial, "127.0.0.1", box.mac, reserved=reserved, tail=tail)
        return encipher(text, key(scheme, box.password, box.salt))

    def stream(self, channel: Channel) -> Flow[str]:
        """The first address that a program can open: multicast through a relay when one is named."""
        yield from ()
        return playable(channel.address, self._box.udpxy)

    def film(self, number: str) -> Flow[str]:
        """Films of telecom boxes play from the pages."""
        yield from ()
        raise Refused(f"film {number}: this dialect plays films from the TV pages; use --dialect ministra or cable")

    def events(self) -> Flow[list[Event]]:
        """This dialect has no queue: messages lie over the TV pages."""
        yield from ()
        return []

    def confirm(self, event: Event) -> Flow[None]:
        yield from ()
        raise Refused(f"event {event.id}: this dialect confirms on the TV page")

    def now(self, channels: list[Channel]) -> Flow[dict[str, list[Programme]]]:
        """By channel what is running and what comes."""
        wanted, found = datetime.now(UTC), dict[str, list[Programme]]()
        for one in channels:
            rows = yield from self.guide(one)
            found[one.id] = [row for row in rows if row.stop > wanted][:2]
        return found

    def guide(self, channel: Channel) -> Flow[list[Programme]]:
        raise NotImplementedError


def playable(text: str, udpxy: str = "") -> str:
    """An address that ffprobe opens, out of those that a channel has. Raises Refused when it has none."""
    found = text.split("|")
    for start in ("http", "rtsp"):
        for one in found:
            if one.startswith(start) and not (start == "rtsp" and any(x.startswith("igmp") for x in found)):
                return one
    for one in found:
        if one.startswith("igmp://"):
            group = one.removeprefix("igmp://")
            return f"{udpxy.rstrip('/')}/{group}" if udpxy else f"udp://@{group}"
    raise Refused(f"no address that can be played: {text}")


def shanghai(text: str, form: str) -> datetime:
    """A time as the guides write it."""
    return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)


def rows(data: Any, form: str, start: str, stop: str, title: str) -> list[Programme]:
    """Rows of a guide whose times are whole."""
    return [Programme(shanghai(row[start], form), shanghai(row[stop], form), row[title]) for row in data]
