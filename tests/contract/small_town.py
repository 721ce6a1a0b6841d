"""Two villages, two branches, three households, five members and two boxes: enough for every rule."""

from datetime import UTC, datetime, timedelta

from attrs import frozen

from middleware.domain.devices import Device
from middleware.domain.registry import HouseholdDraft, MemberDraft
from middleware.domain.rollcall import Expected, Rollcall
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WANG, ZHANG, LIU, ZHAO, AWAY = "王秀兰", "张福田", "刘建国", "赵美玲", "孙远行"
PHONES = {WANG: "13806336021", ZHANG: "13806336022", LIU: "13806336023", ZHAO: "13806336024"}
NUMBER = "13906330001"
"""A number that nobody in the register has."""


@frozen
class SmallTown:
    """Ids by code or name; `boxes` holds one box per household 01001 and 01002."""

    villages: dict[str, int]
    branches: dict[str, int]
    homes: dict[str, int]
    members: dict[str, int]
    boxes: dict[str, int]


def settle(store: Store) -> SmallTown:
    """Write the town."""
    return store.run_sync(_settle)


def _settle(uow: SqlUnitOfWork) -> SmallTown:
    villages = {code: uow.places.add_village(code, name).id for code, name in (("v01", "南湖村"), ("v02", "石桥村"))}
    names = (("b01", "南湖村党支部", "v01"), ("b02", "石桥村党支部", "v02"))
    branches = {code: uow.places.add_branch(code, name, villages[village]).id for code, name, village in names}
    where = (("01001", "v01"), ("01002", "v01"), ("02001", "v02"))
    uow.registry.add_households([HouseholdDraft(code, villages[village], f"{code} 号") for code, village in where])
    homes = {home.code: home.id for home in uow.registry.households()}
    people = (
        ("m1", WANG, "b01", "01001"),
        ("m2", ZHANG, "b01", "01001"),
        ("m3", LIU, "b01", "01002"),
        ("m4", ZHAO, "b02", "02001"),
        ("m5", AWAY, "b01", ""),
    )
    uow.registry.add_members(
        [
            MemberDraft(code, name, branches[branch], 3, homes.get(home), phone=PHONES.get(name, ""))
            for code, name, branch, home in people
        ]
    )
    members = {one.name: one.id for one in uow.registry.members()}
    boxes = {
        code: uow.devices.add(Device(0, serial=f"NH{code}", household_id=homes[code], state="active"), NOW).id
        for code in ("01001", "01002")
    }
    return SmallTown(villages, branches, homes, members, boxes)


def open_roll(store: Store, town: SmallTown, minutes: int = 30, off_roll: tuple[str, ...] = ()) -> Rollcall:
    """Open a roll-call of the town at NOW straight in storage, without the use-case; late after ten minutes."""

    def write(uow: SqlUnitOfWork) -> Rollcall:
        window = (NOW, NOW + 10 * MINUTE, NOW + minutes * MINUTE)
        rollcall = uow.rollcalls.add(Rollcall(0, "主题党日", "town", None, "镇党委", *window, "open"))
        people = [one for one in uow.registry.members() if one.name not in off_roll]
        uow.rollcalls.draw_up(rollcall.id, [Expected(one.id, one.branch_id, one.household_id) for one in people])
        homes = {one.household_id for one in people if one.household_id is not None}
        uow.invitations.add(rollcall.id, homes, NOW)
        return rollcall

    return store.run_sync(write)
