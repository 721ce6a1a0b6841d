"""What was on air: recorded, corrected, compared with the plan, and in the guide where the channel says so."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar

import pytest
from attrs import evolve

from epg.asrun import AsRun
from epg.planning import Block, Content, DayTemplate, Pattern, Rules, begins
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.services import as_run, guide, plan
from middleware.services.spreadsheet_read import read_grids
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork

T = TypeVar("T")
CHANNEL = "nhxw.nanhu.cn"
DAY = date(2026, 11, 25)
NOW = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
BEGIN = begins(DAY, Rules(CHANNEL))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TITLES = ("早安", "少儿", "戏曲", "晚间")


def run(store: Store, work: Callable[[SqlUnitOfWork], T]) -> T:
    return store.run_sync(work)


@pytest.fixture
def town(store: Store) -> Store:
    """A channel with an approved day of four items of six hours."""

    def write(uow: SqlUnitOfWork) -> None:
        guide.add_channel(uow, Channel(0, CHANNEL, 1, "南湖新闻"))
        blocks = tuple(Block(f"b{n}", n * 21_600, 21_600, Content(title, live=True)) for n, title in enumerate(TITLES))
        template = uow.plans.put_template(CHANNEL, DayTemplate(0, "日常", blocks))
        uow.plans.put_pattern(Pattern(0, CHANNEL, (template.id,) * 7, date(2026, 1, 1)))
        plan.begin(uow, NOW, "wang", CHANNEL, DAY)
        plan.submit(uow, NOW, "wang", CHANNEL, DAY)
        plan.sign(uow, NOW, "zhao", CHANNEL, DAY)

    run(store, write)
    return store


def lines(store: Store) -> list[AsRun]:
    """The day as it was: the second item five minutes late and short, the third not on, something else instead."""
    (day,) = run(store, lambda uow: uow.plans.approved(CHANNEL, DAY, DAY))
    first, second, third, _ = day.items
    return [
        AsRun(CHANNEL, first.start, first.stop + 5 * MINUTE, "早安", first.uid),
        AsRun(CHANNEL, second.start + 5 * MINUTE, second.stop, "少儿", second.uid),
        AsRun(CHANNEL, third.start, third.stop, "突发新闻"),
    ]


def recorded(store: Store) -> as_run.DayRun:
    some = lines(store)
    run(store, lambda uow: as_run.record(uow, NOW, "playout", some))
    return run(store, lambda uow: as_run.looked(uow, CHANNEL, DAY))


def shown(store: Store) -> list[tuple[str, str, str]]:
    rows = run(store, lambda uow: guide.shown_between(uow, BEGIN, BEGIN + 24 * HOUR))
    zone = BEGIN.tzinfo
    return [
        (
            f"{one.programme.start.astimezone(zone):%H:%M}",
            f"{one.programme.stop.astimezone(zone):%H:%M}",
            one.programme.title,
        )
        for one in rows
    ]


def test_a_day_is_compared_with_its_plan_and_exported(town: Store) -> None:
    found = recorded(town)
    (grid,) = read_grids(as_run.export(found, "xlsx"), "x.xlsx")
    (same,) = read_grids(as_run.export(found, "csv"), "x.csv")

    assert [row.outcome for row in found.rows] == ["aired", "cut", "missed", "replaced", "missed"]
    during = run(town, lambda uow: as_run.looked(uow, CHANNEL, DAY, BEGIN + 14 * HOUR))
    assert [row.outcome for row in during.rows] == ["aired", "cut", "ahead", "replaced", "ahead"]
    assert [row.late for row in found.rows][1] == 5 * MINUTE
    assert grid.rows == same.rows
    assert grid.rows[2][:3] == ("2026-11-25 12:00:00", "2026-11-25 18:00:00", "少儿")
    assert grid.rows[2][6:9] == ("截短", "300", "300")


def test_the_guide_keeps_the_plan_unless_the_channel_says_otherwise(town: Store) -> None:
    before = shown(town)
    recorded(town)

    assert shown(town) == before


def test_real_times_are_in_the_guide_and_stay_after_a_breaking_insert(town: Store) -> None:
    run(town, lambda uow: as_run.set_by_real_times(uow, NOW, "wang", CHANNEL, on=True))
    recorded(town)
    after = shown(town)
    on_air = BEGIN + 13 * HOUR
    item = evolve(
        run(town, lambda uow: uow.plans.approved(CHANNEL, DAY, DAY))[0].items[3],
        uid="breaking", start=on_air + HOUR, stop=on_air + 2 * HOUR, content=Content("突发", live=True),
    )  # fmt: skip
    run(town, lambda uow: plan.break_in(uow, on_air, "zhao", CHANNEL, DAY, item, "突发"))

    assert after[:2] == [("06:00", "12:05", "早安"), ("12:05", "18:00", "少儿")]
    assert shown(town)[:2] == after[:2]
    assert "突发" in [title for _, _, title in shown(town)]


def test_a_correction_is_a_new_line_and_the_old_one_stays_on_record(town: Store) -> None:
    found = recorded(town)
    number, line = found.lines[2]
    right = evolve(line, title="新闻特别节目")
    run(town, lambda uow: as_run.correct(uow, NOW, "wang", number, right))
    after = run(town, lambda uow: as_run.looked(uow, CHANNEL, DAY))

    assert len(after.lines) == 4
    assert [row.real.title for row in after.rows if row.outcome == "replaced" and row.real] == ["新闻特别节目"]
    with pytest.raises(BadValue, match="已经更正"):
        run(town, lambda uow: as_run.correct(uow, NOW, "wang", number, right))
    with pytest.raises(NotFound):
        run(town, lambda uow: as_run.correct(uow, NOW, "wang", 9999, right))


def test_lines_that_cannot_be_are_refused_whole(town: Store) -> None:
    good = lines(town)[0]
    for bad in (evolve(good, stop=good.start), evolve(good, title=" "), evolve(good, stop=good.start + 25 * HOUR)):
        with pytest.raises(BadValue, match="播出记录"):
            run(town, lambda uow, bad=bad: as_run.record(uow, NOW, "playout", [good, bad]))
    with pytest.raises(BadValue, match="最多"):
        run(town, lambda uow: as_run.record(uow, NOW, "playout", [good] * 1001))

    assert run(town, lambda uow: as_run.looked(uow, CHANNEL, DAY)).lines == ()
