"""Rights on single channels: nothing given is as before; whoever is given some is held to them, in every use-case."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from epg.approval import Day
from epg.filling import Pool
from epg.planning import Block, Content, DayTemplate, Item, Pattern, Rules, begins
from epg.sheets import Cells, How
from epg.sheets import read as read_sheet
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, Forbidden, NotFound
from middleware.domain.plan_rights import ALL, RIGHTS, ChannelRole, Grant
from middleware.domain.registry import Staff
from middleware.services import (
    aliases,
    as_run,
    guide,
    guide_snapshots,
    ledger,
    ledger_pool,
    plan,
    plan_rights,
    plan_sheet,
    plan_templates,
    sources,
)
from middleware.services.plan_ports import GuideSource
from middleware.storage.store import Store

OURS, OTHER = "nhxw.nanhu.cn", "rz.tv"
DAY = date(2026, 11, 25)
NOW = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
BEGIN = begins(DAY, Rules(OURS))
HALF = 12 * 3600
PEOPLE: dict[str, Any] = {"wang": "editor", "li": "editor", "zhao": "office", "sun": "admin", "box": "operator"}


def item(uid: str = "break") -> Item:
    at = BEGIN + timedelta(hours=3)
    return Item(uid, at, at + timedelta(hours=1), Content("突发", live=True))


@pytest.fixture
def town(store: Store) -> Store:
    """Two channels, and five people of whom nobody has been given anything yet."""

    def write(uow: Any) -> None:
        for number, (xmltv_id, name) in enumerate(((OURS, "南湖新闻"), (OTHER, "日照综合")), 1):
            guide.add_channel(uow, Channel(0, xmltv_id, number, name))
            blocks = (Block("a", 0, HALF, Content("上", live=True)), Block("b", HALF, HALF, Content("下", live=True)))
            made = uow.plans.put_template(xmltv_id, DayTemplate(0, "日常", blocks))
            uow.plans.put_pattern(Pattern(0, xmltv_id, (made.id,) * 7, DAY))
        for login, role in (
            ("wang", "editor"),
            ("li", "editor"),
            ("zhao", "office"),
            ("sun", "admin"),
            ("box", "operator"),
        ):
            uow.staff.add(Staff(0, login, login, role), "")

    store.run_sync(write)
    return store


def give(town: Store, login: str, *roles: ChannelRole, channel: str = OURS) -> None:
    def act(uow: Any) -> None:
        number = uow.staff.by_login(login).id
        for role in roles:
            plan_rights.grant(uow, NOW, None, Grant(number, channel, role))

    town.run_sync(act)


def may(town: Store, login: str, channel: str = OURS) -> frozenset[str]:
    return town.run_sync(lambda uow: plan_rights.of(uow, login, channel))


def test_without_grants_the_role_of_the_account_decides_and_programs_are_not_held(town: Store) -> None:
    assert [may(town, who) for who in ("wang", "zhao", "sun", "box", "command line", "api:billing")] == [
        {"look", "edit"}, ALL, ALL, frozenset(), ALL, ALL,
    ]  # fmt: skip


def test_whoever_is_given_a_channel_is_held_to_it_but_an_administrator(town: Store) -> None:
    give(town, "wang", "editor", "head")
    give(town, "zhao", "viewer", channel=OTHER)

    assert may(town, "wang") == {"look", "edit", "sign"}
    assert may(town, "wang", OTHER) == frozenset()
    assert (may(town, "zhao"), may(town, "zhao", OTHER)) == (frozenset(), {"look"})
    assert may(town, "li") == {"look", "edit"}
    seen = town.run_sync(lambda uow: [one.name for one in plan_rights.seen(uow, "wang", uow.guide.channels())])
    assert seen == ["南湖新闻"]


def test_giving_and_taking_is_for_administrators_and_on_record(town: Store) -> None:
    def act(work: Callable[[Any], Any]) -> Any:
        return town.run_sync(work)

    person = {
        login: act(lambda uow, login=login: uow.staff.by_login(login)) for login in ("wang", "zhao", "sun", "box")
    }
    grant = Grant(person["wang"].id, OURS, "editor")
    with pytest.raises(Forbidden):
        act(lambda uow: plan_rights.grant(uow, NOW, person["zhao"], grant))
    for wrong, kind in (
        (Grant(person["box"].id, OURS, "editor"), BadValue),
        (Grant(person["sun"].id, OURS, "editor"), BadValue),
        (Grant(person["wang"].id, OURS, "chief"), BadValue),  # type: ignore[arg-type]
        (Grant(person["wang"].id, "no.tv", "editor"), NotFound),
        (Grant(4711, OURS, "editor"), NotFound),
    ):
        with pytest.raises(kind):
            act(lambda uow, wrong=wrong: plan_rights.grant(uow, NOW, person["sun"], wrong))
    act(lambda uow: plan_rights.grant(uow, NOW, person["sun"], grant))
    act(lambda uow: plan_rights.grant(uow, NOW, person["sun"], grant))
    assert act(lambda uow: plan_rights.granted(uow, grant.staff)) == ((grant, "南湖新闻"),)
    with pytest.raises(Forbidden):
        act(lambda uow: plan_rights.revoke(uow, NOW, person["zhao"], grant))
    act(lambda uow: plan_rights.revoke(uow, NOW, person["sun"], grant))
    with pytest.raises(NotFound):
        act(lambda uow: plan_rights.revoke(uow, NOW, person["sun"], grant))

    done = [(one.verb, one.actor, one.detail) for one in act(lambda uow: uow.audit.entries("staff", grant.staff, 9))]
    told = {"channel": OURS, "role": "editor"}
    assert done == [("revoke", "sun", told), ("grant", "sun", told), ("grant", "sun", told)]


def _day(uow: Any) -> Day:
    return plan.begin_empty(uow, NOW, "command line", OURS, DAY)


DONE: dict[str, tuple[str, Callable[[Any, str], Any]]] = {
    "begin": ("edit", lambda uow, who: plan.begin(uow, NOW, who, OURS, DAY)),
    "begin empty": ("edit", lambda uow, who: plan.begin_empty(uow, NOW, who, OURS, DAY)),
    "save": ("edit", lambda uow, who: plan.save(uow, NOW, who, _day(uow), [item()])),
    "undo": ("edit", lambda uow, who: plan.undo(uow, NOW, who, OURS, DAY)),
    "redo": ("edit", lambda uow, who: plan.redo(uow, NOW, who, OURS, DAY)),
    "mend": ("edit", lambda uow, who: plan.mend(uow, NOW, who, OURS, DAY, 0, "fill")),
    "submit": ("edit", lambda uow, who: plan.submit(uow, NOW, who, OURS, DAY)),
    "sign": ("sign", lambda uow, who: plan.sign(uow, NOW, who, OURS, DAY)),
    "return": ("sign", lambda uow, who: plan.give_back(uow, NOW, who, OURS, DAY, "x")),
    "reopen": ("edit", lambda uow, who: plan.reopen(uow, NOW, who, OURS, DAY, "x")),
    "break in": ("break_in", lambda uow, who: plan.break_in(uow, NOW, who, OURS, DAY, item(), "x")),
    "copy": ("edit", lambda uow, who: plan.copy_day(uow, NOW, who, OURS, DAY, DAY)),
    "template": ("edit", lambda uow, who: plan_templates.put_template(uow, NOW, who, OURS, DayTemplate(0, "x", ()))),
    "no template": ("edit", lambda uow, who: plan_templates.remove_template(uow, NOW, who, OURS, 1)),
    "pattern": ("edit", lambda uow, who: plan_templates.put_pattern(uow, NOW, who, Pattern(0, OURS, (1,) * 7, DAY))),
    "no pattern": ("edit", lambda uow, who: plan_templates.remove_pattern(uow, NOW, who, OURS, 1)),
    "fillers": ("edit", lambda uow, who: plan_templates.put_pool(uow, NOW, who, OURS, Pool(()))),
    "rules": ("approve", lambda uow, who: plan_templates.put_rules(uow, NOW, who, Rules(OURS), 17, 1)),
    "drop": ("edit", lambda uow, who: plan_templates.drop(uow, NOW, who, OURS, DAY, "x")),
    "attach": ("edit", lambda uow, who: plan_templates.attach(uow, NOW, who, OURS, DAY, "x", "a")),
    "series": ("edit", lambda uow, who: plan_templates.spread(uow, NOW, who, OURS, DAY, "a", DAY, dry_run=False)),
    "insert": ("break_in", lambda uow, who: ledger.insert(uow, NOW, who, OURS, 1)),
    "end of insert": ("break_in", lambda uow, who: ledger.end_insert(uow, NOW, who, OURS)),
    "on air": ("break_in", lambda uow, who: ledger_pool.put_air(uow, NOW, who, OURS, ledger_pool.Air())),
    "times": ("break_in", lambda uow, who: as_run.set_by_real_times(uow, NOW, who, OURS, on=True)),
    "alias": ("edit", lambda uow, who: aliases.add(uow, NOW, who, OURS, "湖")),
}
"""Every use-case that changes a channel's schedule, and the right it needs."""


def test_each_use_case_asks_for_its_right(town: Store) -> None:
    for right in ALL:
        for word, roles in (
            ("with", [role for role, some in RIGHTS.items() if right in some]),
            ("without", [role for role, some in RIGHTS.items() if right not in some]),
        ):
            login = f"{word}-{right}"
            town.run_sync(lambda uow, login=login: uow.staff.add(Staff(0, login, login, "editor"), ""))
            give(town, login, *roles)

    for right, act in DONE.values():
        with pytest.raises(Forbidden, match="no_right"):
            town.run_sync(lambda uow, act=act, right=right: act(uow, f"without-{right}"))
        with suppress(BadValue, NotFound):  # it is let in, and mostly finds nothing to do it to
            town.run_sync(lambda uow, act=act, right=right: act(uow, f"with-{right}"))


def test_what_touches_all_channels_is_not_for_one_who_is_held_to_some(town: Store) -> None:
    give(town, "zhao", "leader")
    acts: tuple[Callable[[Any], Any], ...] = (
        lambda uow: sources.put(uow, NOW, "zhao", GuideSource(0, "市台")),
        lambda uow: sources.remove(uow, NOW, "zhao", "市台"),
        lambda uow: sources.match(uow, NOW, "zhao", "市台", "x", None),
        lambda uow: sources.match(uow, NOW, "zhao", "市台", "x", OTHER),
        lambda uow: guide_snapshots.roll_back(uow, NOW, "zhao", 1),
    )

    for act in acts:
        with pytest.raises(Forbidden, match="no_right"):
            town.run_sync(act)


def test_of_several_signatures_the_last_is_a_leaders(town: Store) -> None:
    give(town, "wang", "editor")
    give(town, "li", "head")
    give(town, "zhao", "leader")
    town.run_sync(lambda uow: plan_templates.put_rules(uow, NOW, "zhao", Rules(OURS), 17, 2))
    town.run_sync(lambda uow: plan.begin(uow, NOW, "wang", OURS, DAY))
    town.run_sync(lambda uow: plan.submit(uow, NOW, "wang", OURS, DAY))
    town.run_sync(lambda uow: plan.sign(uow, NOW, "li", OURS, DAY))
    town.run_sync(lambda uow: uow.staff.add(Staff(0, "qian", "qian", "editor"), ""))
    give(town, "qian", "head")

    with pytest.raises(Forbidden, match="终审"):
        town.run_sync(lambda uow: plan.sign(uow, NOW, "qian", OURS, DAY))
    assert town.run_sync(lambda uow: plan.sign(uow, NOW, "zhao", OURS, DAY)).state == "approved"


def test_a_sheet_leaves_the_channels_of_others_as_they_are(town: Store) -> None:
    give(town, "wang", "editor")
    head = ("频道", "日期", "时间", "结束", "节目")
    rows = [(name, "2026-11-25", "06:00", "12:00", "早") for name in ("南湖新闻", "日照综合")]
    sheet = read_sheet([Cells("单", (head, *rows))], How(DAY))

    taken = town.run_sync(lambda uow: plan_sheet.take(uow, NOW, "wang", sheet))

    assert [(one.channel, one.refused) for one in taken.days] == [(OURS, ""), (OTHER, "您在这个频道没有编排的权限")]
    assert town.run_sync(lambda uow: plan.view(uow, OTHER, DAY)) is None
