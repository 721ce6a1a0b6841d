"""The guide's faces for players and other programs: our own JSON, DIYP and 超级直播, M3U, XMLTV (epg.md §9).

Open to everybody on the network, as guides are; there is nothing of households in them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from epg import json_out
from epg.json_out import NO_REPLAY, packed
from epg.schedule import day_bounds, day_of
from middleware.domain.channels import Channel
from middleware.headend import guide_asked, guide_days, guide_lineup, guide_rows, guide_search
from middleware.headend.guide_bytes import Document, Documents, InThread, answer, document, file_answer
from middleware.headend.guide_days import Days
from middleware.headend.guide_files import GuideFiles
from middleware.headend.guide_lineup import Lineup, Sign
from middleware.headend.guide_rows import ChannelDay, Row
from middleware.headend.guide_search import Titles
from middleware.headend.long_work import let_go, long_work
from middleware.headend.ports import Storage
from middleware.services.ports import OutboxEvent
from middleware.web.buckets import Buckets
from middleware.web.routes import Routes
from middleware.web.shared import Shared
from middleware.web.values import Request, Response, Result, not_found

KEPT_DAYS: Final = 2500
"""Days of channels in memory: of forty programmes each with synopses, 150 MB at most; 100 channels for 25 days."""
KEPT_ANSWERS: Final = 64 * 2**20
"""Bytes of answers in memory."""
SEARCHED: Final = timedelta(days=1), timedelta(days=7)
"""What search looks at, back and ahead from now."""
_NOUNS: Final = frozenset({"programme", "channel"})
_LATEST: Final = timedelta(minutes=10)
"""When nothing is known to begin or end, now and next are looked up again after this."""
_OnAir = tuple[tuple[Channel, Row | None, Row | None], ...]


class Faces:
    """Every address of the guide. `in_thread` runs what takes long; `seconds` (epoch) is the reactor's clock."""

    def __init__(
        self,
        storage: Storage,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
        in_thread: InThread,
        public_url: str = "",
        sign: Sign = guide_lineup.unsigned,
    ) -> None:
        self._sign = sign
        self._storage = storage
        self._now = now
        self._in_thread = in_thread
        self._public_url = public_url
        self._days: Days[ChannelDay] = Days(storage, guide_days.shown, guide_rows.channel_day, KEPT_DAYS)
        self._answers = Documents(KEPT_ANSWERS)
        self._asking = Buckets(seconds, rate=50, burst=500)
        self._searching = Buckets(seconds, rate=5, burst=40)
        self._lineup: Lineup | None = None
        self._titles: tuple[object, Titles] | None = None
        self._on_air: tuple[datetime, _OnAir] | None = None
        self._reading: Shared[Any] = Shared()
        self._version = 0
        self.files = GuideFiles(storage, now, in_thread)

    def routes(self, routes: Routes) -> None:
        """Register every address."""
        for path, endpoint in (
            ("/epg.xml", self.xmltv),
            ("/epg.xml.gz", self.xmltv_gz),
            ("/epg/channels.m3u", self.m3u),
            ("/epg/diyp", self.players),
            ("/epg/v1/channels", self.channels),
            ("/epg/v1/now", self.on_air),
            ("/epg/v1/guide", self.guide),
        ):
            routes.exact("GET", path, self._bounded(endpoint, self._asking))
        routes.prefix("GET", "/epg/v1/programme/", self._bounded(self.programme, self._asking))
        routes.exact("GET", "/epg/v1/search", self._bounded(self.search, self._searching))

    def _bounded(
        self, endpoint: Callable[[Request], Awaitable[Response]], buckets: Buckets
    ) -> Callable[[Request], Result | Awaitable[Result]]:
        def bounded(request: Request) -> Result | Awaitable[Result]:
            if buckets.take(request.client):
                return endpoint(request)
            return Response(429, b"too many requests\n", "text/plain; charset=utf-8", (("Retry-After", "2"),))

        return bounded

    def tell(self, event: OutboxEvent) -> None:
        """Programmes or channels have changed: look again at what is kept."""
        if event.kind == "ContentChanged" and event.body["noun"] in _NOUNS:
            self._version += 1
            self._days.stale()
            self._answers.stale()
            self.files.stale()
            self._lineup = self._on_air = None

    # --- XMLTV and M3U ---

    async def xmltv(self, request: Request) -> Response:
        """`/epg.xml?days=&offset=&channel=&flavour=`."""
        found = await self._xmltv(request)
        return await answer(request, found, self._in_thread) if found else not_found()

    async def xmltv_gz(self, request: Request) -> Response:
        """The same as a file in gzip."""
        found = await self._xmltv(request)
        return file_answer(request, found) if found else not_found()

    async def _xmltv(self, request: Request) -> Document | None:
        wanted = guide_asked.range_of(request.query, day_of(self._now()))
        lineup = await self._known()
        some = [lineup.find(name) for name in wanted.channels]
        if None in some:
            return None
        channels = [one for one in some if one is not None] or lineup.channels
        return await self.files.xmltv(lineup, channels, wanted)

    async def whole(self, days: int) -> Document:
        """All channels from today on as XMLTV, as `/epg.xml?days=` gives them."""
        lineup = await self._known()
        return await self.files.xmltv(lineup, lineup.channels, guide_asked.Range(day_of(self._now()), days))

    async def m3u(self, request: Request) -> Response:
        """`/epg/channels.m3u`."""
        found = await self.files.m3u(await self._known(), self._base(request), self._sign)
        return await answer(request, found, self._in_thread)

    # --- our own JSON ---

    async def channels(self, request: Request) -> Response:
        """`/epg/v1/channels`: the line-up."""
        lineup, base = await self._known(), self._base(request)
        rows = [json_out.channel(guide_lineup.shown(one, base)) for one in lineup.channels]
        return await self._answer(request, ("channels", base), lambda: packed({"channels": rows}))

    async def on_air(self, request: Request) -> Response:
        """`/epg/v1/now`: every channel with what is on and what follows."""
        base, now = self._base(request), self._now()
        until, rows = await self._present(now)

        def body() -> bytes:
            return b'{"now":' + guide_rows.joined(_told(one, base, *both) for one, *both in rows) + b"}"

        return await self._answer(request, ("now", base, until), body)

    async def guide(self, request: Request) -> Response:
        """`/epg/v1/guide?channel=&from=&to=`: what a channel shows at any instant of a window."""
        lineup, base, now = await self._known(), self._base(request), self._now()
        one = lineup.find(request.query.get("channel", ""))
        if one is None:
            return not_found()
        start, stop = guide_asked.window(request.query, now)
        days = guide_days.days_between(start, stop)
        found = await self._days.of([one.id], days)
        begin, end = int(start.timestamp()), int(stop.timestamp())
        rows = guide_rows.within((found[one.id, day] for day in days), begin, end)
        minute = int(now.timestamp()) // 60 if one.archive_h else 0  # what can be seen again changes with time

        def body() -> bytes:
            head = packed({"channel": json_out.channel(guide_lineup.shown(one, base)), "from": begin, "to": end})
            listed = guide_rows.joined(guide_rows.whole(each, self._replay(one, each, base, now)) for each in rows)
            return head[:-1] + b',"programmes":' + listed + b"}"

        return await self._answer(request, ("guide", base, one.id, begin, end, minute), body)

    async def programme(self, request: Request) -> Response:
        """`/epg/v1/programme/{uid}`: one programme."""
        uid = request.rest
        if not 1 <= len(uid) <= 64 or not uid.isascii():
            return not_found()
        lineup, base, now = await self._known(), self._base(request), self._now()
        stored = await self._storage.run(lambda uow: uow.guide.named(uid), "programme", write=False)
        channel = next((one for one in lineup.channels if stored is not None and one.id == stored.channel), None)
        if stored is None or channel is None:
            return not_found()
        row = guide_rows.row(stored.programme)
        whole = guide_rows.whole(row, self._replay(channel, row, base, now))
        return await answer(request, document(whole), self._in_thread)

    async def search(self, request: Request) -> Response:
        """`/epg/v1/search?q=`: by words, pinyin initials (nhxw) or their digits on a remote (6499)."""
        query = request.query.get("q", "").strip()[:40]
        lineup, base, now = await self._known(), self._base(request), self._now()
        titles = await self._indexed(lineup, now)
        at = int(now.timestamp())
        earliest = {one.id: at - one.archive_h * 3600 for one in lineup.channels}

        def body() -> bytes:
            channels, rows = guide_search.found(titles, query, at, earliest)
            head = packed(
                {"q": query, "channels": [json_out.channel(guide_lineup.shown(one, base)) for one in channels]}
            )
            listed = (guide_rows.whole(row, self._replay(one, row, base, now)) for one, row in rows)
            return head[:-1] + b',"programmes":' + guide_rows.joined(listed) + b"}"

        return await self._answer(request, ("search", base, query, at // 60), body)

    # --- DIYP and 超级直播 ---

    async def players(self, request: Request) -> Response:
        """`/epg/diyp?ch=&date=` and `?channel=`: the forms of Chinese players; the whole guide without either."""
        name, live = request.query.get("ch", ""), request.query.get("channel", "")
        if not name and not live:
            return await self.xmltv_gz(request)
        lineup, base, now = await self._known(), self._base(request), self._now()
        one = lineup.find(name or live)
        if one is None:
            return not_found()
        day = guide_asked.day(request.query.get("date", ""), day_of(now))
        found = (await self._days.of([one.id], [day]))[one.id, day]
        shown = guide_lineup.shown(one, base)
        if name:
            return await self._answer(request, ("diyp", base, one.id, day), lambda: guide_rows.diyp(shown, day, found))
        on = _now_next(found.rows, int(now.timestamp()))[0]
        key = "live", base, one.id, day, on.uid if on else ""
        return await self._answer(request, key, lambda: guide_rows.super_live(shown, found.rows, now))

    # --- what they share ---

    def _base(self, request: Request) -> str:
        return guide_asked.base(request, self._public_url)

    def _replay(self, channel: Channel, row: Row, base: str, now: datetime) -> json_out.Replay:
        return guide_rows.replay_of(channel, row, now, lambda url: guide_lineup.address(url, base, self._sign))

    async def _answer(self, request: Request, key: Any, body: Callable[[], bytes]) -> Response:
        """A document kept under its key, put together in a thread."""
        found = await self._answers.get(key, lambda: self._in_thread(lambda: document(body())))
        return await answer(request, found, self._in_thread)

    async def _known(self) -> Lineup:
        if self._lineup is not None:
            return self._lineup
        version = self._version
        found: Lineup = await self._reading.get(("lineup", version), self._read)
        if version == self._version:
            self._lineup = found
        return found

    async def _read(self) -> Lineup:
        return await self._storage.run(guide_lineup.read, "line-up of the guide", write=False)

    async def _present(self, now: datetime) -> tuple[datetime, _OnAir]:
        """What is on and what follows, and until when that is so."""
        kept = self._on_air
        if kept is not None and now < kept[0]:
            return kept
        version = self._version
        looked: tuple[datetime, _OnAir] = await self._reading.get(("now", version), lambda: self._look(now))
        if version == self._version:
            self._on_air = looked
        return looked

    async def _look(self, now: datetime) -> tuple[datetime, _OnAir]:
        lineup, today = await self._known(), day_of(now)
        found = await self._days.of([one.id for one in lineup.channels], [today, today + timedelta(days=1)])
        at = int(now.timestamp())

        def look() -> tuple[datetime, _OnAir]:
            rows = tuple((one, *_now_next(_both(found, one, now), at)) for one in lineup.channels)
            edges = [each.stop if each.start <= at else each.start for _, *both in rows for each in both if each]
            return datetime.fromtimestamp(min(edges, default=at + int(_LATEST.total_seconds())), UTC), rows

        looked: tuple[datetime, _OnAir] = await self._in_thread(look)
        return looked

    async def _indexed(self, lineup: Lineup, now: datetime) -> Titles:
        key = self._version, day_of(now)
        if self._titles is not None and self._titles[0] == key:
            return self._titles[1]
        found: Titles = await self._reading.get(("titles", key), lambda: self._index(lineup, now))
        gone = self._titles[1].parts() if self._titles is not None else []
        self._titles = key, found
        let_go(gone)
        return found

    async def _index(self, lineup: Lineup, now: datetime) -> Titles:
        back, ahead = SEARCHED
        days = guide_days.days_between(now - back, now + ahead)
        found = await self._days.of([one.id for one in lineup.channels], days)

        def build() -> Titles:
            with long_work():
                each = ((one, row) for one in lineup.channels for day in days for row in found[one.id, day].rows)
                return guide_search.built(lineup.channels, {row.uid: (one, row) for one, row in each}.values())

        built: Titles = await self._in_thread(build)
        return built


def _both(found: Mapping[guide_days.Key, ChannelDay], one: Channel, now: datetime) -> Sequence[Row]:
    today = day_of(now)
    start, _ = day_bounds(today)
    tomorrow = today + timedelta(days=1)
    _, stop = day_bounds(tomorrow)
    days = found[one.id, today], found[one.id, tomorrow]
    return guide_rows.within(days, int(start.timestamp()), int(stop.timestamp()))


def _now_next(rows: Sequence[Row], at: int) -> tuple[Row | None, Row | None]:
    """What is on at an instant, and what begins next, of rows in order."""
    present = next((one for one in rows if one.start <= at < one.stop), None)
    return present, next((one for one in rows if one.start > at), None)


def _told(one: Channel, base: str, present: Row | None, following: Row | None) -> bytes:
    shown = packed(json_out.channel(guide_lineup.shown(one, base)))
    both = [guide_rows.whole(each, NO_REPLAY) if each else b"null" for each in (present, following)]
    return b'{"channel":%b,"present":%b,"following":%b}' % (shown, *both)
