"""Which of our channels a feed's channel is: by hand, by id, by DVB triplet, by alias, by normal name (epg.md §10).

Never by a part of a name: CCTV-1 is not CCTV-13, CCTV-5 not CCTV-5+. What is only like one is a suggestion.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, Literal
from unicodedata import normalize

from attrs import field, frozen

Reason = Literal["hand", "id", "triplet", "alias", "name"]
Triplet = tuple[int, int, int]
"""onid, ts_id, service_id."""

_SUFFIX: Final = re.compile(r"(?:频道|高清|超清|标清|超高清|fhd|uhd|hd|sd|4k|8k)+$")
_GENERAL: Final = re.compile(r"综合$")
_NUMBERED: Final = re.compile(r"(cctv|cetv|sdtv)0*([0-9]+)(k|\+)?(.*)")
_BETWEEN: Final = re.compile(r"[\s\-_·・.—~()（）【】\[\]「」]+")
_TRIPLET: Final = re.compile(r"dvb\.([0-9]{1,5})\.([0-9]{1,5})\.([0-9]{1,5})", re.ASCII)
_LIKE: Final = 0.72
_SUGGESTED: Final = 3


@frozen
class Known:
    """One of our channels with all that it may be called."""

    id: int
    xmltv_id: str
    name: str
    aliases: tuple[str, ...] = ()
    triplets: tuple[Triplet, ...] = ()
    """One for each network that carries it."""


@frozen
class Told:
    """A channel as a source tells it."""

    id: str
    names: tuple[str, ...] = ()
    triplet: Triplet | None = None


@frozen
class Match:
    """The channel found and why; without one, those that it might be, the likeliest first.

    `ambiguous` are channels that fit equally well: never taken by themselves.
    """

    channel: int | None = None
    reason: Reason | None = None
    suggestions: tuple[int, ...] = ()
    ambiguous: tuple[int, ...] = field(factory=tuple)


@lru_cache(maxsize=1)
def _simple() -> Callable[[str], str]:
    """Traditional characters as simplified ones."""
    from opencc import OpenCC  # its tables are read when the first name is compared

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


@lru_cache(maxsize=20_000)
def normal(name: str) -> str:
    """A name without case, width, blanks, hyphens and the picture's size; 中央 is CCTV, CCTV-01 is CCTV1."""
    text = _simple()(normalize("NFKC", name)).casefold()
    text = _BETWEEN.sub("", text)
    text = text.replace("中央电视台", "cctv").replace("中央台", "cctv")
    text = re.sub(r"^(?:中央|央视)(?=[0-9一二三四五六七八九十])", "cctv", text)
    text = re.sub(r"^cctv([一二三四五六七八九]|十[一二三四五六七]?)套?", lambda one: f"cctv{_number(one[1])}", text)
    text = _SUFFIX.sub("", text)
    found = _NUMBERED.fullmatch(text)
    if found:  # the number says which it is; words after it say it again
        return f"{found[1]}{found[2]}{found[3] or ''}"
    return _GENERAL.sub("", text) or text


def _number(words: str) -> int:
    digits = "一二三四五六七八九"
    if words.startswith("十"):
        return 10 + (digits.index(words[1]) + 1 if len(words) > 1 else 0)
    return digits.index(words) + 1


@frozen
class Matcher:
    """Our channels ready to be looked up; `by_hand` maps a source's ids to channels, None = never to be matched."""

    by_hand: Mapping[str, int | None]
    ids: Mapping[str, int]
    triplets: Mapping[Triplet, int]
    aliases: Mapping[str, tuple[int, ...]]
    names: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, channels: Sequence[Known], by_hand: Mapping[str, int | None] | None = None) -> "Matcher":
        """A matcher for one source."""
        aliases: dict[str, tuple[int, ...]] = {}
        names: dict[str, tuple[int, ...]] = {}
        for one in channels:
            names[normal(one.name)] = (*names.get(normal(one.name), ()), one.id)
            for alias in dict.fromkeys(map(normal, one.aliases)):
                aliases[alias] = (*aliases.get(alias, ()), one.id)
        ids = {one.xmltv_id: one.id for one in channels}
        return cls(by_hand or {}, ids, _unambiguous(channels), aliases, names)

    def match(self, told: Told) -> Match:
        """The channel that a source means; a hit that fits several is no hit."""
        if told.id in self.by_hand:
            channel = self.by_hand[told.id]
            return Match(channel, "hand") if channel is not None else Match()
        if told.id in self.ids:
            return Match(self.ids[told.id], "id")
        if told.triplet is not None and told.triplet in self.triplets:
            return Match(self.triplets[told.triplet], "triplet")
        keys = list(dict.fromkeys(map(normal, (*told.names, told.id))))
        tables: tuple[tuple[Reason, Mapping[str, tuple[int, ...]]], ...] = (
            ("alias", self.aliases),
            ("name", self.names),
        )
        for reason, table in tables:
            hits = tuple(dict.fromkeys(one for key in keys for one in table.get(key, ())))
            if len(hits) == 1:
                return Match(hits[0], reason)
            if hits:
                return Match(suggestions=hits[:_SUGGESTED], ambiguous=hits)
        return Match(suggestions=self._like(keys))

    def _like(self, keys: Sequence[str]) -> tuple[int, ...]:
        """Channels with a similar name; digits must be the same, else CCTV-1 would be like CCTV-13."""
        scored: dict[int, float] = {}
        for key in keys:
            for table in (self.names, self.aliases):
                for name, channels in table.items():
                    if _digits(name) == _digits(key) and (score := SequenceMatcher(None, key, name).ratio()) >= _LIKE:
                        for one in channels:
                            scored[one] = max(score, scored.get(one, 0.0))
        return tuple(sorted(scored, key=lambda one: (-scored[one], one))[:_SUGGESTED])


def triplet_id(triplet: Triplet) -> str:
    """The id that a service is told under when nothing but its triplet is known."""
    return "dvb.{}.{}.{}".format(*triplet)


def triplet_of(told: str) -> Triplet | None:
    """The triplet in an id that `triplet_id` made; None for all others."""
    found = _TRIPLET.fullmatch(told)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _unambiguous(channels: Sequence[Known]) -> Mapping[Triplet, int]:
    """Triplets that mean one channel; one that two profiles give to two channels means none."""
    found: dict[Triplet, set[int]] = {}
    for one in channels:
        for triplet in one.triplets:
            found.setdefault(triplet, set()).add(one.id)
    return {triplet: min(some) for triplet, some in found.items() if len(some) == 1}


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit() or one == "+")
