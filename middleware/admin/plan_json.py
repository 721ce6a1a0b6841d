"""Items and days as the schedule's script has them: instants as epoch seconds, nothing that it may not set."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from attrs import evolve

from epg.approval import Day
from epg.findings import Finding
from epg.planning import DAY, Content, Item, StartKind
from middleware.domain.errors import BadValue
from middleware.services.plan import MOST_ITEMS, DayView

_UID: Final = re.compile(r"[0-9A-Za-z+.-]{1,64}")
_LIMITS: Final = {"title": 80, "sub_title": 80, "desc": 600, "genre": 20, "series": 80, "relay": 40}
_KINDS: Final[Mapping[str, StartKind]] = {"fixed": "fixed", "grace": "grace", "flow": "flow"}
_SHOWINGS: Final[Mapping[str, Literal["", "first", "repeat"]]] = {"": "", "first": "first", "repeat": "repeat"}


def shown(item: Item) -> dict[str, Any]:
    """An item for the script."""
    content = item.content
    return {
        "uid": item.uid,
        "start": int(item.start.timestamp()),
        "stop": int(item.stop.timestamp()),
        "title": content.title,
        "sub_title": content.sub_title,
        "desc": content.desc,
        "genre": content.genre,
        "age": content.age,
        "asset": content.asset,
        "live": content.live,
        "relay": content.relay,
        "showing": content.showing,
        "series": content.series,
        "number": content.number,
        "kind": item.kind,
        "slack": int(item.slack.total_seconds()),
        "origin": item.origin,
        "block": item.block,
        "locked": item.locked,
    }


def day_shown(view: DayView) -> dict[str, Any]:
    """A day with its findings; `stamp` is what a later save says it has seen."""
    day = view.day
    return {
        "day": day.day.isoformat(),
        "state": day.state,
        "revision": day.revision,
        "stamp": stamp(day),
        "by": day.by,
        "signed": list(day.signed),
        "reason": day.reason,
        "valid": view.approved.revision if view.approved else 0,
        "items": [shown(one) for one in day.items],
        "findings": [finding(one) for one in view.findings],
        "undo": view.undo,
        "redo": view.redo,
    }


def finding(one: Finding) -> dict[str, Any]:
    """A finding for the script."""
    return {
        "code": one.code,
        "severity": one.severity,
        "items": list(one.items),
        "start": int(one.start.timestamp()),
        "words": one.words_zh,
        "remedies": [{"name": remedy.name, "words": remedy.words_zh} for remedy in one.remedies],
    }


def stamp(day: Day) -> str:
    """Which version of a day this is."""
    return f"{day.revision}.{int(day.at.timestamp() * 1000)}"


def read_items(text: str, known: Mapping[str, Item]) -> tuple[Item, ...]:
    """Items as the script sends them; what it does not know of one that is there stays. Raises BadValue(plan_item)."""
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise BadValue("plan_item", "节目数据读不懂") from error
    if not isinstance(rows, list):
        raise BadValue("plan_item", "节目数据读不懂")
    if len(rows) > MOST_ITEMS:
        raise BadValue("plan_items", f"一天最多 {MOST_ITEMS} 个节目")
    return tuple(_item(row, known) for row in rows)


def _item(row: object, known: Mapping[str, Item]) -> Item:
    if not isinstance(row, dict) or not isinstance(row.get("uid"), str) or not _UID.fullmatch(row["uid"]):
        raise BadValue("plan_item", "节目数据读不懂")
    old = known.get(row["uid"])
    start, stop = instant(row.get("start")), instant(row.get("stop"))
    if not start < stop <= start + DAY:
        raise BadValue("plan_item", "节目要在开始以后 24 小时内结束")
    content = _content(row, old.content if old else Content("节目"))
    kind = _KINDS.get(str(row.get("kind")), "flow")
    slack = timedelta(seconds=_whole(row.get("slack"), 0, 3600))
    if old is None:
        return Item(row["uid"], start, stop, content, kind, slack)
    origin = old.origin if (start, stop, content) == (old.start, old.stop, old.content) else _touched(old)
    return evolve(old, start=start, stop=stop, content=content, kind=kind, slack=slack, origin=origin)


def _touched(old: Item) -> Any:
    """A filler that an editor changed is his own item now."""
    return "hand" if old.origin == "filler" else old.origin


def _content(row: Mapping[str, Any], old: Content) -> Content:
    texts = {name: _text(row.get(name, getattr(old, name)), most) for name, most in _LIMITS.items()}
    if not texts["title"]:
        raise BadValue("plan_item", "节目要有名称")
    asset = row.get("asset", old.asset)
    plain: Any = texts
    if asset != old.asset:
        plain |= {"begin_s": 0, "rest_of": ""}
    return evolve(
        old,
        **plain,
        age=_whole(row.get("age"), 0, 18),
        asset=_whole(asset, 1, 10**9) if asset is not None else None,
        live=row.get("live") is True,
        showing=_SHOWINGS.get(str(row.get("showing")), old.showing),
        number=_whole(row.get("number"), 0, 10_000),
    )


def _text(value: object, most: int) -> str:
    if not isinstance(value, str):
        raise BadValue("plan_item", "节目数据读不懂")
    return "".join(one for one in value.strip() if one.isprintable() or one == "\n")[:most]


def _whole(value: object, low: int, high: int) -> int:
    if value is None:
        return low
    if type(value) is not int or not low <= value <= high:
        raise BadValue("plan_item", f"要在 {low} 到 {high} 之间")
    return value


def instant(value: object) -> datetime:
    """An instant of epoch seconds. Raises BadValue(plan_item)."""
    return datetime.fromtimestamp(_whole(value, 0, 2**35), UTC)
