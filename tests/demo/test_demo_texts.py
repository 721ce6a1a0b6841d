"""Texts, films and people of the demonstration can be drawn, and read like a town's."""

import re
from datetime import UTC, datetime
from importlib.resources import files
from itertools import pairwise

import pytest
from attrs import asdict

from middleware.demo.dates import dated
from middleware.demo.films import films
from middleware.demo.guide import DAYS_AHEAD, DAYS_BACK, channels, programmes
from middleware.demo.population import STRETCHED, town
from middleware.demo.texts import TEXT_COLUMNS, articles
from middleware.domain.articles import SHORT_TITLE, Picture, Table
from middleware.domain.registry import parse_phone
from middleware.services.assets import COLUMNS, check_draft
from vod.ffmpeg_args import WAYS

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
DRAWABLE = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef \x21-\x7e‘’“”…—·×℃\u2460-\u2473]+")
"""CJK, their punctuation, ASCII, and the few signs that every box's font has."""
ALL = articles(NOW, "/demo/pictures/")


def _words(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, dict):
        return [word for one in value.values() for word in _words(one)]
    return [word for one in value for word in _words(one)] if isinstance(value, list | tuple) else []


def test_all_characters_can_be_drawn() -> None:
    told = [*_words([asdict(one) for one in ALL]), *_words([asdict(one) for one in films()])]
    told += _words([asdict(one) for one in programmes(NOW)])
    told += [name for person in town().members for name in (person.name, person.role)]

    assert [word for word in told if not DRAWABLE.fullmatch(word)] == []


def test_no_mark_of_a_date_is_left() -> None:
    assert [word for word in _words([asdict(one) for one in ALL]) if "{" in word or "}" in word] == []
    assert dated("{d-3}至{d+1}", NOW.date()) == "11 月 22 日至11 月 26 日"


@pytest.mark.parametrize("column", TEXT_COLUMNS)
def test_a_column_holds_at_least_six_texts_with_short_titles(column: str) -> None:
    own = [one for one in ALL if one.column == column]

    assert len(own) >= 6
    assert [one.title for one in own if not 1 <= len(one.short_title) <= SHORT_TITLE] == []
    assert [one.title for one in own if one.published_at > NOW or not one.blocks] == []


def test_tables_are_whole_and_their_sums_true() -> None:
    tables = [block for one in ALL for block in one.blocks if isinstance(block, Table)]

    assert [table.head for table in tables if any(len(row) != len(table.head) for row in table.rows)] == []
    for table in (table for table in tables if table.total):
        for column in table.money:
            cells = [float(row[column].replace(",", "") or 0) for row in table.rows]
            assert sum(cells[:-1]) == pytest.approx(cells[-1]), (table.head[column], table.rows[-1])


def test_every_picture_of_a_text_or_film_is_there() -> None:
    drawn = files("middleware.demo") / "pictures"
    wanted = [block.url for one in ALL for block in (*one.blocks, one.portrait) if isinstance(block, Picture)]
    names = [url.removeprefix("/demo/pictures/") for url in wanted]
    names += [f"{name}.jpg" for film in films() for name in (film.poster, *(shot.picture for shot in film.shots))]

    assert [name for name in names if not (drawn / name).is_file()] == []


def test_films_fill_the_four_columns_of_the_shelf() -> None:
    assert sorted(film.column for film in films()) == sorted(COLUMNS * 2)
    assert [check_draft(film.draft).short_title for film in films() if len(film.title) > SHORT_TITLE] == []
    assert {shot.move for film in films() for shot in film.shots} == set(WAYS)
    assert all(55 <= film.seconds <= 75 for film in films())


def test_numbers_are_invented_but_of_the_right_form() -> None:
    phones = [person.phone for person in town().members]

    assert len(set(phones)) == len(phones)
    assert all(parse_phone(phone).startswith(str(STRETCHED)) for phone in phones)


def test_the_guide_has_no_holes() -> None:
    for channel in channels():
        own = [slot for slot in programmes(NOW) if slot.channel == channel.id]
        assert all(one.stop == after.start for one, after in pairwise(own))
        assert (own[-1].stop - own[0].start).days == DAYS_BACK + DAYS_AHEAD + 1
