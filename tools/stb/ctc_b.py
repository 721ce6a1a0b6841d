"""Dialect B, the ZTE platform: /iptvepg/, pages in GBK."""

import json
import re
from datetime import datetime, timedelta
from urllib.parse import urljoin

from tools.stb.ctc import SHANGHAI, Ctc, channels, config, refusal, rows
from tools.stb.http import origin, query, well
from tools.stb.values import Answer, Channel, Flow, Programme, Refused

TOKEN = re.compile(r"GetAuthInfo\('(.*?)'\)")
ACTION = re.compile(r'<form action="(https?://[^"]+:\d+/[^"]*)"')
LOCATION = re.compile(r"""(?:window|document)\.location ?= ?['"]([^'"]+)['"]""")
FRAME = "/iptvepg/frame205"


class CtcB(Ctc):
    """A box of the ZTE platform."""

    def login(self) -> Flow[None]:
        """B1 to B5."""
        token, action = yield from self._token()
        yield from self._prove(token, action)
        yield from self._portal()
        yield from self._line_up()

    def _token(self) -> Flow[tuple[str, str]]:
        box = self._box
        asked = query(
            UserID=box.user, Action="Login", TerminalFlag=1, TerminalOsType=0, STBID=box.serial, stbtype="B860AV1.1"
        )
        url = f"{origin(box.portal)}/iptvepg/platform/getencrypttoken.jsp?{asked}"
        page = self._page((yield from self._browser.get(url)))
        token, action = TOKEN.search(page), ACTION.search(page)
        if token is None or not token[1] or action is None:
            raise refusal(page, "getencrypttoken")
        self._tell("getencrypttoken", f"a token of {len(token[1])} characters, on to {origin(action[1])}")
        self._told = page
        return token[1], action[1]

    def _page(self, answer: Answer) -> str:
        well(answer)
        if "charset=gbk" not in answer.header("content-type").lower().replace(" ", ""):
            raise Refused(f"{answer.url}: boxes read GBK, the page says {answer.header('content-type')!r}")
        return answer.text

    def _prove(self, token: str, action: str) -> Flow[None]:
        fields = {"UserID": self._box.user, "Authenticator": self.proof(token, self._told), "StbIP": "127.0.0.1"}
        page = self._page((yield from self._browser.post(action, fields)))
        self.user_token = config(page, "UserToken")
        found = LOCATION.search(page)
        if found and (code := re.search(r"errorcode=([^&'\"]+)", found[1], re.IGNORECASE)):
            raise refusal(f"SetConfig('authStatus','{code[1]}')", "auth")
        if not self.user_token or found is None:
            raise refusal(page, "auth")
        self._index = found[1]
        self._tell("auth", f"let in as {self._box.user}")

    def _portal(self) -> Flow[None]:
        page = self._page((yield from self._browser.get(self._index)))
        found = re.search(r'<form action="([^"]+)"', page)
        if found is None:
            raise refusal(page, "index")
        box = self._box
        fields = {
            "UserToken": self.user_token, "UserID": box.user, "STBID": box.serial, "stbinfo": "", "prmid": "",
            "easip": "", "networkid": "1", "stbtype": "B860AV1.1", "drmsupplier": "",
        }  # fmt: skip
        page = self._page((yield from self._browser.post(urljoin(self._index, found[1]), fields)))
        if re.search("errorHandler|ErrorCode", page):
            raise refusal(page, "funcportalauth")
        self._tell("funcportalauth", "the portal's frames are open")

    def _line_up(self) -> Flow[list[Channel]]:
        base = urljoin(self._index, "/iptvepg/function/")
        yield from self._browser.get(base + "frame.jsp")
        yield from self._browser.post(base + "frameset_judger.jsp", {"picturetype": "1,3,5"})
        start = f"{FRAME}/channel_start.jsp?tempno=-1"
        yield from self._browser.get(urljoin(base, start))
        fields = {
            "MAIN_WIN_SRC": start, "NEED_UPDATE_STB": "1", "BUILD_ACTION": "FRAMESET_BUILDER", "hdmistatus": "",
        }  # fmt: skip
        page = self._page((yield from self._browser.post(base + "frameset_builder.jsp", fields)))
        found = channels(page)
        if not found and config(page, "ChannelCount") != "0":
            raise refusal(page, "frameset_builder")
        self._tell("frameset_builder", f"{len(found)} channels")
        return found

    def channels(self) -> Flow[list[Channel]]:
        """The line-up, asked anew with the session."""
        return (yield from self._line_up())

    def guide(self, channel: Channel) -> Flow[list[Programme]]:
        """Today's programmes."""
        return (yield from self.day(channel, 0))

    def day(self, channel: Channel, back: int) -> Flow[list[Programme]]:
        """The programmes of one day, so many days ago."""
        day = (datetime.now(SHANGHAI) - timedelta(days=back)).strftime("%Y.%m.%d")
        asked = f"{FRAME}/action/getchannelprogram.jsp?{query(channelcode=channel.id, currdate=day)}"
        answer = well((yield from self._browser.get(urljoin(self._index, asked))))
        try:
            found = json.loads(answer.text)["prevuelist"]
        except (ValueError, KeyError):
            raise Refused("getchannelprogram: no list that clients can read") from None
        return rows(found, "%Y.%m.%d %H:%M:%S", "begintime", "endtime", "prevuename")

    def home(self) -> str:
        """The first page after the log-in."""
        return urljoin(self._index, "/iptvepg/function/frame.jsp")

    def boot(self) -> Flow[None]:
        """From power-on to the line-up."""
        yield from self.login()

    def poll(self) -> Flow[None]:
        """An idle box asks for its line-up again now and then."""
        yield from self._line_up()
