"""Every page id answers with a complete page; nothing else is served, and kept pages need no transaction."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware.portal.finding import Finder
from middleware.portal.pages import BoardLines, find, table
from middleware.services import assets, devices
from tests.portal.portal_town import NOW, TV, PortalTown

LIMIT = 12 * 1024
TABLE = table(BoardLines(), Finder())


def page_ids(town: PortalTown) -> list[str]:
    ids = town.ids
    return [
        *("home", "settings", "offline", "error-404", "error-busy", "tv", f"tv-{ids.channels[1]}"),
        *("affairs", "live", "school", "pioneers", "appraise", "affairs-finance", "affairs-notices-2", "school-basics"),
        *(f"article-{ids.articles[0]}", f"article-{ids.articles[0]}-2", f"profile-{ids.profile}"),
        *("today", "today-p2", "today-style", "today-window", "guide", "guide-20261124-1800-1"),
        *("today-channels", f"programme-{ids.airing}"),
        *(f"film-{ids.films[0]}", f"play-{ids.films[0]}", f"play-{ids.films[0]}-0"),
        *(f"rc-{n}{part}" for n in (1, 99) for part in ("", "-number", "-confirm", "-result")),
    ]


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_every_page_is_whole_with_one_focus_and_small(portal_town: PortalTown, mode: str) -> None:
    portal_town.open_rollcall()
    tv = portal_town.tv()
    tv.post("/p/mode", {"choice": mode, "back": "home"})
    faults = []
    for page_id in page_ids(portal_town):
        answer = tv.page(page_id)
        size, marks = len(answer.body.encode()), re.findall(r'class="?f [^">]* on\b', answer.body)
        if answer.status != 200 or len(marks) != 1 or size > LIMIT or "\ue000" in answer.body:
            faults.append((page_id, answer.status, marks, size))

    assert faults == []


def test_what_pages_lead_to_is_there(portal_town: PortalTown) -> None:
    """From home by every address that a page names, at most 400 pages far, nothing answers 404."""
    portal_town.open_rollcall()
    tv = portal_town.tv()
    seen, waiting, broken = {"home"}, ["home"], []
    while waiting and len(seen) < 400:
        page_id = waiting.pop(0)
        answer = tv.page(page_id)
        if answer.status != 200:
            broken.append((page_id, answer.status))
        for found in re.findall(r'[",]/p/([a-z0-9-]+)', answer.body):
            if found not in seen and found != "teach" and not found.endswith("-draft"):
                seen.add(found)
                waiting.append(found)
        portal_town.clock.advance(0.2)

    assert broken == []
    assert {"tv", "school", "guide", "settings", "rc-1", "rc-1-number"} <= seen


@pytest.mark.parametrize(
    "page_id",
    [
        *("", "nothing", "home-1", "article", "article-0", "article-1-0", "article-01", "article-1-2-3", "tv-x"),
        *("rc-1-2", "rc-1-admin", "rc--1", "today-p0", "today-p", "today-px", "guide-20261324-1800-1"),
        *("guide-20261124-1815-1", "guide-20261124-1800-0", "film-1-0", "play-1-1", "affairs-rollcall", "x" * 65),
        *("..%2f..%2fetc%2fpasswd", "article-%E4%B8%80", "rc-99999999999", "guide-20991124-1800-1", "film-9999"),
    ],
)
def test_other_ids_are_a_page_that_says_so(tv: TV, page_id: str) -> None:
    answer = tv.page(page_id)

    assert answer.status == 404
    assert "没有找到这一页" in answer.body


@given(st.text(alphabet="-0123456789abcdefghprtz %/.\x00一", max_size=70))
def test_no_id_makes_the_table_fail(page_id: str) -> None:
    assert find(TABLE, page_id) is None or page_id == page_id.strip()


def test_an_article_of_another_village_is_not_shown(portal_town: PortalTown) -> None:
    secret = f"article-{portal_town.ids.secret}"

    assert portal_town.tv("01001").page(secret).status == 404
    assert portal_town.tv("02001").page(secret).status == 200


def test_a_kept_page_opens_no_transaction(portal_town: PortalTown, tv: TV) -> None:
    other = portal_town.tv("01002")
    pages = ["affairs", f"article-{portal_town.ids.articles[0]}", "home", "tv", "guide", "settings"]
    for page in pages:
        tv.page(page)
        other.page(page)
    portal_town.transactions.clear()
    answers = [each.page(page).status for page in pages for each in (tv, other)]

    assert answers == [200] * 12
    assert portal_town.transactions == []


def test_boxes_of_one_village_share_a_page_and_others_do_not(portal_town: PortalTown, tv: TV) -> None:
    tv.page("affairs")
    portal_town.transactions.clear()
    portal_town.tv("01002").page("affairs-notices")
    drawn = [name for name, _ in portal_town.transactions].count("draw page")
    portal_town.tv("01002").page("affairs")
    portal_town.tv("02001").page("affairs")

    assert drawn == 1
    assert [name for name, _ in portal_town.transactions].count("draw page") == 2


def test_a_withdrawn_film_leaves_the_shelf_at_once(portal_town: PortalTown, tv: TV) -> None:
    film = portal_town.ids.films[2]
    before = tv.page("today-style").body
    portal_town.write(lambda uow: assets.withdraw(uow, NOW, film))
    after = tv.page("today-style").body

    assert (f"film-{film}" in before, f"film-{film}" in after) == (True, False)
    assert tv.page(f"film-{film}").status == 410


def test_what_an_operator_does_to_a_box_shows_on_its_next_page(portal_town: PortalTown, tv: TV) -> None:
    box = portal_town.ids.boxes["01001"]
    assert tv.page("home").status == 200
    portal_town.write(lambda uow: devices.set_state(uow, NOW, "op", box, "blocked"))

    assert tv.page("home").status == 403
    assert tv.ask("GET", "/poll?since=0&p=home") is None, "it waits to be let in again"


def test_focus_asked_for_is_marked_and_nonsense_is_not(portal_town: PortalTown, tv: TV) -> None:
    first = portal_town.ids.articles[1]
    marked = tv.get(f"/p/affairs?f=a{first}").body
    plain = tv.get("/p/affairs?f=%3Cscript%3E").body

    assert re.search(rf'id=a{first} class="f [^"]* on"', marked)
    assert not re.search(rf'id=a{first} class="f [^"]* on"', plain)
    assert "<script>=" not in plain


def test_home_leads_right_to_the_board_used_last_also_after_a_restart(portal_town: PortalTown, tv: TV) -> None:
    tv.page("pioneers")
    portal_town.start()
    again = TV(portal_town.site, tv.cookies)

    assert 'window:"settings,,,pioneers,' in again.page("home").body


def test_full_screen_television_comes_back_to_the_channel_watched_last(portal_town: PortalTown, tv: TV) -> None:
    assert "今日南湖" in tv.page("tv").body
    tv.page(f"tv-{portal_town.ids.channels[1]}")

    assert "山东卫视" in tv.page("tv").body


def test_minutes_left_on_home_are_never_older_than_a_minute(portal_town: PortalTown, tv: TV) -> None:
    portal_town.open_rollcall(30)
    first = tv.page("home").body
    portal_town.wait(120)
    later = tv.page("home").body

    assert "还剩 30 分钟" in first
    assert "还剩 28 分钟" in later


def test_clock_and_date_are_of_the_moment(portal_town: PortalTown, tv: TV) -> None:
    assert ">19:30<" in tv.page("affairs").body
    portal_town.clock.advance(60)
    body = tv.page("affairs").body

    assert ">19:31<" in body
    assert "11月24日 星期二" in body
    assert f'now:"{int((NOW + timedelta(seconds=60)).timestamp())}"' in body


def test_type_size_is_kept_with_the_box_and_the_paragraph_stays(portal_town: PortalTown, tv: TV) -> None:
    article = portal_town.ids.articles[0]
    answer = tv.post("/p/mode", {"choice": "large", "back": f"article-{article}-2", "block": "3"})
    large = tv.follow(answer)
    strange = tv.post("/p/mode", {"choice": "standard", "back": "//evil.test/x", "block": "0"})

    assert answer.to.startswith(f"/p/article-{article}-")
    assert large.status == 200
    assert strange.leads == "/p/home"


def test_too_many_new_pages_from_one_box_are_told_to_wait(portal_town: PortalTown, tv: TV) -> None:
    answers = [tv.get(f"/p/affairs?f=x{n}").status for n in range(80)]

    assert answers[:50] == [200] * 50
    assert answers[-1] == 503


def test_pages_bind_themselves_to_this_server(tv: TV) -> None:
    headers = tv.page("home").headers

    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_without_a_token_nothing_of_a_household_is_shown(portal_town: PortalTown) -> None:
    stranger = TV(portal_town.site)
    forged = TV(portal_town.site, {"box": "1.1764000000." + "0" * 32})

    assert (stranger.page("home").status, forged.page("home").status) == (403, 403)
    assert "不认识这台机顶盒" in stranger.page("home").body
    assert stranger.get("/poll?since=0").status == 401
    assert stranger.post("/p/rc-1-pick", {"choice": "1"}).status == 403


def test_both_home_variants_are_served(portal_town_with: Callable[..., PortalTown]) -> None:
    live = portal_town_with(home="live").tv().page("home").body
    boards = portal_town_with(home="boards").tv().page("home").body

    assert ("id=window" in live, "id=window" in boards) == (True, False)
