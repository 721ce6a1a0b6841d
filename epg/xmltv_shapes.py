"""Rows of the usual form read without a parser: those that have the same tags in the same places are one shape.

A shape is understood once, as a plan of where its texts go. A row is read by its plan only if nothing at all is unusual
about it: no `<` and no reference but the five of XML in its texts, and every value one that `xmltv_rows` keeps without
a finding. All else is left to the parser, so that both ways give the same rows and the same report.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from sys import intern
from typing import Any, Final

from attrs import define, field, frozen

from epg.model import CREDITS, LONGEST, MARKS, OPEN_FOR
from epg.report import Finding, Ledger
from epg.settling import Row
from epg.times import TimeReader
from epg.xmltv_rows import (
    ADDRESS,
    ATTRIBUTES,
    CLUMP,
    EPISODE,
    ID_MOST,
    LANG_MOST,
    MOST_VALUES,
    dated,
    many_lines,
    one_line,
)

_FIVE: Final = re.compile(r"&(?:amp|lt|gt|quot|apos);")
_ICON: Final = re.compile(r'<icon src="([^"<>&\s]*)" ?/>')
_NO_ICON: Final = '<icon src=""/>'
"""What stands in a shape for every picture: of these each row has its own."""
_BEGIN: Final = re.compile(r"[ \n\t]*<programme +")
_NAMED: Final = re.compile(r"[ \n\t]*([a-z][-a-z0-9]*)=")
_TAG: Final = re.compile(
    r"[ \n\t]*<(?:/([a-zA-Z][-a-zA-Z0-9]*)|"
    r'([a-zA-Z][-a-zA-Z0-9]*)((?: +[a-zA-Z][-a-zA-Z0-9]*="[^"<&\t\n\r]*")*) *(/?))>'
)
_ATTRIBUTE: Final = re.compile(r'([a-zA-Z][-a-zA-Z0-9]*)="([^"]*)"')
_MOST_SHAPES: Final = 1000
_LONGEST_SHAPE: Final = 4000
_MOST_KEPT: Final = 8000
_KEPT_LENGTH: Final = 60
"""What is shorter comes again and again, so that what became of it is kept."""
_OPEN_S, _LONGEST_S = OPEN_FOR.total_seconds(), LONGEST.total_seconds()
_FIRST, _LAST = -62_000_000_000.0, 253_000_000_000.0
"""Instants of the years 5 to 9987: with those at the ends of time the parser's reader deals."""
_SLOTS: Final = {name: at for at, name in enumerate(Row._fields)}
_LINE, _CHANNEL = _SLOTS["line"], _SLOTS["channel"]
_NOTHING: Final = (0.0, False, 0.0, "", "", "", "", 0, "", "", "", "", (), (), (), "", "", "", "", "", "", ())
_AS_ROW: Final[Callable[[type[Row], Sequence[Any]], Row]] = tuple.__new__


class _Odd(Exception):
    """Something that a plan does not cover."""


class _Kept(dict[Any, Any]):
    """What became of values that come again and again; `made` raises _Odd for those that are left to the parser."""

    def __init__(self, made: Callable[[Any], Any], length: Callable[[Any], int] = len) -> None:
        super().__init__()
        self.made = made
        self.length = length

    def __missing__(self, raw: Any) -> Any:
        value = self.made(raw)
        if self.length(raw) < _KEPT_LENGTH:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[raw] = value
        return value


@frozen
class _Plan:
    """Where a shape has what: attributes by their place between quotes, texts by their place between tags."""

    openings: int
    start: int
    stop: int
    channel: int
    clump: int
    icon: int
    base: tuple[Any, ...]
    takes: tuple[tuple[int, int, Callable[[str], Any]], ...]
    lists: tuple[tuple[int, tuple[int, ...]], ...]
    parts: tuple[str, ...]
    credits: tuple[int, ...]
    others: tuple[int, ...]
    left_out: tuple[str, ...]


@define
class Shapes:
    """Reads rows of shapes that came before; `longest` is the most characters of a row."""

    times: TimeReader
    ledger: Ledger
    longest: int
    _plans: dict[Any, _Plan | bool] = field(factory=dict, init=False)
    _instants: _Kept = field(init=False)
    _channels: _Kept = field(init=False)
    _lists: _Kept = field(init=False)
    _credits: _Kept = field(init=False)
    _reads: Mapping[str, Callable[[str], Any]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Nothing is known yet."""
        self._instants, self._channels = _Kept(self._instant), _Kept(_channel)
        self._lists = _Kept(_listed, lambda raws: sum(map(len, raws)))
        self._credits = _Kept(_people, lambda told: sum(map(len, told[1])))
        kept = {"title": _text, "sub_title": _text, "onscreen": _text, "rating": _text}
        kept |= {"date": _date, "episode": _episode}
        self._reads = {name: _Kept(read).__getitem__ for name, read in kept.items()} | {"desc": _synopsis}

    def row(self, text: str, line: int) -> Row | None:
        """The row of a text that ends before `</programme>` and begins in that line; None when a parser must see it."""
        if len(text) > self.longest or "\r" in text:
            return None
        if "&" in text and text.count("&") != len(_FIVE.findall(text)):
            return None
        icons: list[str] = []
        if "<icon " in text:
            icons, text = _ICON.findall(text), _ICON.sub(_NO_ICON, text)
        opening, _, rest = text.partition(">")
        quoted, segments = opening.split('"'), rest.split("</")
        heads, _, texts = zip(*[one.rpartition(">") for one in segments], strict=True)
        plan = self._plan((tuple(quoted[::2]), heads))
        if plan is None or text.count("<") != plan.openings or len(quoted) % 2 == 0:
            return None
        try:
            return self._read(plan, quoted, texts, icons, line + opening.count("\n"))
        except _Odd:
            return None

    def _read(
        self, plan: _Plan, quoted: Sequence[str], texts: Sequence[str], icons: Sequence[str], line: int
    ) -> Row | None:
        values, told = [*plan.base], quoted[plan.start]
        first, assumed = self._instants[told]
        last, also, told_stop = first + _OPEN_S, False, ""
        if plan.stop:
            told_stop = quoted[plan.stop]
            last, also = self._instants[told_stop]
        if not first < last <= first + _LONGEST_S:
            return None
        channel = self._channels[quoted[plan.channel]]
        values[:3] = first, not plan.stop, last
        values[_LINE : _CHANNEL + 1] = line, told, told_stop, channel
        for slot, at, read in plan.takes:
            values[slot] = read(texts[at])
        if plan.lists:
            for slot, places in plan.lists:
                values[slot] = self._lists[tuple([texts[at] for at in places])]
        if plan.parts:
            values[_SLOTS["credits"]] = self._credits[plan.parts, tuple([texts[at] for at in plan.credits])]
        if plan.clump:
            values[_SLOTS["clump"]] = _clump(quoted[plan.clump])
        for at in plan.others:
            _text(texts[at])
        if plan.icon >= 0:
            values[_SLOTS["icon"]] = _address(icons[plan.icon])
        if assumed or also:
            self.ledger.note(Finding("zone", "assumed", line, channel, told, told_stop))
        for kind in plan.left_out:
            self.ledger.leave_out(kind)
        return _AS_ROW(Row, values)

    def _plan(self, shape: tuple[tuple[str, ...], tuple[str, ...]]) -> _Plan | None:
        """The plan of a shape, made when it comes for the second time: what comes once is not worth it."""
        found = self._plans.get(shape)
        if isinstance(found, _Plan):
            return found
        if found is None and sum(map(len, shape[0])) + sum(map(len, shape[1])) < _LONGEST_SHAPE:
            if len(self._plans) >= _MOST_SHAPES:
                self._plans.clear()
            self._plans[shape] = True
        elif found:
            plan = self._learnt(*shape)
            self._plans[shape] = plan or False
            return plan
        return None

    def _learnt(self, between: tuple[str, ...], heads: tuple[str, ...]) -> _Plan | None:
        try:
            return _planned(_attributes(between), _tree(heads), self._reads)
        except _Odd:
            return None

    def _instant(self, raw: str) -> tuple[float, bool]:
        if not raw.isprintable() or "&" in raw:
            raise _Odd
        try:
            at, assumed = self.times.read(raw)
        except (ValueError, OverflowError) as error:
            raise _Odd from error
        if not _FIRST < at.timestamp() < _LAST:
            raise _Odd
        return at.timestamp(), assumed


# --- values ---


def _text(raw: str) -> str:
    """A text on one line that is not empty."""
    text = one_line(_plain(raw))
    if not text:
        raise _Odd
    return text


def _synopsis(raw: str) -> str:
    text = many_lines(_plain(raw))
    if not text:
        raise _Odd
    return text


def _plain(raw: str) -> str:
    if "&" not in raw:
        return raw
    for told, meant in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        raw = raw.replace(told, meant)
    return raw


def _date(raw: str) -> str:
    text = _text(raw)
    if not dated(text):
        raise _Odd
    return text


def _episode(raw: str) -> str:
    number = _text(raw).replace(" ", "")
    if not EPISODE.fullmatch(number) or len(number) <= 2:
        raise _Odd
    return number


def _channel(raw: str) -> str:
    name = raw.strip()[:ID_MOST]
    if not name or not raw.isprintable() or "&" in raw:
        raise _Odd
    return intern(name)


def _clump(raw: str) -> str:
    if not CLUMP.fullmatch(raw):
        raise _Odd
    return raw


def _address(raw: str) -> str:
    if not ADDRESS.fullmatch(raw):
        raise _Odd
    return raw


def _listed(raws: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_few([intern(_text(raw)) for raw in raws]))


def _people(told: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    parts, names = told
    some = _few([(part, intern(_text(name))) for part, name in zip(parts, names, strict=True)])
    return tuple(sorted(some, key=lambda one: CREDITS.index(one[0])))


def _few(values: list[Any]) -> list[Any]:
    """Each value once; as many as a row may have."""
    if len(values) > MOST_VALUES:
        raise _Odd
    return list(dict.fromkeys(values))


# --- shapes ---


@define
class _Node:
    """An element of a shape; `at` is the place of its text between tags."""

    tag: str
    attributes: dict[str, str]
    children: list["_Node"] = field(factory=list)
    at: int | None = None
    number: int = 0

    @property
    def text_at(self) -> int:
        """The place of the text of an element that has nothing but text."""
        if self.children or self.at is None:
            raise _Odd
        return self.at


def _attributes(between: tuple[str, ...]) -> dict[str, int]:
    """Names of the attributes of `<programme>` with their place among what quotes part."""
    begin = _BEGIN.match(between[0])
    if begin is None or between[-1].strip(" \n\t") or len(between) < 3:
        raise _Odd
    told = [between[0][begin.end() :], *between[1:-1]]
    names = [_NAMED.fullmatch(one) for one in told]
    found = {name[1]: 2 * at + 1 for at, name in enumerate(names) if name}
    blanks = all(one[:1] in " \n\t" for one in told[1:])
    if len(found) < len(told) or not blanks or not {"start", "channel"} <= found.keys():
        raise _Odd
    return found


def _tree(heads: tuple[str, ...]) -> _Node:
    """The elements of a shape, whose tags must be in order."""
    root = _Node("programme", {})
    open_ones = [root]
    for at, head in enumerate(heads):
        source = f"</{head}>" if at else f"{head}>"
        for node in _tags(source):
            if isinstance(node, str):
                if len(open_ones) < 2 or open_ones.pop().tag != node:
                    raise _Odd
                continue
            open_ones[-1].children.append(node)
            if not node.number:
                open_ones.append(node)
        if not open_ones[-1].children and open_ones[-1].at is None:
            open_ones[-1].at = at
    if len(open_ones) != 1 or not root.children:
        raise _Odd
    return root


def _tags(source: str) -> "Iterator[_Node | str]":
    """Opened elements, and the names of closed ones; `number` is 1 for one without content."""
    end = 0
    while end < len(source):
        found = _TAG.match(source, end)
        if found is None:
            raise _Odd
        end = found.end()
        closed, opened, attributes, alone = found.groups()
        pairs = _ATTRIBUTE.findall(attributes or "")
        if len(dict(pairs)) < len(pairs):
            raise _Odd
        yield closed or _Node(opened, dict(pairs), number=int(bool(alone)))


@define
class _Planning:
    """A plan that grows element by element, in their order, as `xmltv_rows` takes them."""

    values: dict[str, Any] = field(factory=dict)
    takes: dict[str, int] = field(factory=dict)
    langs: dict[str, str] = field(factory=dict)
    lists: dict[str, list[int]] = field(factory=dict)
    parts: list[tuple[str, int]] = field(factory=list)
    others: list[int] = field(factory=list)
    left_out: list[str] = field(factory=list)
    icon: int = -1
    icons: int = 0

    def said(self, name: str, node: _Node) -> None:
        """Of several languages Chinese, else the first; the other texts must only not be empty."""
        lang, kept = node.attributes.get("lang", "")[:LANG_MOST], self.langs.get(name)
        if kept is None:
            self.takes[name], self.langs[name] = node.text_at, lang
            return
        self.left_out.append(f"{name} in another language")
        self.others.append(node.text_at)
        if lang.startswith("zh") and not kept.startswith("zh"):
            self.others[-1] = self.takes[name]
            self.takes[name], self.langs[name] = node.text_at, lang

    def credits(self, node: _Node) -> None:
        for person in node.children:
            if person.tag in CREDITS:
                self.parts.append((person.tag, person.text_at))
            else:
                self.left_out.append(f"credits/{person.tag}")

    def episode(self, node: _Node) -> None:
        system = node.attributes.get("system") or "onscreen"
        name = {"onscreen": "onscreen", "xmltv_ns": "episode"}.get(system)
        if name is None:
            self.left_out.append(f"episode-num {system}")
        else:
            self.once(name, node)

    def once(self, name: str, node: _Node) -> None:
        if name in self.takes:
            raise _Odd
        self.takes[name] = node.text_at

    def rating(self, node: _Node) -> None:
        values = [one for one in node.children if one.tag == "value"]
        if len(values) != 1:
            raise _Odd
        self.once("rating", values[0])
        self.values["rating_system"] = node.attributes.get("system", "")[:ID_MOST]

    def mark(self, node: _Node) -> None:
        if node.attributes or node.children or node.at is not None:
            raise _Odd
        marks = {*self.values.get("marks", ()), node.tag}
        self.values["marks"] = tuple(sorted(marks, key=MARKS.index))

    def picture(self, node: _Node) -> None:
        if node.attributes != {"src": ""} or node.children or self.icon >= 0:
            raise _Odd
        self.icon = self.icons

    def take(self, node: _Node) -> None:
        tag = node.tag
        if tag in {"title", "sub-title", "desc"}:
            self.said(tag.replace("-", "_"), node)
        elif tag in {"category", "keyword"}:
            self.lists.setdefault({"category": "categories"}.get(tag, "keywords"), []).append(node.text_at)
        elif tag in MARKS:
            self.mark(node)
        elif tag in _OWN:
            _OWN[tag](self, node)
        else:
            self.left_out.append(tag)
        self.icons += _icons(node)


_OWN: Final[Mapping[str, Callable[[_Planning, _Node], None]]] = {
    "credits": _Planning.credits,
    "date": lambda planning, node: planning.once("date", node),
    "episode-num": _Planning.episode,
    "rating": _Planning.rating,
    "icon": _Planning.picture,
}


def _icons(node: _Node) -> int:
    return (node.tag == "icon" and node.attributes == {"src": ""}) + sum(map(_icons, node.children))


def _planned(attributes: Mapping[str, int], root: _Node, reads: Mapping[str, Callable[[str], Any]]) -> _Plan:
    planning = _Planning()
    for node in root.children:
        planning.take(node)
    if "title" not in planning.takes:
        raise _Odd
    values = dict(zip(Row._fields, _NOTHING, strict=True)) | planning.values | {"lang": planning.langs["title"]}
    others = [f"programme@{name}" for name in attributes if name not in ATTRIBUTES]
    return _Plan(
        openings=_openings(root),
        start=attributes["start"],
        stop=attributes.get("stop", 0),
        channel=attributes["channel"],
        clump=attributes.get("clumpidx", 0),
        icon=planning.icon,
        base=tuple(values[name] for name in Row._fields),
        takes=tuple((_SLOTS[name], at, reads[name]) for name, at in planning.takes.items()),
        lists=tuple((_SLOTS[name], tuple(places)) for name, places in planning.lists.items()),
        parts=tuple(part for part, _ in planning.parts),
        credits=tuple(at for _, at in planning.parts),
        others=tuple(planning.others),
        left_out=(*planning.left_out, *others),
    )


def _openings(node: _Node) -> int:
    """How many `<` there are in a row, but for that of `</programme>`."""
    return sum(_openings(one) + (0 if one.number else 1) for one in node.children) + 1
