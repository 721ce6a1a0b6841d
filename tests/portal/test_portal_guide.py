"""The guide on the set behind its pages: search from memory, reminders that pop up once, recordings by a box's link."""

import json
import re
from datetime import timedelta
from functools import partial
from typing import Any

import attrs
import pytest

from epg.model import Programme
from middleware.domain.events import ContentChanged
from middleware.portal.programme_words import about, episode
from middleware.services import asset_library, box_events
from middleware.services.asset_library import Change
from middleware.services.ports import Airing
from middleware.storage.uow import SqlUnitOfWork
from portal_pages.boards.guide import window_start
from portal_pages.boards.guide_cells import cell_id
from portal_pages.dates import ZONE
from tests.portal.core_town import change_channel
from tests.portal.portal_town import NOW, TV, Answer, PortalTown

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def added(town: PortalTown, title: str, start: timedelta, channel: int = 1, **more: Any) -> int:
    """Put a programme of an hour on a channel and return its id."""
    at = NOW + start
    told = Programme(f"u-{title}-{start}", "c", at, at + HOUR, title, **more)

    def write(uow: SqlUnitOfWork) -> int:
        uow.guide.write([Airing(0, town.ids.channels[channel], "test", told)], [], [])
        uow.outbox.add(ContentChanged("programme"))
        return next(row.id for row in uow.guide.between(at, at + MINUTE) if row.programme.title == title)

    return int(town.write(write))


def rows(answer: Answer) -> list[str]:
    """What OK opens, row by row."""
    return re.findall(r",/p/((?:programme|tv|film)-[\w-]+)", answer.body)


# --- search -------------------------------------------------------------------------------------------------------


def test_digits_find_channels_films_and_programmes_of_the_coming_days(portal_town: PortalTown, tv: TV) -> None:
    news = added(portal_town, "南湖新闻", timedelta(hours=30))

    assert rows(tv.page("search-6499")) == [f"programme-{news}-q6499"]
    assert rows(tv.page("search-5764")) == [f"tv-{portal_town.ids.channels[0]}"]
    assert {f"film-{film}" for film in portal_town.ids.films} == {*rows(tv.page("search-4797"))}


def test_back_from_what_a_search_found_leads_to_its_page_and_row(portal_town: PortalTown, tv: TV) -> None:
    found = [added(portal_town, f"南湖新闻 {n}", timedelta(hours=30 + n)) for n in range(8)]
    second = rows(tv.page("search-6499-2"))
    back = re.findall(r'B:"(/p/search[^"]+)"', tv.page(second[1]).body)

    assert second == [f"programme-{one}-q6499p2" for one in found[6:]]
    assert back == [f"/p/search-6499-2?f=programme-{found[7]}"]


def test_repeats_stand_among_the_showings_of_their_programme(portal_town: PortalTown, tv: TV) -> None:
    shown = (("南湖新闻（重播）", 30), ("南湖新闻", 40), ("南湖新闻（重播）", 54))
    found = [added(portal_town, title, timedelta(hours=hours)) for title, hours in shown]

    assert rows(tv.page("search-6499")) == [f"programme-{one}-q6499" for one in found]


def test_a_search_asks_the_database_nothing_until_programmes_change(portal_town: PortalTown, tv: TV) -> None:
    finder = portal_town.portal._finder
    for query in ("6", "64", "649"):
        tv.page(f"search-{query}")
    before = finder.made
    added(portal_town, "南湖新闻", timedelta(hours=30))
    found = [rows(tv.page(f"search-{query}")) for query in ("6499", "649")]

    assert (before, finder.made) == (1, 2)
    assert all(found)


def test_a_film_is_found_by_its_keywords_once_and_not_while_it_is_on_no_shelf(portal_town: PortalTown, tv: TV) -> None:
    film = portal_town.ids.films[0]
    edit = partial(asset_library.edit, now=NOW, actor="editor", asset_id=film)
    portal_town.write(partial(edit, change=Change(keywords=("桥梁", "桥路"))))
    found = rows(tv.page("search-75"))
    portal_town.write(partial(edit, change=Change(window=(NOW + HOUR, None))))
    hidden = rows(tv.page("search-75"))

    assert (found, hidden) == ([f"film-{film}"], [])
    assert tv.ask("GET", f"/p/film-{film}").status == 410  # type: ignore[union-attr]


def test_what_is_over_or_further_off_than_a_week_is_not_found(portal_town: PortalTown, tv: TV) -> None:
    added(portal_town, "南湖新闻", timedelta(hours=-9))
    added(portal_town, "南湖新闻联播", timedelta(days=9))

    assert rows(tv.page("search-6499")) == []
    assert "没有找到" in tv.page("search-6499").body


@pytest.mark.parametrize(
    "name", ["search-a", "search-1234567890123", "search-6-0", "search-6-1-1", "search-٦", "programme-1-q6p0"]
)
def test_any_other_query_is_no_page(tv: TV, name: str) -> None:
    assert tv.ask("GET", f"/p/{name}".encode().decode("latin-1")).status in {400, 404}  # type: ignore[union-attr]


# --- reminders ----------------------------------------------------------------------------------------------------


def remind(tv: TV, airing: int, verb: str = "remind") -> Answer:
    return tv.post(f"/p/programme-{airing}-{verb}", {"choice": f"programme-{airing}-q6499"})


def poll(tv: TV, shown: int = 0) -> Answer | None:
    return tv.ask("GET", f"/poll?since=0&p=home&m={shown}")


def event(answer: Answer | None) -> dict[str, Any]:
    assert answer is not None
    found: dict[str, Any] = json.loads(answer.body).get("event", {})
    return found


@pytest.fixture
def soon(portal_town: PortalTown) -> int:
    """南湖新闻, which begins in ten minutes."""
    return added(portal_town, "南湖新闻", 10 * MINUTE)


def test_a_reminder_is_set_shown_and_taken_away_on_the_page(portal_town: PortalTown, tv: TV, soon: int) -> None:
    answer = remind(tv, soon)
    told = tv.follow(answer)
    other = portal_town.tv("01002").page(f"programme-{soon}")
    forgotten = tv.follow(remind(tv, soon, "forget"))

    assert answer.leads == f"/p/programme-{soon}-q6499?f=remind"
    assert "取消提醒" in told.body
    assert "取消提醒" not in other.body
    assert "提醒我" in forgotten.body


def bell(tv: TV, choice: str, marked: str = "") -> Answer:
    window = window_start(NOW + HOUR).astimezone(ZONE)
    return tv.post(f"/p/guide-{window:%Y%m%d-%H%M}-1-bell", {"choice": choice, "marked": marked})


def test_yellow_on_the_guide_sets_a_reminder_once_and_takes_it_away_once(portal_town: PortalTown, tv: TV) -> None:
    added(portal_town, "乡村夜话", 80 * MINUTE)
    cell = cell_id(portal_town.ids.channels[1], NOW + 80 * MINUTE)
    sets = [bell(tv, cell), bell(tv, cell)]
    shown, neighbour = tv.follow(sets[1]), portal_town.tv("01002").follow(sets[1])
    listed = tv.page("reminders").body
    takes = [bell(tv, cell, cell), bell(tv, cell, cell)]
    after = tv.follow(takes[1])

    assert f'name="marked" value="{cell}"' in shown.body
    assert 'name="marked" value=""' in neighbour.body
    assert "乡村夜话" in listed
    assert 'name="marked" value=""' in after.body
    assert "还没有提醒" in tv.page("reminders").body


def test_the_guide_marks_at_once_what_is_set_on_the_page_of_a_programme(tv: TV, soon: int) -> None:
    window = f"guide-{window_start(NOW + HOUR).astimezone(ZONE):%Y%m%d-%H%M}-1"
    before = tv.page(window).body
    remind(tv, soon)

    assert 'name="marked" value=""' in before
    assert 'name="marked" value=""' not in tv.page(window).body


@pytest.mark.parametrize("choice", ["bell", "c9m1", "../x", "c1m0"])
def test_yellow_on_anything_else_stays_on_the_guide_and_says_why(tv: TV, choice: str) -> None:
    answer = bell(tv, choice)

    assert answer.leads.startswith("/p/guide-")
    assert "已经开播，不用提醒" in tv.follow(answer).body


def test_a_reminder_in_the_list_leads_to_its_programme_and_back_and_goes_away(
    portal_town: PortalTown, tv: TV, soon: int
) -> None:
    remind(tv, soon)
    listed = tv.page("reminders")
    opened = tv.page(f"programme-{soon}-m")
    name = re.findall(r"m\d+s\d{9,}", listed.body)[0]
    gone = tv.follow(tv.post("/p/reminders-off", {"choice": f"x{name}"}))

    assert rows(listed) == [f"programme-{soon}-m"]
    assert "回到提醒" in opened.body
    assert "还没有提醒" in gone.body


def test_a_due_reminder_comes_to_a_held_poll_within_two_seconds_and_once(
    portal_town: PortalTown, tv: TV, soon: int
) -> None:
    remind(tv, soon)
    portal_town.wait(9 * 60 - 10)
    assert poll(tv) is None
    portal_town.wait(12)
    order = event(tv.told())
    assert (order["do"], order["to"]) == ("note", f"/p/tv-{portal_town.ids.channels[1]}")
    assert "南湖新闻" in order["html"]

    shown_again = poll(tv, order["id"])
    heard = tv.post("/heard", {"event": str(order["id"])})
    after = poll(tv)

    assert (shown_again, heard.status, after) == (None, 204, None)


def test_a_reminder_not_answered_is_shown_again_on_the_next_page_and_after_a_restart(
    portal_town: PortalTown, tv: TV, soon: int
) -> None:
    remind(tv, soon)
    portal_town.wait(9 * 60 + 1)
    first, again = event(poll(tv)), event(poll(tv))
    portal_town.portal.stop()
    portal_town.start()
    tv.site = portal_town.site
    restarted = event(poll(tv))
    portal_town.wait(15 * 60)

    assert first["id"] == again["id"] == restarted["id"]
    assert poll(tv) is None


def test_two_reminders_come_one_after_the_other(portal_town: PortalTown, tv: TV, soon: int) -> None:
    other = added(portal_town, "山东新闻", 10 * MINUTE, channel=0)
    for airing in (soon, other):
        remind(tv, airing)
    portal_town.wait(9 * 60 + 1)
    first = event(poll(tv))
    assert poll(tv, first["id"]) is None
    tv_of_the_poll = tv.wire
    TV(tv.site, tv.cookies).post("/heard", {"event": str(first["id"])})
    portal_town.wait(1)
    tv.wire = tv_of_the_poll
    second = event(tv.told())

    assert {first["to"], second["to"]} == {f"/p/tv-{each}" for each in portal_town.ids.channels}


def test_a_message_on_the_screen_comes_before_a_reminder(portal_town: PortalTown, tv: TV, soon: int) -> None:
    remind(tv, soon)
    portal_town.wait(9 * 60 + 1)
    box = portal_town.ids.boxes["01001"]
    portal_town.write(lambda uow: box_events.queue(uow, NOW, "t", f"device:{box}", "send_msg", msg="停水"))
    message = event(poll(tv))
    meanwhile = poll(tv, message["id"])
    tv.post("/heard", {"event": str(message["id"])})

    assert "停水" in message["html"]
    assert meanwhile is None
    assert "南湖新闻" in event(poll(tv))["html"]


def test_polls_with_reminders_to_come_ask_the_database_nothing(portal_town: PortalTown, tv: TV, soon: int) -> None:
    remind(tv, soon)
    poll(tv)
    portal_town.transactions.clear()
    for _ in range(3):
        poll(tv)

    assert portal_town.transactions == []


def test_what_has_begun_cannot_be_noted_and_a_full_box_says_so(portal_town: PortalTown, tv: TV, soon: int) -> None:
    box, channel = portal_town.ids.boxes["01001"], portal_town.ids.channels[0]
    begun = remind(tv, portal_town.ids.airing)

    def fill(uow: SqlUnitOfWork) -> None:
        from middleware.services import reminders

        for n in range(reminders.MOST):
            reminders.put(uow, NOW, box, channel, NOW + (n + 1) * HOUR, title="x")

    portal_town.write(fill)
    full = tv.follow(remind(tv, soon))

    assert begun.leads == f"/p/programme-{portal_town.ids.airing}-q6499"
    assert "提醒太多了" in full.body


@pytest.mark.parametrize("path", ["programme-0-remind", "programme-x-forget", "programme-1-else", "programme-1"])
def test_a_malformed_press_changes_nothing(tv: TV, path: str) -> None:
    assert tv.post(f"/p/{path}", {"choice": "programme-1"}).leads == "/p/error-404"


def test_where_a_press_leads_is_ours_to_say(tv: TV, soon: int) -> None:
    answer = tv.post(f"/p/programme-{soon}-remind", {"choice": "settings"})

    assert answer.leads == f"/p/programme-{soon}?f=remind"


# --- what is told of a programme, and its recording ------------------------------------------------------------------


def test_a_recording_is_played_by_a_link_of_this_box(portal_town: PortalTown, tv: TV) -> None:
    change_channel(portal_town, 0, archive_h=24, archive_url="http://10.1.1.2/{start}-{stop}.m3u8")
    over = portal_town.write(lambda uow: uow.guide.between(NOW - 2 * HOUR, NOW - 2 * HOUR + MINUTE)[0].id)
    page, player = tv.page(f"programme-{over}"), tv.page(f"catchup-{over}")
    link = re.search(r'url:"(/l/[^"]+)"', player.body)

    assert "回看" in page.body
    assert link is not None
    assert tv.get(link[1]).to.startswith("http://10.1.1.2/")


def test_without_an_archive_there_is_no_button_and_no_player(portal_town: PortalTown, tv: TV) -> None:
    over = portal_town.write(lambda uow: uow.guide.between(NOW - 2 * HOUR, NOW - 2 * HOUR + MINUTE)[0].id)

    assert "回看" not in tv.page(f"programme-{over}").body
    assert tv.page(f"catchup-{over}").status == 404


@pytest.mark.parametrize(
    ("number", "onscreen", "words"),
    [
        ("0.12/60.", "", "第 13 集（共 60 集）"),
        ("1.2.", "", "第 2 季 第 3 集"),
        (".4.", "", "第 5 集"),
        ("", "特别节目", "特别节目"),
        ("1..", "", ""),
    ],
)
def test_an_episode_is_told_in_plain_words(number: str, onscreen: str, words: str) -> None:
    told = Programme("u", "c", NOW, NOW + HOUR, "x", episode=number, onscreen=onscreen)

    assert episode(told) == words
    assert about(attrs.evolve(told, rating="12", date="2019")) == (*filter(None, (words,)), "分级 12", "2019 年")


# --- channels -----------------------------------------------------------------------------------------------------


def test_the_number_of_a_channel_leads_to_it_and_an_unknown_one_says_so(portal_town: PortalTown, tv: TV) -> None:
    known, unknown = tv.ask("GET", "/p/tv-n1"), tv.ask("GET", "/p/tv-n77")

    assert known is not None
    assert unknown is not None
    assert known.leads == f"/p/tv-{portal_town.ids.channels[0]}"
    assert unknown.leads == "/p/tv-no77"
    assert "没有 77 频道" in tv.page("tv-no77").body


def test_the_banner_of_a_channel_tells_what_is_on_and_what_comes_next(portal_town: PortalTown, tv: TV) -> None:
    told = re.sub(r"<[^>]*>", "", tv.page(f"tv-{portal_town.ids.channels[1]}").body)

    assert re.search(r"\d\d:00 – \d\d:00 南湖播报", told)
    assert re.search(r"接着 \d\d:00 南湖播报", told)
