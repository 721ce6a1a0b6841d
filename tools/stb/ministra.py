"""A MAG box: the Stalker/Ministra portal API as its firmware and the native clients speak it."""

import html
import json
import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from tools.stb.http import Browser, origin, query, well
from tools.stb.values import Box, Channel, Event, Flow, Programme, Refused, Tell

AGENT = "Mozilla/5.0 (QtEmbedded; U; Linux; C) AppleWebKit/533.3 (KHTML, like Gecko) MAG200 stbapp ver: 2 rev: 250"
REFUSALS = {b"Authorization failed.", b"Access denied.", b"Unauthorized request."}
VERSION = "ImageDescription: 0.2.18-r14-pub-250; ImageDate: Fri Jan 15 15:20:44 EET 2016; PORTAL version: 5.1.1"
LINK = re.compile(r"[a-z]+[0-9]? (https?://\S+)")
PAGE = 14


def api_of(portal: str) -> str:
    """Where the API is, as pvr.stalker finds it: below X/c/ it is X/server/load.php."""
    portal = portal.partition("?")[0]
    if portal.endswith(".php"):
        return portal
    before, found, _ = portal.rpartition("/c/")
    return f"{before}/server/load.php" if found else f"{origin(portal)}/stalker_portal/server/load.php"


class Ministra:
    """One box; its token lives here."""

    def __init__(self, box: Box, tell: Tell) -> None:
        self._box = box
        self._tell = tell
        self._browser = Browser(AGENT)
        self._api = api_of(box.portal)
        self.token = ""
        self.watchdog_s = 120
        self.timeslot = 60.0
        self._rows: list[Mapping[str, Any]] = []

    def call(self, kind: str, action: str, **fields: object) -> Flow[Any]:
        """One action; what stands in `js`. Raises Refused for the three refusals and for what is no reply at all."""
        url = f"{self._api}?{query(type=kind, action=action, **fields, JsHttpRequest='1-xml')}"
        cookie = f"mac={quote(self._box.mac, safe='')}; stb_lang=zh; timezone={quote(self._box.zone, safe='')}"
        bearer = (("Authorization", f"Bearer {self.token}"),) if self.token else ()
        head = (("Cookie", cookie), ("X-User-Agent", "Model: MAG250; Link: Ethernet"), *bearer)
        answer = well((yield from self._browser.get(url, *head)))
        if answer.body in REFUSALS:
            raise Refused(f"{kind}/{action}: {answer.body.decode()}")
        try:
            return json.loads(answer.text)["js"]
        except (ValueError, KeyError, TypeError):
            raise Refused(f"{kind}/{action}: no reply that a box can read: {answer.text[:80]!r}") from None

    def handshake(self) -> Flow[None]:
        reply = yield from self.call("stb", "handshake", token=self.token, prehash="0")
        if not isinstance(reply, dict) or not reply.get("token"):
            raise Refused("stb/handshake: gives no token")
        self.token = reply["token"]
        again = " (the one offered was not known)" if reply.get("not_valid") else ""
        self._tell("handshake", f"a token of {len(self.token)} characters{again}")

    def profile(self, *, second: bool = False) -> Flow[int]:
        """Ask for the profile; its status. Raises Refused with the words that the viewer would see."""
        profile = yield from self.call("stb", "get_profile", **self._self(second=second))
        if not isinstance(profile, dict) or "status" not in profile:
            raise Refused("stb/get_profile: gives no status")
        self.watchdog_s = int(profile.get("watchdog_timeout") or 120)
        self.timeslot = float(profile.get("timeslot") or 60)
        status = int(profile["status"])
        if status == 1:
            words = profile.get("block_msg") or profile.get("msg") or "without a word"
            raise Refused(f"stb/get_profile: blocked: {plain(str(words))}")
        state = "in" if status == 0 else "a log-in is asked for"
        self._tell("profile", f"status {status}, {state}; polls each {self.watchdog_s} s, slot {self.timeslot:g} s")
        return status

    def _self(self, *, second: bool) -> dict[str, object]:
        box = self._box
        return {
            "hd": 1, "ver": VERSION, "num_banks": 2, "sn": box.serial, "stb_type": "MAG250", "image_version": 218,
            "video_out": "hdmi", "device_id": box.device_id, "device_id2": box.device_id, "signature": "",
            "auth_second_step": int(second), "hw_version": "1.7-BD-00", "not_valid_token": 0, "client_type": "STB",
            "hw_version_2": "", "timestamp": int(datetime.now(UTC).timestamp()), "api_signature": 262, "metrics": "",
            "prehash": 0,
        }  # fmt: skip

    def login(self) -> Flow[None]:
        """Handshake, profile, and what the portal asks for in between."""
        yield from self.handshake()
        if (yield from self.profile()) == 2:
            yield from self._auth()
        words = yield from self.call("stb", "get_localization")
        self._tell("localization", f"{len(words)} words")

    def _auth(self) -> Flow[None]:
        box = self._box
        if not box.user:
            raise Refused("the portal asks for a log-in: give --user and --password")
        told = {"login": box.user, "password": box.password, "device_id": box.device_id, "device_id2": box.device_id}
        good = yield from self.call("stb", "do_auth", **told)
        if good is not True:
            raise Refused("stb/do_auth: wrong login or password")
        self._tell("log-in", f"{box.user} is let in")
        if status := (yield from self.profile(second=True)):
            raise Refused(f"stb/get_profile: still status {status} after the log-in")

    def channels(self) -> Flow[list[Channel]]:
        """Everything that is not locked away."""
        reply = yield from self.call("itv", "get_all_channels")
        self._rows = reply["data"]
        return [Channel(row["id"], row["number"], row["name"], row["cmd"]) for row in self._rows]

    def now(self, channels: list[Channel]) -> Flow[dict[str, list[Programme]]]:
        """By channel what is running and what comes."""
        reply = yield from self.call("itv", "get_epg_info", period=3)
        wanted = datetime.now(UTC)
        found = {one.id: [programme(row) for row in reply["data"].get(one.id, ())] for one in channels}
        return {key: [one for one in rows if one.stop > wanted][:2] for key, rows in found.items()}

    def guide(self, channel: Channel) -> Flow[list[Programme]]:
        """Today's programmes in the box's own zone, page by page."""
        day, found, page = datetime.now(ZoneInfo(self._box.zone)).date().isoformat(), list[Programme](), 1
        while True:
            reply = yield from self.call("epg", "get_simple_data_table", ch_id=channel.id, date=day, p=page)
            found += [programme(row) for row in reply["data"]]
            if not reply["data"] or len(found) >= reply["total_items"]:
                return found
            page += 1

    def stream(self, channel: Channel) -> Flow[str]:
        """A fresh address of the picture, as the box asks for it before it plays."""
        return (yield from self._link("itv", cmd=channel.address, series="", forced_storage="undefined", disable_ad=0))

    def film(self, number: str) -> Flow[str]:
        return (yield from self._link("vod", cmd=f"/media/{number}.mpg", series="", forced_storage="", disable_ad=0))

    def _link(self, kind: str, **fields: object) -> Flow[str]:
        reply = yield from self.call(kind, "create_link", **fields)
        if not isinstance(reply, dict) or reply.get("error") or not reply.get("cmd"):
            why = reply.get("error") if isinstance(reply, dict) else ""
            raise Refused(f"{kind}/create_link: {why or 'gives no address'}")
        found = LINK.fullmatch(reply["cmd"])
        if found is None:
            raise Refused(f"{kind}/create_link: players cut {reply['cmd']!r} at the wrong blank")
        return found[1]

    def events(self, *, first: bool = False, playing: int = 1) -> Flow[list[Event]]:
        """One poll: the event that waits, or none."""
        fields = {"cur_play_type": playing, "event_active_id": 0, "init": int(first)}
        data = (yield from self.call("watchdog", "get_events", **fields))["data"]
        if "id" not in data:
            return []
        words = plain(str(data.get("msg", ""))) or str(data.get("param1", ""))
        return [Event(str(data["id"]), str(data["event"]), words, bool(int(data.get("need_confirm") or 0)))]

    def confirm(self, event: Event) -> Flow[None]:
        """The viewer pressed OK."""
        yield from self.call("watchdog", "confirm_event", event_active_id=event.id)

    def boot(self) -> Flow[None]:
        """The 26 calls from power-on to the first picture, in the order of the box's firmware."""
        yield from self.handshake()
        if status := (yield from self.profile()):
            raise Refused(f"stb/get_profile: status {status}")
        for kind, action, fields in BEFORE_CHANNELS:
            yield from self.call(kind, action, **fields)
        channels = yield from self.channels()
        for kind, action, fields in AFTER_CHANNELS:
            yield from self.call(kind, action, **fields)
        if not channels:
            raise Refused("itv/get_all_channels: no channel")
        yield from self.stream(channels[zlib.crc32(self._box.mac.encode()) % len(channels)])

    def home(self) -> str:
        """Where the box finds its pages: beside the API."""
        return self._api.replace("/server/load.php", "/c/").replace("/portal.php", "/c/")

    def poll(self) -> Flow[None]:
        """What an idle box asks in its slot."""
        yield from self.events()


BEFORE_CHANNELS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("stb", "get_localization", {}),
    ("stb", "get_preload_images", {"gmode": 720}),
    ("stb", "get_modules", {}),
    ("itv", "get_epg_info", {"period": 5}),
)
AFTER_CHANNELS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("itv", "get_all_fav_channels", {"fav": 1}),
    ("itv", "get_fav_ids", {}),
    ("remote_pvr", "get_active_recordings", {}),
    ("watchdog", "get_events", {"cur_play_type": 0, "event_active_id": 0, "init": 1}),
    ("stb", "get_tv_aspects", {}),
    ("itv", "get_genres", {}),
    ("stb", "log", {"real_action": "play", "param": "", "content_id": 0, "tmp_type": 0}),
    ("tvreminder", "get_all_active", {}),
    ("vod", "get_categories", {}),
    ("radio", "get_all_fav_radio", {"fav": 1}),
    ("radio", "get_fav_ids", {}),
    ("account_info", "get_main_info", {}),
    ("account_info", "get_payment_info", {}),
    ("account_info", "get_agreement_info", {}),
    ("account_info", "get_terms_info", {}),
    ("media_favorites", "get_all", {}),
    ("downloads", "get_all", {}),
    ("downloads", "get_all", {}),
)
CALLS = 2 + len(BEFORE_CHANNELS) + 1 + len(AFTER_CHANNELS) + 1


def programme(row: Mapping[str, Any]) -> Programme:
    """A row of the guide; epochs are UTC whatever the box's zone."""
    start, stop = (datetime.fromtimestamp(int(row[name]), UTC) for name in ("start_timestamp", "stop_timestamp"))
    return Programme(start, stop, row["name"])


def plain(words: str) -> str:
    """A message without its HTML, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", words)).split())
