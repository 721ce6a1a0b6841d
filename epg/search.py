"""Search with few keys: by words, by pinyin initials (nhxw finds 南湖新闻), and by initials on a remote (6499)."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, Generic, TypeVar
from unicodedata import normalize

from attrs import field, frozen

T = TypeVar("T")
LONGEST: Final = 40
_DIGITS: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_WORD: Final = re.compile(r"[\W_]+")


@frozen
class Keys:
    """What a title is found by: its letters, its initials, and those as digits of a remote's keypad."""

    text: str
    initials: str
    digits: str


@lru_cache(maxsize=65_536)
def keys(title: str) -> Keys:
    """The keys of a title; letters and digits in it stand for themselves."""
    text = folded(title)
    initials = "".join(_initials(text))
    return Keys(text, initials, initials.translate(_DIGITS))


def _initials(text: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin  # its dictionaries take 0.3 s, which a start does without

    return [folded(part) for part in lazy_pinyin(text, style=Style.FIRST_LETTER, errors="default")]


def folded(text: str) -> str:
    """Without case, width, spaces and punctuation."""
    return _WORD.sub("", normalize("NFKC", text)).casefold()


@frozen
class Index(Generic[T]):
    """Things by their titles, in the order in which equally good ones are shown."""

    rows: tuple[tuple[Keys, T], ...] = field(repr=False)

    def find(self, query: str, limit: int = 20) -> tuple[T, ...]:
        """The best first: beginning with the query, then holding it; digits are tried as keypad initials too."""
        wanted = folded(query[:LONGEST])
        if not wanted:
            return ()
        ranked = (
            (rank, at, thing) for at, (one, thing) in enumerate(self.rows) if (rank := _rank(one, wanted)) is not None
        )
        return tuple(thing for _, _, thing in sorted(ranked, key=lambda row: row[:2])[:limit])


def index(things: Iterable[tuple[str, T]]) -> Index[T]:
    """An index of things by title."""
    return Index(tuple((keys(title), thing) for title, thing in things))


def _rank(one: Keys, wanted: str) -> int | None:
    where: Sequence[str] = (one.text, one.initials, one.digits if wanted.isdigit() else "")
    if any(wanted == text for text in where):
        return 0
    if any(text.startswith(wanted) for text in where):
        return 1
    return 2 if any(wanted in text for text in where) else None
