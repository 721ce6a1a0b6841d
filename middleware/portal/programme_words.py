"""What a guide tells of a programme besides its text, in the viewer's words: episode, rating, kind, people."""

import re
from typing import Final

from epg.model import Programme

_NS: Final = re.compile(r"(\d{1,4})?(?:/(\d{1,4}))?")
_CATEGORIES: Final = 2
_PEOPLE: Final = {"director": "导演", "presenter": "主持"}


def about(programme: Programme) -> tuple[str, ...]:
    """Short words, the most telling first."""
    rating = f"分级 {programme.rating}" if programme.rating else ""
    date = f"{programme.date[:4]} 年" if re.match(r"\d{4}", programme.date) else ""
    people = tuple(f"{_PEOPLE[one.part]} {one.name}" for one in programme.credits if one.part in _PEOPLE)
    words = (episode(programme), *programme.categories[:_CATEGORIES], rating, date, *people)
    return tuple(one for one in words if one)


def episode(programme: Programme) -> str:
    """第 2 季 第 13 集（共 60 集） from its number (xmltv_ns, which counts from 0), else as the guide shows it."""
    season, _, rest = programme.episode.partition(".")
    found = _NS.fullmatch(rest.partition(".")[0])
    if not found or not found[1]:
        return programme.onscreen
    which, of = _NS.fullmatch(season), f"（共 {found[2]} 集）" if found[2] else ""
    before = f"第 {int(which[1]) + 1} 季 " if which and which[1] and which[1] != "0" else ""
    return f"{before}第 {int(found[1]) + 1} 集{of}"
