"""A cable box: it opens an address with its smart card's number and has nothing but the TV pages."""

from datetime import UTC, datetime

from tools.stb.http import Browser, origin, query
from tools.stb.pages import channel_page, enter, guide, page_id, picture
from tools.stb.values import Box, Channel, Event, Flow, Programme, Refused, Tell, slot_of

AGENT = "Mozilla/5.0 (iPanel 3.0; Linux; mips) AppleWebKit/533.3"


class Cable:
    """A box of the cable network."""

    def __init__(self, box: Box, tell: Tell) -> None:
        self._box = box
        self._tell = tell
        self._browser = Browser(AGENT)
        self._base = origin(box.portal)
        self.watchdog_s, self.timeslot = 120, slot_of(box)

    def login(self) -> Flow[None]:
        """The way in, and home."""
        home = yield from enter(self._browser, self.home())
        self._tell("portal", f"page {page_id(home.url)}, {len(home.body)} bytes")

    def _names(self) -> dict[str, str]:
        box = self._box
        known = {"CAID": box.card, "mac": box.mac.replace(":", "-"), "serial": box.serial, "user": box.user}
        return {name: value for name, value in known.items() if value}

    def channels(self) -> Flow[list[Channel]]:
        """Of the guide that is open to all those channels that have a page for this box."""
        every, pages = (yield from guide(self._browser, self._base)).channels, dict[str, str]()
        for one in every:
            pages[one.id] = yield from channel_page(self._browser, self._base, one)
        return [one for one in every if pages[one.id]]

    def now(self, channels: list[Channel]) -> Flow[dict[str, list[Programme]]]:
        """By channel what is running and what comes."""
        wanted = datetime.now(UTC)
        found = (yield from guide(self._browser, self._base)).programmes
        return {one.id: [row for row in found.get(one.id, ()) if row.stop > wanted][:2] for one in channels}

    def guide(self, channel: Channel) -> Flow[list[Programme]]:
        """All that the guide has of a channel."""
        return (yield from guide(self._browser, self._base)).programmes.get(channel.id, [])

    def stream(self, channel: Channel) -> Flow[str]:
        """What plays on the channel's page."""
        page = yield from channel_page(self._browser, self._base, channel)
        if not page:
            raise Refused(f"no page shows channel {channel.number} {channel.name}")
        return (yield from picture(self._browser, self._base, page))

    def film(self, number: str) -> Flow[str]:
        """What plays on the film's page."""
        return (yield from picture(self._browser, self._base, f"play-{number}"))

    def events(self) -> Flow[list[Event]]:
        """Messages lie over the pages: none of them is a queue."""
        yield from ()
        return []

    def confirm(self, event: Event) -> Flow[None]:
        yield from ()
        raise Refused(f"event {event.id}: cable boxes confirm on the TV page")

    def home(self) -> str:
        """The way in."""
        return f"{self._base}/portal?{query(**self._names())}"

    def boot(self) -> Flow[None]:
        """From power-on to home."""
        yield from self.login()

    def poll(self) -> Flow[None]:
        """What an idle page asks in its slot."""
        answer = yield from self._browser.get(f"{self._base}/poll?since=0&p=home")
        if answer.status != 200:
            raise Refused(f"/poll: {answer.status}")
