"""Signed links open for a minute, live while they are played, and serve nothing but what they were made for."""

import re
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware import config
from middleware.domain.packages import Grant, Package
from middleware.portal.core.link_tokens import Ticket, issue, read
from middleware.portal.core.links import Link, playable
from middleware.portal.dialects import DialectSettings
from middleware.services import devices, guide, packages
from tests.portal.core_town import account, block, box, change_channel, core_of, done
from tests.portal.portal_town import NOW, TV, Answer, PortalTown

AWAY = "http://10.1.1.1:8000/live/101.m3u8?sid=7"
START, HOUR = int(NOW.timestamp()) - 7200, 3600
ARCHIVE = "http://10.1.1.2/rec/101/{start}-{stop}.m3u8?for={duration}"


@pytest.fixture
def town(portal_town: PortalTown) -> PortalTown:
    """The first channel is a film of ours, the second comes from elsewhere."""
    change_channel(portal_town, 0, url=f"/v/{portal_town.ids.films[0]}-1/master.m3u8")
    change_channel(portal_town, 1, url=AWAY, archive_h=24, archive_url=ARCHIVE)
    return portal_town


def link(town: PortalTown, at: int = 0, home: str = "01001", way: int = 0) -> str:
    """The path of a fresh link to a channel, for the box of a household."""
    made = channel(town, at, home, way)
    assert made.error == ""
    return made.path


def channel(town: PortalTown, at: int = 0, home: str = "01001", way: int = 0) -> Link:
    return done(core_of(town).links.channel(box(town, home), town.ids.channels[at], way))


def film(town: PortalTown, at: int = 0, home: str = "01001") -> str:
    asset = town.write(lambda uow: uow.assets.get(town.ids.films[at]))
    return done(core_of(town).links.film(box(town, home), asset)).path


def archive(town: PortalTown, start: int = START, stop: int = START + HOUR, at: int = 1) -> Link:
    return done(core_of(town).links.archive(box(town), town.ids.channels[at], start, stop))


def ask(town: PortalTown, path: str, **headers: str) -> Answer:
    """A player's request: no cookie, and a range that boxes like to send."""
    return TV(town.site).get(path, **{"Range": "bytes=0-", **headers})


def beside(path: str, name: str) -> str:
    """The address of a file that a list names relatively."""
    return path.partition("?")[0].rsplit("/", 1)[0] + "/" + name


# --- opening ---


def test_a_link_opens_three_times_at_once_and_29_seconds_later_without_cookies(town: PortalTown) -> None:
    path = link(town)

    at_once = [ask(town, path).status for _ in range(3)]
    town.clock.advance(29)

    assert at_once == [200] * 3
    assert ask(town, path).status == 200
    assert re.fullmatch(r"/l/[A-Za-z0-9_-]{66}/ch/[0-9]+/index\.m3u8", path)


def test_a_link_that_was_not_opened_in_a_minute_opens_no_more(town: PortalTown) -> None:
    path = link(town)

    town.clock.advance(61)

    answer = ask(town, path)
    assert (answer.status, answer.headers["content-type"]) == (403, "text/plain; charset=utf-8")


def test_a_link_lives_as_long_as_it_is_played(town: PortalTown) -> None:
    path = link(town)
    statuses = set()
    for _ in range(20):
        statuses.add(ask(town, path).status)
        town.clock.advance(50)

    town.clock.advance(61)

    assert statuses == {200}
    assert ask(town, path).status == 403


def test_a_film_goes_on_after_a_pause_of_an_hour(town: PortalTown) -> None:
    path = film(town)
    assert ask(town, path).status == 200

    town.clock.advance(3600)

    assert ask(town, beside(path, "360.m3u8")).status == 200


# --- what is served ---


def test_all_parts_of_a_film_are_below_its_link(town: PortalTown) -> None:
    path = film(town)

    master = ask(town, path)
    rung = beside(path, next(line for line in master.body.splitlines() if line.startswith("360")))
    media = ask(town, rung)
    segment = next(line for line in media.body.splitlines() if line.endswith(".ts"))
    token = path.split("/")[2]
    first = ask(town, f"/l/{token}/{segment.removeprefix('../../')}")

    assert segment.startswith("../../s/")
    assert master.headers["content-type"] == media.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert "#EXT-X-ENDLIST" in media.body
    assert (first.status, first.headers["content-type"], len(first.body)) == (206, "video/mp2t", 188)


def test_a_channel_of_ours_is_served_below_its_link(town: PortalTown) -> None:
    path = link(town)

    media = ask(town, beside(path, "360.m3u8"))
    segment = next(line for line in media.body.splitlines() if line.endswith(".ts"))

    assert ask(town, path).body.count("#EXT-X-STREAM-INF") == 2
    assert media.status == 200
    assert ask(town, f"/l/{path.split('/')[2]}/{segment.removeprefix('../../')}").status == 206


def test_a_channel_from_elsewhere_is_where_it_is(town: PortalTown) -> None:
    answer = ask(town, link(town, 1))

    assert (answer.status, answer.to) == (302, AWAY)


@pytest.mark.parametrize("url", ["", "igmp://239.76.1.1:5140", "rtsp://10.1.1.1/1", "/live/1.m3u8", "http://[", "x"])
def test_what_no_player_can_open_is_nothing_to_play(town: PortalTown, url: str) -> None:
    change_channel(town, 1, url=url)

    assert channel(town, 1) == Link(error="nothing_to_play")
    assert playable(url) == ""


def test_links_are_tried_by_priority_and_reached_by_their_ids(town: PortalTown) -> None:
    second = town.ids.channels[1]
    spare, best = (
        town.write(lambda uow, url=url, rank=rank: guide.add_link(uow, second, url, rank))
        for url, rank in (("http://spare/1.m3u8", 1), ("http://best/1.m3u8", 9))
    )
    change_channel(town, 1, url="")

    assert ask(town, link(town, 1)).to == "http://best/1.m3u8"
    assert ask(town, link(town, 1, way=spare.id)).to == "http://spare/1.m3u8"
    assert channel(town, 1, way=second).error == "nothing_to_play"
    assert channel(town, 0, way=best.id).error == "nothing_to_play", "a link of another channel"
    assert [done(core_of(town).way(number)).channel.id for number in (second, best.id)] == [second, second]  # type: ignore[union-attr]


def test_a_link_follows_its_channel_when_that_moves(town: PortalTown) -> None:
    path = link(town, 1)
    assert ask(town, path).to == AWAY

    change_channel(town, 1, url="https://new.example/1.m3u8")

    assert ask(town, path).to == "https://new.example/1.m3u8"


# --- archive ---


def test_an_archive_link_says_start_and_duration_and_fills_the_operators_address(town: PortalTown) -> None:
    made = archive(town)

    assert made.path.endswith(f"/{START}-{START + HOUR}/index.m3u8?start=0&duration=3600")
    assert ask(town, made.path).to == f"http://10.1.1.2/rec/101/{START}-{START + HOUR}.m3u8?for=3600"


def test_seeking_in_an_archive_is_by_its_start(town: PortalTown) -> None:
    path = archive(town).path

    sought = ask(town, path.replace("start=0", "start=600"))
    beyond = ask(town, path.replace("start=0", "start=3600"))

    assert sought.to == f"http://10.1.1.2/rec/101/{START + 600}-{START + HOUR}.m3u8?for=3000"
    assert beyond.status == 404


@pytest.mark.parametrize(
    ("start", "stop", "at"),
    [
        (START - 24 * HOUR, START - 23 * HOUR, 1),
        (START + 4 * HOUR, START + 5 * HOUR, 1),
        (START, START, 1),
        (START, START + 25 * HOUR, 1),
        (START, START + HOUR, 0),
    ],
    ids=["too old", "to come", "empty", "too long", "not recorded"],
)
def test_what_is_not_kept_is_nothing_to_play(town: PortalTown, start: int, stop: int, at: int) -> None:
    assert archive(town, start, stop, at) == Link(error="nothing_to_play")


# --- who may not ---


def test_after_the_box_is_blocked_its_links_end_at_once(town: PortalTown) -> None:
    paths = [link(town), link(town, 1), film(town), archive(town).path]
    before = [ask(town, path).status for path in paths]

    block(town)

    assert before == [200, 302, 200, 302]
    assert [ask(town, path).status for path in paths] == [403] * 4
    assert channel(town) == Link(error="access_denied")


def test_after_the_account_is_blocked_segments_end_too(town: PortalTown) -> None:
    paid = account(town, "01001")
    path = film(town)
    segment = f"/l/{path.split('/')[2]}/s/{town.ids.films[0]}-1/360/00000.ts"
    before = ask(town, segment).status

    from middleware.services import accounts

    town.write(lambda uow: accounts.change(uow, town.now(), "test", attrs.evolve(uow.accounts.get(paid.id), on=False)))

    assert (before, ask(town, segment).status) == (206, 403)


def test_a_box_that_waits_to_be_let_in_gets_no_link(town: PortalTown) -> None:
    town.write(lambda uow: devices.set_state(uow, town.now(), "test", town.ids.boxes["01001"], "pending"))

    assert channel(town) == Link(error="access_denied")


def test_a_channel_outside_the_package_is_denied_and_stops(town: PortalTown) -> None:
    first, second = town.ids.channels
    path = link(town)
    assert ask(town, path).status == 200

    def write(uow: Any) -> None:
        made = packages.add(uow, town.now(), "test", Package(0, "basic", "基本", channels=(second,)))
        packages.grant(uow, town.now(), "test", Grant(made.id, "town"))

    town.write(write)

    assert channel(town) == Link(error="access_denied")
    assert ask(town, path).status == 403
    assert ask(town, link(town, 1)).status == 302
    assert first != second


# --- forging ---


def test_a_link_serves_nothing_but_what_it_was_made_for(town: PortalTown) -> None:
    films = town.ids.films
    token, one = link(town).split("/")[2], film(town).split("/")[2]
    others = [
        f"/l/{token}/ch/{town.ids.channels[1]}/index.m3u8",
        f"/l/{token}/f/{films[1]}-1/master.m3u8",
        f"/l/{token}/s/{films[1]}-1/360/00000.ts",
        f"/l/{one}/f/{films[1]}-1/master.m3u8",
        f"/l/{one}/f/{films[0]}-2/master.m3u8",
        f"/l/{one}/s/{films[1]}-1/360/00000.ts",
        f"/l/{one}/ch/{films[0]}/index.m3u8",
        f"/l/{archive(town).path.split('/')[2]}/a/{town.ids.channels[1]}/{START}-{START + 2 * HOUR}/index.m3u8",
        f"/l/{link(town, 1).split('/')[2]}/s/{films[0]}-1/360/00000.ts",
    ]

    assert [ask(town, path).status for path in others] == [403] * len(others)
    assert ask(town, f"/l/{one}/f/{films[0]}-1/../../etc/passwd").status == 403
    assert ask(town, f"/l/{one}/s/{films[0]}-1/360/../../../../nanhu.db").status == 404


@pytest.mark.parametrize("name", ["other.m3u8", "36.m3u8", "index.m3u8x", "poster.jpg", ""])
def test_an_unknown_part_is_not_found(town: PortalTown, name: str) -> None:
    assert ask(town, beside(link(town), name)).status == 404


@given(st.integers(0, 65), st.sampled_from("ABCxyz019-_"))
def test_a_token_with_one_character_changed_is_none(at: int, character: str) -> None:
    token = issue(b"k" * 32, Ticket("archive", 12, 1_790_000_000, 7, 1_780_000_000, 3600))
    forged = token[:at] + character + token[at + 1 :]

    assert (read(b"k" * 32, forged) is None) == (forged != token)


@given(
    st.builds(
        Ticket,
        st.sampled_from(["channel", "film", "archive"]),
        st.integers(1, 2**63 - 1),
        st.integers(0, 2**32 - 1),
        st.integers(1, 2**63 - 1),
        st.integers(0, 2**63 - 1),
        st.integers(0, 2**32 - 1),
    )
)
def test_a_token_says_what_it_was_made_for_and_only_to_its_key(ticket: Ticket) -> None:
    token = issue(b"k" * 32, ticket)

    assert read(b"k" * 32, token) == ticket
    assert read(b"x" * 32, token) is None
    assert len(token) < 80


@pytest.mark.parametrize("token", ["", "x", "x" * 66, "é" * 66, "A" * 5000, "=" * 66])
def test_rubbish_is_no_token(town: PortalTown, token: str) -> None:
    assert read(b"k" * 32, token) is None


# --- limit ---


@pytest.fixture
def limited(town: PortalTown) -> PortalTown:
    account(town, "01001", "01002", "02001", streams=2)
    return town


def test_over_the_limit_of_its_account_a_box_is_told_so(limited: PortalTown) -> None:
    for home in ("01001", "01002"):
        assert ask(limited, link(limited, 1, home)).status == 302

    assert channel(limited, 1, "02001") == Link(error="limit")
    assert core_of(limited).links.count(box(limited, "02001")) == 2
    limited.clock.advance(61)
    assert ask(limited, link(limited, 1, "02001")).status == 302


def test_zapping_does_not_count_against_the_limit(limited: PortalTown) -> None:
    assert ask(limited, link(limited, 1, "01001")).status == 302
    for at in (0, 1) * 5:
        limited.clock.advance(1)
        assert ask(limited, link(limited, at, "01002")).status in {200, 302}

    assert core_of(limited).links.count(box(limited, "01001")) == 2


def test_links_made_before_the_limit_was_reached_do_not_open_beyond_it(limited: PortalTown) -> None:
    paths = [link(limited, 1, home) for home in ("01001", "01002", "02001")]

    assert [ask(limited, path).status for path in paths] == [302, 302, 403]


def test_one_box_plays_as_many_pictures_as_its_limit_and_the_oldest_ends(portal_town_with: Any) -> None:
    town = portal_town_with(dialects=DialectSettings(streams=config.Streams(per_account=1)))
    change_channel(town, 0, url=f"/v/{town.ids.films[0]}-1/master.m3u8")
    change_channel(town, 1, url=AWAY)
    first = link(town)
    assert ask(town, first).status == 200
    town.clock.advance(1)

    second = link(town, 1)

    assert ask(town, second).status == 302
    assert ask(town, first).status == 403
    assert ask(town, second).status == 302


def test_a_playing_link_asks_no_database(town: PortalTown) -> None:
    path = link(town)
    ask(town, path)
    ask(town, beside(path, "360.m3u8"))
    town.transactions.clear()

    for _ in range(50):
        assert ask(town, beside(path, "360.m3u8")).status == 200

    assert town.transactions == []
