"""Dialect C, OAuth and JSON: phones and OTT boxes; its guide is that of dialect A."""

import json
from typing import Any

from tools.stb.ctc import addresses
from tools.stb.ctc_a import CtcA
from tools.stb.http import origin, query, well
from tools.stb.values import Answer, Channel, Flow, Refused

BATCH = "application/json;charset=utf-8"


class CtcC(CtcA):
    """A client that proves itself for an access token."""

    def login(self) -> Flow[None]:
        """C1 to C3."""
        box = self._box
        asked = f"/EDS/jsp/AuthenticationURL?{query(UserID=box.user, Action='Login', return_type=1)}"
        reply = read((yield from self._browser.get(origin(box.portal) + asked)))
        self._epg = str(reply.get("epgurl", ""))
        self._tell("EDS", f"goes to {origin(self._epg)}")
        oauth = f"{origin(self._epg)}/EPG/oauth/v2/"
        asked = query(response_type="EncryToken", client_id="smcphone", userid=box.user)
        token = str(read((yield from self._browser.get(f"{oauth}authorize?{asked}"))).get("EncryToken", ""))
        self._tell("authorize", f"a token of {len(token)} characters")
        asked = query(
            grant_type="EncryToken", client_id="smcphone", UserID=box.user, DeviceType="", DeviceVersion="",
            userdomain=2, datadomain=3, accountType=1, authinfo=self.proof(token, reserved="Reserved", tail="OTT"),
        )  # fmt: skip
        answer = yield from self._browser.get(f"{oauth}token?{asked}")
        if answer.status == 400:
            raise Refused(f"token: {read(answer, 400).get('error')}: wrong password or unknown user")
        self.user_token = str(read(answer).get("access_token", ""))
        if not self.user_token:
            raise Refused("token: gives no access_token")
        self._tell("token", f"let in as {box.user}")

    def channels(self) -> Flow[list[Channel]]:
        """The line-up as JSON, numbered in its order."""
        url = f"{origin(self._epg)}/EPG/interEpg/channellist/batch"
        bearer = ("Authorization", self.user_token)
        reply = read((yield from self._browser.post(url, b'{"channelcodes":""}', BATCH, bearer)))
        found = reply.get("channellist", [])
        self._tell("channellist", f"{len(found)} channels")
        return [
            Channel(one["channelcode"], str(at), one["channelname"], addresses({"ChannelURL": one["channelurl"]}))
            for at, one in enumerate(found, 1)
        ]

    def home(self) -> str:
        raise Refused("keys: clients of dialect C have no TV pages; use --dialect ctc-a")

    def film(self, number: str) -> Flow[str]:
        """Clients of this dialect have no pages to play films from."""
        yield from ()
        raise Refused(f"film {number}: clients of dialect C have no TV pages; use --dialect ctc-a")

    def poll(self) -> Flow[None]:
        """A client asks for its line-up again now and then."""
        yield from self.channels()


def read(answer: Answer, *statuses: int) -> dict[str, Any]:
    """The JSON object of an answer. Raises Refused."""
    try:
        reply = json.loads(well(answer, *statuses).text)
    except ValueError:
        raise Refused(f"{answer.url.partition('?')[0]}: no JSON: {answer.text[:80]!r}") from None
    if not isinstance(reply, dict):
        raise Refused(f"{answer.url.partition('?')[0]}: no JSON object")
    return reply
