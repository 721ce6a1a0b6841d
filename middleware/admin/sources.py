"""Sources of the guide: their state, what they brought, channels that are not matched, and who tells which field."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve

from epg.merging import FIELDS, HAND
from epg.planning import DAY
from epg.times import SHANGHAI
from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, page_id, told
from middleware.admin.pin_read import pinned, written
from middleware.admin.plan_read import channel_of, date_of, whole_in
from middleware.admin.source_rows import decide, row_facts
from middleware.domain.errors import BadValue, NotFound
from middleware.services import source_order, source_reports, sources
from middleware.services.plan_ports import GuideSource
from middleware.services.ports import UnitOfWork
from middleware.services.spreadsheet import MEDIA_TYPES, Kind
from middleware.web.values import JSON, Response

OVERLAPS: Final = {"cut": "前一个节目提前结束", "keep": "都留着", "quarantine": "隔离后一个"}
TITLES: Final[Mapping[str, str]] = {
    "title": "名称", "sub_title": "副标题", "desc": "简介", "categories": "类型", "keywords": "关键词",
    "credits": "主创", "date": "年份", "icon": "图片", "episode": "集数", "onscreen": "集数（显示）", "rating": "分级",
}  # fmt: skip
TEXTS: Final = {
    "title": 80, "sub_title": 80, "desc": 600, "categories": 80, "keywords": 120, "credits": 400, "date": 8,
    "icon": 300, "episode": 20, "onscreen": 20, "rating": 20,
}  # fmt: skip
"""Fields that can be set by hand here, with how long they may be as text."""
HINTS: Final = {
    "categories": "用顿号分开：新闻、访谈",
    "keywords": "用顿号分开",
    "credits": "导演 王明；演员 李兰、张强",
    "date": "2026 或 20261125",
    "icon": "https:// 开头的网址",
    "episode": "第几季.第几集，例如 1.12",
}
"""How fields that are no plain text are written."""
_READ_BY: Final = ("url", "zone", "shift_min", "overlap")
"""What decides how a feed is read: when it changes, the feed is fetched whole although its server has nothing new."""
ORIGINS: Final = {"plan": "自己的节目单", HAND: "手工", "demo": "演示", "stand-in": "没有按时审定，临时填充"}


class Fetching(Protocol):
    """What is used of the server's timetable of sources."""

    @property
    def running(self) -> Collection[str]: ...  # pragma: no cover

    def begin(self, source: GuideSource, *, force: bool = False) -> bool: ...  # pragma: no cover


class SourcePages:
    """/admin/sources. `fetching` is the running server's; None where nothing fetches."""

    def __init__(self, gate: Gate, fetching: Fetching | None) -> None:
        self._gate = gate
        self._fetching = fetching
        gate.get("/admin/sources", self._list, *roles.PLAN)
        gate.get("/admin/sources/new", self._new, *roles.PLAN)
        gate.get("/admin/sources/of/", self._show, *roles.PLAN)
        gate.get("/admin/sources/guide", self._guide, *roles.PLAN)
        gate.get("/admin/sources/programme/", self._programme, *roles.PLAN)
        gate.post("/admin/sources/save", self._save, *roles.PLAN_SIGN)
        gate.post("/admin/sources/remove", self._remove, *roles.PLAN_SIGN)
        gate.post("/admin/sources/fetch", self._fetch, *roles.PLAN)
        gate.post("/admin/sources/report", self._report, *roles.PLAN)
        gate.post("/admin/sources/row", self._row, *roles.PLAN)
        gate.post("/admin/sources/match", self._match, *roles.PLAN)
        gate.post("/admin/sources/order", self._order, *roles.PLAN)
        gate.post("/admin/sources/pin", self._pin, *roles.PLAN)

    async def _list(self, desk: Desk) -> Response:
        now = self._gate.now()
        facts = await self._gate.run(lambda uow: listing(uow, now), "sources", write=False)
        return self._page(desk, "sources.html", **facts)

    async def _new(self, desk: Desk) -> Response:
        return self._page(desk, "source.html", source=GuideSource(0, ""), last=None, channels=(), unmatched=())

    async def _show(self, desk: Desk) -> Response:
        name = unquote(desk.rest)[:80]
        now = self._gate.now()
        facts = await self._gate.run(lambda uow: source_facts(uow, name, now), "source", write=False)
        return self._page(desk, "source.html", **facts)

    def _page(self, desk: Desk, template: str, **facts: Any) -> Response:
        running = self._fetching.running if self._fetching else ()
        may = {"signs": desk.staff.role in roles.PLAN_SIGN, "fetches": self._fetching is not None}
        common: dict[str, Any] = {
            "running": running,
            "fields": TITLES,
            "overlaps": OVERLAPS,
            "means": source_reports.words_of,
        }
        return self._gate.pages.show(desk.viewer, template, quote=_quoted, **may, **common, **facts)

    async def _save(self, desk: Desk) -> Response:
        form, now, who = desk.form, self._gate.now(), desk.staff.login

        def act(uow: UnitOfWork) -> GuideSource:
            name = form.get("name", "").strip()
            before = uow.sources.by_name(name)
            if form.get("new") == "1" and before is not None:
                raise BadValue("source_name", f"已经有名为“{name}”的来源")
            return sources.put(uow, now, who, read_source(before or GuideSource(0, name), form))

        kept = await self._gate.run(act, "save source")
        to = f"/admin/sources/of/{_quoted(kept.name)}"
        return told(self._gate.pages, desk, to, "来源已保存", to=to)

    async def _remove(self, desk: Desk) -> Response:
        name, now, who = desk.form.get("name", ""), self._gate.now(), desk.staff.login
        await self._gate.run(lambda uow: sources.remove(uow, now, who, name), "remove source")
        return told(self._gate.pages, desk, "/admin/sources", "来源已删除", to="/admin/sources")

    async def _fetch(self, desk: Desk) -> Response:
        """Begin to fetch; what comes of it is on the page when it is looked at again."""
        name, force = desk.form.get("name", "")[:80], desk.form.get("force") == "1"
        source = await self._gate.run(lambda uow: uow.sources.by_name(name), "source", write=False)
        if source is None:
            raise NotFound("没有这个来源", "no_source")
        if not source.url or self._fetching is None:
            raise BadValue("source_url", "这个来源没有地址，要用导入命令带文件")
        now, who = self._gate.now(), desk.staff.login
        verb = "fetch with force" if force else "fetch"
        await self._gate.run(lambda uow: uow.audit.add(now, who, verb, "source", name), "note fetch")
        begun = self._fetching.begin(source, force=force)
        to = f"/admin/sources/of/{_quoted(name)}"
        return told(self._gate.pages, desk, to, "开始取了" if begun else "已经在取了", to=to)

    async def _report(self, desk: Desk) -> Response:
        """The rows of the last import as a sheet, or as JSON for programs."""
        name = desk.form.get("name", "")[:80]
        if desk.form.get("kind") == "json":
            body = await self._gate.run(lambda uow: source_reports.as_json(uow, name), "import report", write=False)
            return Response(200, body, JSON, (("Content-Disposition", 'attachment; filename="report.json"'),))
        kind: Kind = "csv" if desk.form.get("kind") == "csv" else "xlsx"
        body = await self._gate.run(lambda uow: source_reports.download(uow, name, kind), "import report", write=False)
        disposition = f'attachment; filename="report.{kind}"'
        return Response(200, body, MEDIA_TYPES[kind], (("Content-Disposition", disposition),))

    async def _row(self, desk: Desk) -> Response:
        """Release, correct or ignore a quarantined row, or take that back."""
        form, now, who = desk.form, self._gate.now(), desk.staff.login
        words = await self._gate.run(lambda uow: decide(uow, now, who, form), "decide of a row")
        to = f"/admin/sources/of/{_quoted(form.get('source', '')[:80])}"
        return told(self._gate.pages, desk, to, words, to=to)

    async def _match(self, desk: Desk) -> Response:
        form, now, who = desk.form, self._gate.now(), desk.staff.login
        name, what, how = form.get("source", "")[:80], form.get("told", "")[:200], form.get("how", "")

        def act(uow: UnitOfWork) -> None:
            channel = None if how == "never" else channel_of(uow, form.get("channel", ""), who).xmltv_id
            sources.match(uow, now, who, name, what, channel, alias=how == "alias")

        if how not in {"match", "alias", "never"}:
            raise BadValue("match", "请选怎样对")
        await self._gate.run(act, "match channel")
        lines = {"match": "已对上", "alias": "已对上，名称记作别名", "never": "记下了，不再提示"}
        return told(self._gate.pages, desk, "/admin/sources", lines[how], to="/admin/sources")

    async def _order(self, desk: Desk) -> Response:
        """Order the sources of a channel, or let it go by their ranks again."""
        form, now, who = desk.form, self._gate.now(), desk.staff.login
        number, names = form.get("channel", ""), () if form.get("off") == "1" else read_order(form)

        def act(uow: UnitOfWork) -> None:
            sources.order(uow, now, who, channel_of(uow, number, who).xmltv_id, names)

        await self._gate.run(act, "order sources")
        to = f"/admin/sources/guide?channel={_quoted(number[:20])}"
        return told(
            self._gate.pages, desk, to, "次序已保存，节目单已按它重排" if names else "按来源的可信次序了", to=to
        )

    async def _guide(self, desk: Desk) -> Response:
        query, today = desk.request.query, self._gate.now().astimezone(SHANGHAI).date()
        day = date_of(query["day"]) if query.get("day") else today
        number = query.get("channel", "")
        facts = await self._gate.run(
            lambda uow: guide_facts(uow, number, day, desk.staff.login), "guide of a day", write=False
        )
        around: dict[str, Any] = {"day": day, "before": day - DAY, "after": day + DAY, "today": today}
        return self._gate.pages.show(desk.viewer, "source_guide.html", origins=ORIGINS, **around, **facts)

    async def _programme(self, desk: Desk) -> Response:
        number = page_id(desk.rest)
        facts = await self._gate.run(lambda uow: programme_facts(uow, number), "provenance", write=False)
        words: dict[str, Any] = {"origins": ORIGINS, "texts": TEXTS, "hints": HINTS}
        return self._gate.pages.show(desk.viewer, "source_programme.html", **words, **facts)

    async def _pin(self, desk: Desk) -> Response:
        form, now, who = desk.form, self._gate.now(), desk.staff.login
        number, name = desk.number("programme"), form.get("field", "")
        off = form.get("off") == "1"

        def act(uow: UnitOfWork) -> None:
            if off:
                sources.unpin(uow, now, who, number, name)
            else:
                sources.pin(uow, now, who, number, name, pinned(name, form.get("value", ""), TEXTS))

        await self._gate.run(act, "pin field")
        to = f"/admin/sources/programme/{number}"
        return told(self._gate.pages, desk, to, "按来源的了" if off else "已定下，来源再变也不改", to=to)


def _quoted(text: str) -> str:
    return quote(text, safe="")


def listing(uow: UnitOfWork, now: datetime) -> dict[str, Any]:
    """Sources with their state, what drifts, and channels that nobody has matched."""
    every = uow.sources.all()
    return {
        "sources": every,
        "lasts": {one.name: source_reports.last(uow, one.name) for one in every},
        "drifts": sources.drifts(uow, now),
        "unmatched": sources.unmatched(uow),
        "channels": sorted(uow.guide.channels(), key=lambda one: one.number),
    }


def source_facts(uow: UnitOfWork, name: str, now: datetime) -> dict[str, Any]:
    """Everything the page of a source shows. Raises NotFound."""
    source = uow.sources.by_name(name)
    if source is None:
        raise NotFound("没有这个来源", "no_source")
    channels = sorted(uow.guide.channels(), key=lambda one: one.number)
    mine = [one for one in sources.unmatched(uow) if one.source == name]
    common = {"source": source, "last": source_reports.last(uow, name), "channels": channels, "unmatched": mine}
    return common | row_facts(uow, name, now)


def read_source(before: GuideSource, form: Mapping[str, str]) -> GuideSource:
    """A source as it was typed. Raises BadValue."""
    overlap, zone, shift = form.get("overlap", "cut"), form.get("zone", "").strip(), form.get("shift", "0").strip()
    if overlap not in OVERLAPS:
        raise BadValue("overlap", "请选重叠怎么办")
    minus = shift.startswith("-")
    minutes = whole_in(shift.removeprefix("-"), 0, 1440, "时移")
    ranks = {name: form.get(f"rank_{name}", "").strip() for name in FIELDS}
    typed = evolve(
        before,
        url=form.get("url", "").strip()[:500],
        minutes=whole_in(form.get("minutes"), 5, 7 * 1440, "更新间隔（分钟）"),
        zone=_zone(zone),
        shift_min=-minutes if minus else minutes,
        overlap=overlap,
        rank=whole_in(form.get("rank"), 0, 1000, "可信次序"),
        fields={name: whole_in(rank, 0, 1000, TITLES[name]) for name, rank in ranks.items() if rank},
        active=form.get("active") == "1",
    )
    read_otherwise = any(getattr(typed, name) != getattr(before, name) for name in _READ_BY)
    return evolve(typed, etag="", modified="") if read_otherwise else typed


def read_order(form: Mapping[str, str]) -> tuple[str, ...]:
    """Names of sources by the places typed beside them; those without a place are left to their rank."""
    places = [
        (whole_in(place, 1, 99, "次序"), form.get(f"name_{key[6:]}", "")[:80])
        for key, place in form.items()
        if key.startswith("place_") and place.strip()
    ]
    if len({place for place, _ in places}) != len(places):
        raise BadValue("source_order", "两个来源排在同一位")
    return tuple(name for _, name in sorted(places))


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadValue("zone", "没有这个时区，例如 Asia/Shanghai") from error


def guide_facts(uow: UnitOfWork, number: str, day: date, who: str) -> dict[str, Any]:
    """The guide of a channel's day, each with its source, and whom the channel believes first."""
    channel = channel_of(uow, number, who)
    begin = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    rows = uow.guide.between(begin, begin + timedelta(days=1), {channel.id})
    order = {"order": source_order.trust_of(uow, channel.xmltv_id).order}
    own = {"own_order": source_order.order_of(uow, channel.xmltv_id)}
    return {"channel": channel, "rows": [one for one in rows if one.programme.start >= begin], **order, **own}


def programme_facts(uow: UnitOfWork, number: int) -> dict[str, Any]:
    """A programme with what every source says of each field. Raises NotFound."""
    found = sources.provenance(uow, number)
    channel = next(one for one in uow.guide.channels() if one.xmltv_id == found.programme.channel)
    rows = [
        {
            "name": name,
            "title": TITLES[name],
            "value": written(name, getattr(found.programme, name)),
            "came": found.came.get(name, ""),
            "told": {source: written(name, getattr(one, name)) for source, one in found.told.items()},
        }
        for name in FIELDS
    ]
    return {"number": number, "programme": found.programme, "came": found.came, "rows": rows, "channel": channel}
