"""Dialect A, the Huawei platform: /EDS/ and /EPG/, Telecom (suffix CTC) and Unicom (suffix CU)."""

import json
import re
from urllib.parse import urljoin

from tools.stb.ctc import INPUT, Ctc, channels, config, refusal, rows
from tools.stb.http import origin, query, well
from tools.stb.pages import picture
from tools.stb.values import Channel, Flow, Programme, Refused

ENCRYPT = re.compile(r'EncryptToken = "(.*?)";')
FILLED = re.compile(r'userToken\.value = "(.*?)"')
FORM = re.compile(r'<form [^>]*action="([^"]*)"')
BACK = re.compile(r"parent\.jsonBackLookStr = (\[[^;\n]*\]);")
FIELDS = (
    *("UserID", "Lang", "SupportHD", "NetUserID", "Authenticator", "STBType", "STBVersion", "conntype", "STBID"),
    *("templateName", "areaId", "userToken", "userGroupId", "productPackageId", "mac", "UserField"),
    *("SoftwareVersion", "IsSmartStb", "desktopId", "stbmaker", "VIP"),
)


class CtcA(Ctc):
    """A box of the Huawei platform."""

    def login(self) -> Flow[None]:
        """A1 to A6, and on to the portal page."""
        page = yield from self._to_form()
        token = yield from self._token(page)
        yield from self._prove(token)
        yield from self._line_up()
        portal = config(self._page, "EPGDomain")
        answer = well((yield from self._browser.follow(portal)))
        self._pages = origin(answer.url)
        self._tell("portal", answer.url)

    def _to_form(self) -> Flow[str]:
        box = self._box
        asked = f"/EDS/jsp/AuthenticationURL?{query(UserID=box.user, Action='Login')}"
        answer = well((yield from self._browser.get(origin(box.portal) + asked)), 302)
        self._epg = answer.header("location")
        self._tell("EDS", f"goes to {origin(self._epg)}")
        page = well((yield from self._browser.get(self._epg)))
        if not re.search(r"authLoginHW(CTC|CU)\.jsp", page.text):
            raise refusal(page.text, "AuthenticationURL")
        return page.text

    def _jsp(self, name: str) -> str:
        return f"{origin(self._epg)}/EPG/jsp/{name}HW{self._box.suffix}.jsp"

    def _token(self, before: str) -> Flow[str]:
        fields = {"UserID": self._box.user, "VIP": ""}
        page = well((yield from self._browser.post(self._jsp("authLogin"), fields))).text
        first, second = ENCRYPT.search(page), FILLED.search(page)
        if first is None or second is None or first[1] != second[1] or not first[1]:
            raise Refused("authLogin: gives no token that all boxes find")
        self._told = before + page
        scheme = config(self._told, "EncryptionType")
        self._tell("authLogin", f"a token of {len(first[1])} characters; key scheme {scheme or 'plain'}")
        return first[1]

    def _prove(self, token: str) -> Flow[None]:
        box = self._box
        known = {
            "UserID": box.user, "Lang": "1", "SupportHD": "1", "Authenticator": self.proof(token, self._told),
            "STBType": "EC6108V9", "STBVersion": "V100", "conntype": "dhcp", "STBID": box.serial,
            "templateName": "default", "userToken": token, "mac": box.mac, "NetUserID": "undefined",
        }  # fmt: skip
        fields = {name: known.get(name, "") for name in FIELDS}
        answer = well((yield from self._browser.post(self._jsp("ValidAuthentication"), fields)))
        hidden = dict(INPUT.findall(answer.text))
        if not FORM.search(answer.text) or not hidden.get("UserToken"):
            raise refusal(answer.text, "ValidAuthentication")
        if "JSESSIONID" not in self._browser.jar.cookies:
            raise Refused("ValidAuthentication: sets no JSESSIONID")
        self.user_token = hidden["UserToken"]
        self._hidden = hidden
        self._tell("ValidAuthentication", f"let in as {hidden.get('UserID')}")

    def _line_up(self) -> Flow[list[Channel]]:
        page = well((yield from self._browser.post(self._jsp("getchannellist"), self._hidden))).text
        if config(page, "authStatus"):
            raise refusal(page, "getchannellist")
        found = channels(page)
        if str(len(found)) != config(page, "ChannelCount"):
            raise Refused(f"getchannellist: {len(found)} channels, counted {config(page, 'ChannelCount')!r}")
        if not config(page, "EPGDomain"):
            raise Refused("getchannellist: names no EPGDomain to go on to")
        self._page = page
        self._tell("getchannellist", f"{len(found)} channels")
        return found

    def channels(self) -> Flow[list[Channel]]:
        """The line-up, asked anew with the session."""
        return (yield from self._line_up())

    def guide(self, channel: Channel) -> Flow[list[Programme]]:
        """All days that the first guide endpoint tells (skin liveplay_30)."""
        asked = f"/EPG/jsp/liveplay_30/en/getTvodData.jsp?{query(channelId=channel.id)}"
        answer = well((yield from self._browser.get(urljoin(self._epg, asked))))
        found = BACK.search(answer.text)
        if found is None:
            raise Refused("getTvodData: no list in one line")
        days = json.loads(found[1])[1]
        return rows(
            (one for day in days for one in day), "%Y%m%d%H%M%S", "beginTimeFormat", "endTimeFormat", "programName"
        )

    def film(self, number: str) -> Flow[str]:
        """What plays on the film's page."""
        return (yield from picture(self._browser, self._pages, f"play-{number}"))

    def home(self) -> str:
        """What the box keeps as its home."""
        return config(self._page, "EPGDomain")

    def boot(self) -> Flow[None]:
        """From power-on to the portal page."""
        yield from self.login()

    def poll(self) -> Flow[None]:
        """An idle box asks for its line-up again now and then."""
        yield from self._line_up()
