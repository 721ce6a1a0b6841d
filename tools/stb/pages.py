"""The TV pages as a box without a script engine reads them: the way in, the picture of a page, the guide beside it."""

import html
import re
from datetime import datetime
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

from tools.stb.http import Browser, origin, well
from tools.stb.values import Answer, Channel, Flow, Programme, Refused

VIDEO = re.compile(r'VIDEO=\{url:"([^"]*)"')
REFRESH = re.compile(r"""<meta http-equiv=["']?refresh["']? content=["']?\d+; ?url=([^"'>\s]+)""", re.IGNORECASE)
CHANNEL = re.compile(r"tv-\d+")
ENTRIES = 4


def page_id(url: str) -> str:
    """The id of a page state in its address, empty for what is no page."""
    return url.partition("/p/")[2].partition("?")[0]


def enter(browser: Browser, url: str) -> Flow[Answer]:
    """Open the way in and go on, where a page says so without a script, until a page state is on the screen."""
    for _ in range(ENTRIES):
        answer = yield from browser.follow(url)
        if page_id(answer.url):
            return well(answer)
        onward = REFRESH.search(answer.text)
        if answer.status != 200 or onward is None:
            raise Refused(f"{answer.url.partition('?')[0]}: {answer.status} {words(answer.text)}")
        url = urljoin(answer.url, html.unescape(onward[1]))
    raise Refused(f"{url}: asks again and again")


def words(page: str) -> str:
    """What a viewer reads on a page, in one line."""
    body = re.sub(r"<(script|style|title)\b.*?</\1>", " ", page, flags=re.DOTALL | re.IGNORECASE)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())[:120]


def picture(browser: Browser, base: str, page: str) -> Flow[str]:
    """The address of what plays on a page. Raises Refused when nothing does."""
    answer = well((yield from browser.follow(f"{base}/p/{page}")))
    found = VIDEO.search(answer.text)
    if found is None or not found[1]:
        raise Refused(f"page {page}: nothing plays on it: {words(answer.text)}")
    return urljoin(answer.url, str(found[1]).replace("\\/", "/"))


def channel_page(browser: Browser, base: str, channel: Channel) -> Flow[str]:
    """The id of the page to which the number of a channel leads; empty when this box does not have the channel."""
    answer = yield from browser.get(f"{base}/p/tv-n{channel.number}")
    found = page_id(answer.header("location"))
    return found if CHANNEL.fullmatch(found) else ""


class Guide:
    """The town's guide as XMLTV, which is open to all."""

    def __init__(self, body: bytes) -> None:
        try:
            root = ET.fromstring(body)
        except ET.ParseError as error:
            raise Refused(f"epg.xml: {error}") from None
        listed = [_channel(one, at) for at, one in enumerate(root.iterfind("channel"), 1)]
        self.channels = sorted(listed, key=lambda one: int(one.number))
        self.programmes: dict[str, list[Programme]] = {}
        for one in root.iterfind("programme"):
            start, stop = (datetime.strptime(one.get(name, ""), "%Y%m%d%H%M%S %z") for name in ("start", "stop"))
            row = Programme(start, stop, one.findtext("title", ""))
            self.programmes.setdefault(one.get("channel", ""), []).append(row)


def _channel(row: ET.Element, at: int) -> Channel:
    """A channel with the first of its names and its number, which XMLTV carries as one more name; else its place."""
    names = [one.text or "" for one in row.iterfind("display-name")]
    told = [row.findtext("lcn", ""), *names[1:]]
    number = next((one for one in told if one.isascii() and one.isdigit()), str(at))
    return Channel(row.get("id", ""), number, names[0] if names else "")


def guide(browser: Browser, portal: str) -> Flow[Guide]:
    """Fetch the guide."""
    return Guide(well((yield from browser.get(f"{origin(portal)}/epg.xml"))).body)
