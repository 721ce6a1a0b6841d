"""What schedule pages read of addresses and forms: channels, dates, times of a broadcast day, blocks of a template."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from epg.planning import Block, Content, StartKind
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.services import plan_rights
from middleware.services.ports import UnitOfWork

_CLOCK: Final = re.compile(r"([0-9]{1,2})[:：]([0-9]{2})(?:[:：]([0-9]{2}))?")
_ID: Final = re.compile(r"[0-9A-Za-z+.-]{1,40}")
_KINDS: Final[Mapping[str, StartKind]] = {"fixed": "fixed", "grace": "grace", "flow": "flow"}
_MOST_ROWS: Final = 300


def channel_of(uow: UnitOfWork, number: str, who: str) -> Channel:
    """The channel of this number in the store, for one who may look at it. Raises NotFound, Forbidden(no_right)."""
    found = next((one for one in uow.guide.channels() if str(one.id) == number), None)
    if found is None:
        raise NotFound("没有这个频道", "no_channel")
    plan_rights.need(uow, who, found.xmltv_id, "look")
    return found


def date_of(text: str) -> date:
    """A date such as 2026-11-25. Raises BadValue(date)."""
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise BadValue("date", "日期不对") from error
    if not 2020 <= found.year <= 2100:
        raise BadValue("date", "日期不对")
    return found


def seconds_of(text: str, most: int = 30) -> int:
    """Seconds of the day of 08:30, 08:30:15 or 25:00. Raises BadValue(time)."""
    match = _CLOCK.fullmatch(text.strip())
    hour, minute, second = (int(part or 0) for part in match.groups()) if match else (99, 0, 0)
    if hour > most or minute > 59 or second > 59:
        raise BadValue("time", f"时间“{text[:12]}”不对，要写成 08:30，次日凌晨写 25:00")
    return hour * 3600 + minute * 60 + second


def clock_of(seconds: int) -> str:
    """The other way: 08:30, with seconds only where there are any; 25:00 after midnight."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours:02d}:{rest // 60:02d}" + (f":{rest % 60:02d}" if rest % 60 else "")


def whole_in(value: object, low: int, high: int, what: str) -> int:
    """A whole number between two. Raises BadValue(number) that names it."""
    text = str(value if value is not None else "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise BadValue("number", f"{what}要在 {low} 到 {high} 之间")
    return int(text)


def blocks_of(text: str, day_start_s: int) -> tuple[Block, ...]:
    """The rows of a template's table as JSON. Raises BadValue that names the row."""
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise BadValue("template", "时段读不懂") from error
    if not isinstance(rows, list) or len(rows) > _MOST_ROWS or not all(isinstance(row, dict) for row in rows):
        raise BadValue("template", f"时段读不懂，最多 {_MOST_ROWS} 个")
    return tuple(_block(number, row, day_start_s) for number, row in enumerate(rows, 1))


def _block(number: int, row: Mapping[str, Any], day_start_s: int) -> Block:
    try:
        begin = seconds_of(str(row.get("start", "")))
        return Block(
            _id(row),
            begin - day_start_s + (86_400 if begin < day_start_s else 0),
            seconds_of(str(row.get("length", "")), 24),
            _content(row),
            _KINDS.get(str(row.get("kind")), "flow"),
            whole_in(row.get("grace") or 0, 0, 3600, "可晚的秒数"),
            whole_in(row.get("pad") or 0, 0, 60, "补齐的分钟数"),
            row.get("must_carry") is True,
            row.get("locked") is True,
        )
    except BadValue as error:
        raise BadValue("template", f"第 {number} 行：{error.message_zh}") from error


def _id(row: Mapping[str, Any]) -> str:
    found = str(row.get("id", ""))
    if not _ID.fullmatch(found):
        raise BadValue("template", "编号不对")
    return found


def _content(row: Mapping[str, Any]) -> Content:
    title, asset = _text(row, "title", 80), row.get("asset")
    if not title:
        raise BadValue("template", "没有名称")
    return Content(
        title,
        _text(row, "sub_title", 80),
        _text(row, "desc", 600),
        _text(row, "genre", 20),
        age=whole_in(row.get("age") or 0, 0, 18, "年龄"),
        asset=whole_in(asset, 1, 10**9, "片子") if asset else None,
        live=row.get("live") is True,
        series=_text(row, "series", 80),
    )


def _text(row: Mapping[str, Any], name: str, most: int) -> str:
    found = row.get(name, "")
    kept = "".join(one for one in found.strip() if one.isprintable() or one == "\n") if isinstance(found, str) else ""
    return kept[:most]


def block_shown(block: Block, day_start_s: int) -> dict[str, Any]:
    """A block for the script of the table."""
    content = block.content
    return {
        "id": block.id,
        "start": clock_of(block.offset_s + day_start_s),
        "length": clock_of(block.length_s),
        "kind": block.kind,
        "grace": block.grace_s,
        "pad": block.pad_min,
        "must_carry": block.must_carry,
        "locked": block.locked,
        "title": content.title,
        "sub_title": content.sub_title,
        "desc": content.desc,
        "genre": content.genre,
        "age": content.age,
        "asset": content.asset,
        "live": content.live,
        "series": content.series,
    }
