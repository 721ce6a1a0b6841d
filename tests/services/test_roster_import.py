"""Import of rosters: dry run, every fault with its cell, all or nothing, and an export that changes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from middleware.demo.population import town
from middleware.domain.errors import BadValue, DomainError, Forbidden
from middleware.domain.registry import HouseholdDraft, MemberDraft, Staff
from middleware.services import roster
from middleware.services.roster import Counts, Plan, Sheet
from middleware.services.roster_plan import ENOUGH_FAULTS
from middleware.services.roster_sheet import HEAD, read_roster
from middleware.services.spreadsheet import Table, tables_bytes
from middleware.storage.store import Store

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
WANG = ("南湖村", "南湖村党支部", "01001", "东街 1 号", "b01-001", "王秀兰", "3", "书记", "13806336021")
LIU = ("", "南湖村党支部", "", "", "b01-002", "刘建国", "", "", "13806336022")
EMPTY_HOME = ("石桥村", "", "03001", "石桥村西街 1 号", "", "", "", "", "")


@pytest.fixture
def places(store: Store) -> None:
    def write(uow):
        for code, name in (("v01", "南湖村"), ("v03", "石桥村")):
            village = uow.places.add_village(code, name)
            uow.places.add_branch(f"b{code[1:]}", f"{name}党支部", village.id)

    store.run_sync(write)


pytestmark = pytest.mark.usefixtures("places")


def sheet(*rows: Sequence[str], head: Sequence[str] = HEAD) -> Sheet:
    return read_roster(tables_bytes("csv", Table("", head, rows)), "名册.csv")


def line(**changed: str) -> tuple[str, ...]:
    """王秀兰's line with other cells."""
    fields = dict(
        zip(("village", "branch", "home", "address", "code", "name", "group", "role", "phone"), WANG, strict=True)
    )
    return tuple((fields | changed).values())


def planned(store: Store, read: Sheet) -> Plan:
    return store.run_sync(lambda uow: roster.plan_import(uow, read), write=False)


def imported(store: Store, *rows: Sequence[str], head: Sequence[str] = HEAD, by: Staff | None = None) -> Plan:
    plan = planned(store, sheet(*rows, head=head))
    return store.run_sync(lambda uow: roster.apply_import(uow, NOW, by, plan))


def faults(store: Store, *rows: Sequence[str]) -> list[str]:
    return roster.faults_text(planned(store, sheet(*rows))).splitlines()


def everything(store: Store) -> tuple:
    def read(uow):
        members = uow.registry.members(active_only=False)
        return members, uow.registry.households(), uow.registry.phones([one.id for one in members])

    return store.run_sync(read, write=False)


def test_a_dry_run_counts_and_writes_nothing(store: Store) -> None:
    plan = planned(store, sheet(WANG, LIU, EMPTY_HOME))

    assert (plan.faults, plan.households, plan.members) == ((), Counts(added=2), Counts(added=2))
    assert roster.counts_text(plan) == "户：新增 2，修改 0，不变 0\n党员：新增 2，修改 0，不变 0"
    assert everything(store) == ((), (), {})


def test_an_import_writes_households_members_and_numbers(store: Store) -> None:
    imported(store, WANG, LIU, EMPTY_HOME)

    members, homes, phones = everything(store)
    assert [(one.code, one.address) for one in homes] == [("01001", "东街 1 号"), ("03001", "石桥村西街 1 号")]
    assert [(one.code, one.name, one.group_no, one.role, one.household_id) for one in members] == [
        ("b01-001", "王秀兰", 3, "书记", homes[0].id),
        ("b01-002", "刘建国", 0, "", None),
    ]
    assert list(phones.values()) == ["13806336021", "13806336022"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_imports_unchanged(store: Store, kind) -> None:
    imported(store, line(address="-1号楼=东", role="+1"), LIU, EMPTY_HOME)
    exported = store.run_sync(lambda uow: roster.export_roster(uow, NOW, None))

    plan = planned(store, read_roster(roster.roster_bytes(exported, kind), f"名册.{kind}"))
    assert (plan.faults, plan.ignored) == ((), ())
    assert (plan.households, plan.members) == (Counts(unchanged=2), Counts(unchanged=2))


def test_blank_cells_keep_what_is_there_and_a_word_empties_them(store: Store) -> None:
    imported(store, WANG)
    kept = imported(store, line(address="", name="", group="", role="", phone="", home="", village=""))
    assert (kept.members, kept.households) == (Counts(unchanged=1), Counts())

    emptied = imported(store, line(address="无", group="无", role="无", phone="无"))
    members, homes, phones = everything(store)
    assert (emptied.members, emptied.households) == (Counts(changed=1), Counts(changed=1))
    assert (members[0].group_no, members[0].role, homes[0].address, phones) == (0, "", "", {})
    imported(store, line(home="无"))
    assert everything(store)[0][0].household_id is None


def test_two_members_may_swap_their_numbers_and_a_new_one_may_take_a_freed_one(store: Store) -> None:
    imported(store, WANG, LIU)
    other = (*LIU[:8], WANG[8])
    new = ("", "石桥村党支部", "", "", "b03-001", "张三", "", "", LIU[8])
    plan = imported(store, line(phone="13806336029"), other, new)

    assert plan.members == Counts(added=1, changed=2)
    assert list(everything(store)[2].values()) == ["13806336029", WANG[8], LIU[8]]


def test_a_member_who_had_left_comes_back_by_his_code(store: Store) -> None:
    imported(store, WANG)
    member = everything(store)[0][0]
    gone = MemberDraft(member.code, member.name, member.branch_id, active=False, phone=WANG[8])
    store.run_sync(lambda uow: uow.registry.update_members({member.id: gone}))

    assert imported(store, WANG).members == Counts(changed=1)
    assert everything(store)[0][0].active


def test_a_member_who_is_gone_leaves_later_rolls_and_the_export_but_not_the_register(store: Store) -> None:
    imported(store, WANG, LIU)
    head = ("编号", "是否在册")

    assert imported(store, ("b01-001", "转出"), head=head).members == Counts(changed=1)
    assert imported(store, ("b01-001", "否"), head=head).members == Counts(unchanged=1)
    assert [one.name for one in store.run_sync(lambda uow: uow.registry.members(), write=False)] == ["刘建国"]
    exported = store.run_sync(lambda uow: roster.export_roster(uow, NOW, None))
    assert [row[5] for row in exported.rows] == ["刘建国", ""]
    assert imported(store, ("b01-001", "是"), head=head).members == Counts(changed=1)
    assert roster.faults_text(planned(store, sheet(("b01-001", "?"), head=head))) == "名册!B2: 在册只能填是或否"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (line(phone="138063360"), "名册!I2: 手机号少两位"),
        (line(phone="138063360211"), "名册!I2: 手机号多一位"),
        (line(phone="+1 202 555 0100"), "名册!I2: 只能用中国大陆的 11 位手机号"),
        (line(phone="1.38063E+10"), "名册!I2: 手机号被写成了科学计数法，请把这一列设为文本再填"),
        (line(village="南糊村"), "名册!A2: 没有这个村：南糊村，是不是南湖村？"),
        (line(branch="石桥村支部"), "名册!B2: 没有这个支部：石桥村支部，是不是石桥村党支部？"),
        (line(branch="火星"), "名册!B2: 没有这个支部：火星"),
        (line(branch=""), "名册!B2: 没有填支部"),
        (line(name=""), "名册!F2: 没有填姓名"),
        (line(name="王秀兰1"), "名册!F2: 姓名只能有汉字和字母，不超过 32 个字"),
        (line(code=""), "名册!E2: 没有填编号"),
        (line(code="无"), "名册!E2: 没有填编号"),
        (line(code="a b"), "名册!E2: 只能用汉字、字母、数字和 . _ - /，不超过 32 位"),
        (line(village=""), "名册!A2: 新的户要写明村"),
        (line(group="一百"), "名册!G2: 党小组应是 1 到 99 的数字"),
        (line(group="-1"), "名册!G2: 党小组应是 1 到 99 的数字"),
        (line(role="书" * 21), "名册!H2: 不超过 20 个字"),
        (line(address="长" * 101), "名册!D2: 不超过 100 个字"),
        (("南湖村", *[""] * 8), "名册!E2: 这一行既没有户号也没有编号"),
    ],
)
def test_each_fault_names_its_cell(store: Store, row: tuple[str, ...], fault: str) -> None:
    assert faults(store, row) == [fault]


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        (line(name="张三", phone="13806336029"), "名册!E3: 编号与 E2 重复"),
        (line(code="b01-009", name="张三"), "名册!I3: 手机号与 I2 相同"),
        (line(code="b01-009", phone=""), "名册!F3: 与 F2 是同一个人：支部、户和姓名都相同"),
        (line(code="b01-009", name="张三", phone="", village="石桥村"), "名册!A3: 同一户的村与 A2 不同"),
        (line(code="b01-009", name="张三", phone="", address="西街"), "名册!D3: 同一户的住址与 D2 不同"),
    ],
)
def test_doubles_inside_a_file(store: Store, second: tuple[str, ...], fault: str) -> None:
    assert faults(store, WANG, second) == [fault.replace("与 ", "与 名册!")]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (line(code="b01-009", name="张三"), "名册!I2: 这个手机号已登记在编号 b01-001 的名下"),
        (line(code="b01-009", phone=""), "名册!F2: 名册里已有这个人，编号是 b01-001"),
    ],
)
def test_doubles_against_the_register(store: Store, row: tuple[str, ...], fault: str) -> None:
    imported(store, WANG)

    assert faults(store, row) == [fault]


def test_every_fault_is_listed_in_the_order_of_the_file_and_nothing_is_written(store: Store) -> None:
    plan = planned(store, sheet(line(phone="138"), LIU, line(code="b01-003", village="?", branch="?")))

    assert [one.at for one in plan.faults] == ["名册!I2", "名册!A4", "名册!B4"]
    with pytest.raises(BadValue, match="I2: 手机号少八位") as refused:
        store.run_sync(lambda uow: roster.apply_import(uow, NOW, None, plan))
    assert (refused.value.code, refused.value.message_zh) == ("roster_faults", "名册有 3 处要改，没有导入")
    assert everything(store) == ((), (), {})


def test_a_wrong_file_does_not_list_thousands_of_faults(store: Store) -> None:
    text = faults(store, *[line(code=f"c{n}", branch="?") for n in range(3000)])

    assert len(text) == ENOUGH_FAULTS + 1
    assert text[-1] == "……后面的行没有再看"


def test_no_fault_shows_a_whole_number(store: Store) -> None:
    imported(store, WANG)
    text = "\n".join(faults(store, line(code="x", name="张三"), line(code="y", name="李四"), line(phone="1380633602x")))

    assert text.count("\n") == 2
    assert "6021" not in text
    assert "380633602" not in text


def test_a_plan_is_refused_when_the_register_moved_under_it(store: Store) -> None:
    plan = planned(store, sheet(WANG))
    imported(store, line(name="王秀蓝"))

    with pytest.raises(DomainError) as refused:
        store.run_sync(lambda uow: roster.apply_import(uow, NOW, None, plan))
    assert refused.value.code == "roster_moved"
    assert everything(store)[0][0].name == "王秀蓝"


def test_a_file_with_some_columns_changes_only_these(store: Store) -> None:
    imported(store, WANG)
    plan = imported(store, ("b01-001", "13806336029", "x"), head=("编号", "手机号", "备注"))

    assert (plan.members, plan.ignored) == (Counts(changed=1), ("备注",))
    assert roster.counts_text(plan).endswith("没有读的列：备注")
    members, homes, phones = everything(store)
    assert (members[0].name, members[0].household_id) == ("王秀兰", homes[0].id)
    assert list(phones.values()) == ["13806336029"]


def test_only_offices_import_and_a_cadre_exports_his_own_branch(store: Store) -> None:
    imported(store, WANG, LIU, EMPTY_HOME, ("石桥村", "石桥村党支部", "03002", "", "b03-001", "赵六", "", "", ""))
    branch = store.run_sync(lambda uow: uow.places.branches()[1], write=False)
    cadre = Staff(9, "v03-1", "赵六", "cadre", branch_id=branch.id, village_id=branch.village_id)
    with pytest.raises(Forbidden):
        imported(store, WANG, by=cadre)

    rows = store.run_sync(lambda uow: roster.export_roster(uow, NOW, cadre)).rows
    assert [(row[2], row[5]) for row in rows] == [("03002", "赵六"), ("03001", "")]
    with pytest.raises(Forbidden):
        store.run_sync(lambda uow: roster.export_roster(uow, NOW, Staff(8, "x", "编辑", "editor")))


def test_imports_and_exports_are_audited_without_numbers(store: Store) -> None:
    imported(store, WANG, by=Staff(7, "zuzhi", "组织办", "office"))
    store.run_sync(lambda uow: roster.export_roster(uow, NOW, None))

    lines = store.run_sync(lambda uow: uow.audit.entries("roster"), write=False)
    assert [(one.actor, one.verb, one.noun_id) for one in lines] == [
        ("cli", "export", "all"),
        ("zuzhi", "import", "名册.csv"),
    ]
    assert lines[0].detail == {"members": 1, "rows": 1}
    assert lines[1].detail["members"] == {"added": 1, "changed": 0, "unchanged": 0}
    assert WANG[8] not in str(lines)


def test_a_whole_town_goes_out_and_in_again(store: Store) -> None:
    people = town()

    def fill(uow):
        villages = {one.name: one.id for one in uow.places.villages()}
        villages |= {
            one.name: uow.places.add_village(f"x{one.code}", one.name).id
            for one in people.villages
            if one.name not in villages
        }
        ids = {one.code: villages[one.name] for one in people.villages}
        known = {one.name: one.id for one in uow.places.branches()}
        branches = {
            one.code: known.get(one.name) or uow.places.add_branch(f"x{one.code}", one.name).id
            for one in people.branches
        }
        uow.registry.add_households(
            [HouseholdDraft(one.code, ids[one.village], one.address) for one in people.households]
        )
        homes = {one.code: one.id for one in uow.registry.households()}
        uow.registry.add_members(
            [
                MemberDraft(
                    one.code,
                    one.name,
                    branches[one.branch],
                    one.group_no,
                    homes.get(one.household or ""),
                    one.role,
                    phone=one.phone,
                )
                for one in people.members
            ]
        )
        return roster.export_roster(uow, NOW, None)

    exported = store.run_sync(fill)
    plan = planned(store, read_roster(roster.roster_bytes(exported, "xlsx"), "名册.xlsx"))
    assert plan.faults == ()
    assert (plan.households, plan.members) == (Counts(unchanged=3000), Counts(unchanged=2400))
