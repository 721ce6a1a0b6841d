"""The schedule of the demonstration: three days in three states, and a guide that is what it would be without it."""

from datetime import timedelta

from epg.planning import Rules, begins
from epg.si import network
from middleware.demo import schedule, start
from middleware.demo.guide import channels, programmes
from middleware.demo.population import town
from middleware.services import plan, sources
from middleware.storage.store import Store
from tests.demo.conftest import NOW

DAY = (NOW + timedelta(hours=8)).date()
NAME = channels()[0].id


def guide_of(store: Store, now=NOW) -> list[tuple]:
    """What the set shows of the channel, over all days of the guide."""

    def read(uow):
        where = next(one.id for one in uow.guide.channels() if one.xmltv_id == NAME)
        rows = uow.guide.between(now - timedelta(days=3), now + timedelta(days=9), {where})
        return [(one.programme.start, one.programme.stop, one.programme.title, one.programme.desc) for one in rows]

    return store.run_sync(read, write=False)


def days(store: Store, first=DAY) -> list[tuple[str, int]]:
    """State and number of findings of three days."""

    def read(uow):
        views = [plan.view(uow, NAME, first + timedelta(days=at)) for at in range(3)]
        return [(one.day.state, len([f for f in one.findings if f.severity == "error"])) for one in views if one]

    return store.run_sync(read, write=False)


def test_today_is_approved_tomorrow_sent_and_then_a_draft_with_one_fault(young_town: Store) -> None:
    valid = young_town.run_sync(lambda uow: uow.plans.approved(NAME, DAY, DAY)[0], write=False)

    assert days(young_town) == [("approved", 0), ("submitted", 0), ("draft", 1)]
    assert valid.signed == (schedule.OFFICE,)
    logins = {one.login: one.role for one in town().staff}
    assert (logins[schedule.EDITOR], logins[schedule.OFFICE]) == ("editor", "office")


def test_the_guide_is_what_the_demonstration_tells_and_keeps_its_uids(young_town: Store) -> None:
    told = [
        (one.start, one.stop, one.title, one.synopsis)
        for one in programmes(NOW)
        if one.channel == NAME and one.stop > NOW - timedelta(days=3) and one.start < NOW + timedelta(days=9)
    ]

    assert guide_of(young_town) == told


def test_another_start_adds_nothing_and_what_an_editor_did_stays(young_town: Store) -> None:
    def counts(uow) -> tuple[int, ...]:
        found = (
            uow.plans.templates(NAME),
            uow.plans.patterns(NAME),
            uow.sources.all(),
            uow.service_information.networks(),
        )
        return tuple(map(len, found))

    before = young_town.run_sync(counts, write=False)
    young_town.run_sync(lambda uow: start.at_start(uow, NOW))

    assert young_town.run_sync(counts, write=False) == before == (1, 1, 1, 1)
    assert days(young_town) == [("approved", 0), ("submitted", 0), ("draft", 1)]


def test_the_next_day_is_approved_too_and_shows_what_the_guide_has_then(young_town: Store) -> None:
    later = NOW + timedelta(days=1)

    young_town.run_sync(lambda uow: start.while_running(uow, later))

    assert days(young_town, DAY + timedelta(days=1)) == [("approved", 0), ("submitted", 0), ("draft", 1)]
    begin, end = begins(DAY, Rules(NAME)), begins(DAY + timedelta(days=1), Rules(NAME))
    approved = [one for one in programmes(NOW) if begin <= one.start < end]  # no feed changes it any more
    others = [one for one in programmes(later) if not begin <= one.start < end]
    told = [
        (one.start, one.stop, one.title, one.synopsis)
        for one in sorted([*approved, *others], key=lambda one: one.start)
        if one.channel == NAME and one.stop > later - timedelta(days=3) and one.start < later + timedelta(days=9)
    ]
    assert guide_of(young_town, later) == told


def test_the_network_has_the_six_channels_and_neither_it_nor_the_source_is_on(young_town: Store) -> None:
    stored = young_town.run_sync(lambda uow: uow.service_information.networks(), write=False)
    due = young_town.run_sync(lambda uow: sources.due(uow, NOW), write=False)

    assert [one.active for one in stored] == [False]
    assert [one.channel for one in network.parse(stored[0].toml).services] == [one.id for one in channels()]
    assert due == ()
    assert schedule.FEED.url.startswith("http://192.0.2.")
