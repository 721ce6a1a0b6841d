"""One `<programme>` or `<channel>` element as a value, in one pass over its children."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from sys import intern
from typing import Any, Final

from attrs import define, frozen
from lxml.etree import _Element

from epg.model import CREDITS, LONGEST, MARKS, OPEN_FOR, Channel, Name
from epg.report import CELL, Finding, Held, Ledger, Refused
from epg.settling import Row
from epg.times import TimeReader

EPISODE: Final = re.compile(r"(\d+(?:/\d+)?)?\.(\d+(?:/\d+)?)?\.(\d+(?:/\d+)?)?")
CLUMP: Final = re.compile(r"\d{1,2}/\d{1,2}")
ADDRESS: Final = re.compile(r"https?://[^\s\"'<>]{1,1000}")
_BLANKS = re.compile("[ \t\n\r\u2028\u2029]+")
MOST_VALUES: Final = 50
_SHORT: Final = 24
"""Titles, categories and numbers come again and again and are kept once; synopses do not."""
ID_MOST: Final = 200
LANG_MOST: Final = 20
ATTRIBUTES: Final = frozenset({"start", "stop", "channel", "clumpidx"})


@frozen
class Bad:
    """A row that was quarantined; the ledger has its finding."""

    line: int


def one_line(raw: str) -> str:
    """A text without blanks around it, on one line."""
    text = raw.strip()
    return text if text.isprintable() else _BLANKS.sub(" ", text)


def many_lines(raw: str) -> str:
    """A text with its lines, as a synopsis has them, each without blanks around it."""
    if "\n" not in raw:
        return one_line(raw)
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in raw.strip().split("\n"))


def dated(text: str) -> bool:
    """Whether a text can be the date of a production, a prefix of YYYYMMDDhhmmss from the year on."""
    return text.isascii() and text.isdecimal() and 4 <= len(text) <= 14


@define
class _Draft:
    """What the children of one element told so far."""

    channel: str
    start: str
    line: int
    values: dict[str, Any]
    ledger: Ledger
    longest: int

    def text(self, element: _Element) -> str:
        """The text of an element on one line; a text beyond the limit refuses the file."""
        text = one_line(element.text or "")
        if len(text) < _SHORT:
            return intern(text)
        if len(text) > self.longest:
            raise Refused("text", self.line, 1)
        return text

    def lines(self, element: _Element) -> str:
        """The text of an element with its lines, those of a synopsis."""
        return many_lines(element.text or "") if self.text(element) else ""

    def note(self, code: str, raw: str) -> None:
        self.ledger.note(Finding(code, "dropped", self.line, self.channel, self.start, raw))

    def append(self, name: str, value: Any) -> None:
        kept = self.values.get(name, ())
        if len(kept) >= MOST_VALUES:
            self.ledger.leave_out(f"{name} beyond {MOST_VALUES}")
        elif value not in kept:
            self.values[name] = (*kept, value)


@define
class RowReader:
    """Reads the programmes of one feed."""

    times: TimeReader
    ledger: Ledger
    longest: int

    def row(self, element: _Element) -> Row | Bad:
        """The row with its programme, or Bad when its times, its channel or its title cannot be used."""
        get = element.get
        start, stop = intern(get("start") or ""), intern(get("stop") or "")
        channel_id = intern((get("channel") or "").strip()[:ID_MOST])
        line = _line(element, self.ledger)
        draft = _Draft(channel_id, start, line, {}, self.ledger, self.longest)
        times = self._interval(draft, start, stop)
        _children(draft, element)
        if times is None or not self._usable(draft):
            self._hold(draft, stop, times)
            return Bad(line)
        if clump := get("clumpidx"):
            _clump(draft, clump)
        self._count_others(element)
        values = draft.values
        values["lang"] = values.pop("title.lang", "")
        values.pop("sub_title.lang", None)
        values.pop("desc.lang", None)
        first, last, is_open = times
        title, clump = values.pop("title"), values.pop("clump", "")
        sub_title, desc = values.pop("sub_title", ""), values.pop("desc", "")
        when = first.timestamp(), is_open, last.timestamp()
        return Row(*when, clump, title, sub_title, desc, line, start, stop, channel_id, **values)

    def _interval(self, draft: _Draft, start: str, stop: str) -> tuple[datetime, datetime, bool] | None:
        try:
            first, assumed = self.times.read(start)
            last, also = self.times.read(stop) if stop else (first + OPEN_FOR, False)
            fits = first < last <= first + LONGEST
        except (ValueError, OverflowError):  # the last day of the year 9999 has none after it
            fits = False
        if not fits:
            raw = f"start={start!r} stop={stop!r}"
            self.ledger.note(Finding("time", "quarantined", draft.line, draft.channel, start, raw))
            return None
        if assumed or also:
            self.ledger.note(Finding("zone", "assumed", draft.line, draft.channel, start, stop))
        return first, last, not stop

    def _hold(self, draft: _Draft, stop: str, times: tuple[datetime, datetime, bool] | None) -> None:
        """Keep a row that cannot be used as it stands, for an editor to correct."""
        code = "time" if times is None else "title" if draft.channel else "channel"
        at = times[0].timestamp() if times else self._instant(draft.start)
        until = times[1].timestamp() if times else self._instant(stop)
        values = {name: value for name, value in draft.values.items() if not name.endswith(".lang")}
        values["lang"] = draft.values.get("title.lang", "")
        place = draft.line, draft.channel, draft.start[:CELL], stop[:CELL]
        self.ledger.hold(Held(code, *place, at, until, values))

    def _instant(self, told: str) -> float | None:
        try:
            return self.times.read(told)[0].timestamp()
        except (ValueError, OverflowError):
            return None

    def _usable(self, draft: _Draft) -> bool:
        for code, value in (("channel", draft.channel), ("title", draft.values.get("title"))):
            if not value:
                raw = str(draft.values.get("title", "")) if code == "channel" else ""
                self.ledger.note(Finding(code, "quarantined", draft.line, draft.channel, draft.start, raw))
                return False
        return True

    def _count_others(self, element: _Element) -> None:
        for name in element.keys():  # noqa: SIM118 lxml's elements iterate over children
            if name not in ATTRIBUTES:
                self.ledger.leave_out(f"programme@{name!s}")


def _line(element: _Element, ledger: Ledger) -> int:
    line: Any = element.sourceline
    return int(line or 0) + ledger.skipped


def channel(element: _Element, ledger: Ledger) -> Channel | None:
    """A channel with its names; a name of digits only is its number, as grabbers write it."""
    xmltv_id = (element.get("id") or "").strip()[:ID_MOST]
    line = _line(element, ledger)
    draft = _Draft(xmltv_id, "", line, {}, ledger, 1000)
    if not xmltv_id:
        ledger.note(Finding("channel", "dropped", line, raw="<channel> without id"))
        return None
    names, number, icon = [], None, ""
    for child in element:
        text = draft.text(child)
        if child.tag == "display-name" and text.isdecimal() and text.isascii() and number is None:
            number = int(text[:9])
        elif child.tag == "display-name" and text:
            names.append(Name(text, (child.get("lang") or "")[:LANG_MOST]))
        elif child.tag == "icon" and not icon and ADDRESS.fullmatch(child.get("src") or ""):
            icon = child.get("src") or ""
        else:
            ledger.leave_out(f"channel/{child.tag!s}")
    return Channel(xmltv_id, tuple(names), number, icon)


def _children(draft: _Draft, element: _Element) -> None:
    for child in element:
        take = _TAKE.get(child.tag)
        if take is None:
            draft.ledger.leave_out(str(child.tag))
        else:
            take(draft, child)


def _clump(draft: _Draft, told: str) -> None:
    if CLUMP.fullmatch(told):
        draft.values["clump"] = told
    else:
        draft.ledger.leave_out("programme@clumpidx")


def _said(name: str, read: Callable[[_Draft, _Element], str] = _Draft.text) -> "_Take":
    """Take a text of which one language is kept: Chinese, else the first."""

    lang_of = f"{name}.lang"

    def take(draft: _Draft, child: _Element) -> None:
        text, lang, values = read(draft, child), (child.get("lang") or "")[:LANG_MOST], draft.values
        kept = values.get(lang_of)
        if not text:
            if name != "title":
                draft.note("empty", str(child.tag))
        elif kept is None or (lang.startswith("zh") and not kept.startswith("zh")):
            values[name], values[lang_of] = text, lang
        if text and kept is not None:
            draft.ledger.leave_out(f"{name} in another language")

    return take


def _listed(name: str) -> "_Take":
    def take(draft: _Draft, child: _Element) -> None:
        text = draft.text(child)
        if text:
            draft.append(name, text)
        else:
            draft.note("empty", str(child.tag))

    return take


def _credits(draft: _Draft, child: _Element) -> None:
    for person in child:
        if person.tag in CREDITS and (name := draft.text(person)):
            draft.append("credits", (person.tag, name))
        else:
            draft.ledger.leave_out(f"credits/{person.tag}")
    if "credits" in draft.values:
        draft.values["credits"] = tuple(sorted(draft.values["credits"], key=lambda one: CREDITS.index(one[0])))


def _date(draft: _Draft, child: _Element) -> None:
    text = draft.text(child)
    if dated(text):
        draft.values["date"] = text
    else:
        draft.ledger.leave_out("date")


def _icon(draft: _Draft, child: _Element) -> None:
    address = child.get("src") or ""
    if "icon" not in draft.values and ADDRESS.fullmatch(address):
        draft.values["icon"] = address
    else:
        draft.ledger.leave_out("icon")


def _episode(draft: _Draft, child: _Element) -> None:
    system, text = child.get("system") or "onscreen", draft.text(child)
    if system == "onscreen" and text:
        draft.values.setdefault("onscreen", text)
    elif system == "xmltv_ns":
        number = intern(text.replace(" ", ""))
        if EPISODE.fullmatch(number) and len(number) > 2:
            draft.values.setdefault("episode", number)
        else:
            draft.note("episode", text)
    else:
        draft.ledger.leave_out(f"episode-num {system}")


def _rating(draft: _Draft, child: _Element) -> None:
    value = ""
    for part in child:
        value = draft.text(part) if part.tag == "value" else value
    if value and "rating" not in draft.values:
        draft.values["rating"] = value
        draft.values["rating_system"] = (child.get("system") or "")[:ID_MOST]
    else:
        draft.ledger.leave_out("rating")


def _mark(draft: _Draft, child: _Element) -> None:
    draft.append("marks", child.tag)
    draft.values["marks"] = tuple(sorted(draft.values["marks"], key=MARKS.index))
    if child.keys() or draft.text(child):
        draft.ledger.leave_out(f"words of {child.tag}")


_Take = Callable[[_Draft, _Element], None]
_TAKE: Final[Mapping[str, _Take]] = {
    "title": _said("title"),
    "sub-title": _said("sub_title"),
    "desc": _said("desc", _Draft.lines),
    "credits": _credits,
    "date": _date,
    "category": _listed("categories"),
    "keyword": _listed("keywords"),
    "icon": _icon,
    "episode-num": _episode,
    "rating": _rating,
    **dict.fromkeys(MARKS, _mark),
}
