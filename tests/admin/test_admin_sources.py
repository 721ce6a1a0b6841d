"""Sources of the guide, head-end networks and what was on air, in the back office."""

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from attrs import define, evolve, field
from twisted.internet.task import Clock

from epg.asrun import AsRun
from epg.model import Credit, Programme
from epg.planning import DAY, Block, Content, DayTemplate, Pattern, Rules, begins
from epg.report import Finding, Report
from middleware.admin.gate import Gate
from middleware.admin.networks import NetworkPages, Sending
from middleware.admin.pages import Pages
from middleware.admin.pin_read import pinned, written
from middleware.admin.sources import TEXTS, SourcePages
from middleware.domain.channels import Channel
from middleware.services import as_run, guide, plan, source_reports, source_rows, sources
from middleware.services.plan_ports import GuideSource
from middleware.services.ports import Airing
from middleware.web.edge import make_site
from middleware.web.routes import Routes
from middleware.web.values import text
from tests.admin.conftest import NOON, Answer, Browser, Town

CHANNEL = "nhxw.nanhu.cn"
FEED = """<?xml version="1.0" encoding="UTF-8"?><tv>
<channel id="{id}"><display-name>{name}</display-name></channel>
{rows}</tv>"""
ROW = (
    '<programme channel="{id}" start="20251122{h:02d}0000 +0800" stop="20251122{n:02d}0000 +0800">'
    "<title>{title}</title></programme>"
)


@pytest.fixture
def channel(town: Town) -> int:
    return int(town.do(lambda uow: guide.add_channel(uow, Channel(0, CHANNEL, 1, "南湖新闻")).id))  # type: ignore[call-overload]


@define
class Fetches:
    """Remembers what it was asked to fetch."""

    running: set[str] = field(factory=set)
    asked: list[tuple[str, bool]] = field(factory=list)

    def begin(self, source: GuideSource, *, force: bool = False) -> bool:
        self.asked.append((source.name, force))
        return True


def post(browser: Browser, where: str, **form: object) -> Answer:
    return browser.post(f"/admin/{where}", accept="application/json", **form)


def feed(town: Town, name: str, rows: int, told: str = CHANNEL, title: str = "节目", shown: str = "南湖新闻") -> None:
    lines = "".join(ROW.format(id=told, h=hour, n=hour + 1, title=f"{title}{hour}") for hour in range(rows))
    body = FEED.format(id=told, name=shown, rows=lines).encode()

    def run(uow):
        source = uow.sources.by_name(name) or sources.put(uow, NOON, "x", GuideSource(0, name))
        sources.stage(uow, NOON, "x", name, guide.read_file(body, sources.reading_of(source)))

    town.do(run)


def beside(town: Town, login: str, add: Callable[[Gate], object]) -> Browser:
    """A browser of one who is logged in, at a site of pages that were given something else."""
    routes, key = Routes(), town.store.vault.signing_key("staff")
    add(Gate(town.store.run, lambda: town.now, key, Pages(key, lambda: town.now, "南湖镇"), routes))
    browser = town.browser(login)
    browser.site = make_site(routes, Clock(), error_page=lambda status: text("", status))
    return browser


FORM = {
    "url": "https://feed.example/g.xml", "minutes": 60, "zone": "Asia/Tokyo", "shift": -60, "overlap": "cut", "rank": 7,
}  # fmt: skip


def test_a_source_is_kept_as_typed_and_faults_are_told(town: Town) -> None:
    office = town.browser("office")
    assert post(town.browser("editor"), "sources/save", new=1, name="县台", **FORM).status == 403

    assert post(office, "sources/save", new=1, name="县台", **FORM, rank_desc=3, active=1).status == 200

    kept = town.do(lambda uow: uow.sources.by_name("县台"))
    assert kept == GuideSource(
        kept.id, "县台", "https://feed.example/g.xml", minutes=60, zone="Asia/Tokyo", shift_min=-60, rank=7,
        fields={"desc": 3},
    )  # type: ignore[attr-defined]  # fmt: skip
    assert "已经有" in post(office, "sources/save", new=1, name="县台", **FORM).body
    for wrong in ({"zone": "../etc"}, {"shift": "x"}, {"minutes": 1}, {"url": "file:///x"}, {"overlap": "?"}):
        assert post(office, "sources/save", name="县台", **FORM | wrong).status == 422
    town.do(lambda uow: sources.kept_tags(uow, "县台", "v1", ""))
    tags = []
    for change in ({"rank": 8}, {"shift": 0}):
        post(office, "sources/save", name="县台", **FORM | change)
        tags.append(town.do(lambda uow: uow.sources.by_name("县台").etag))
    assert tags == ["v1", ""]
    assert "县台" in office.get(f"/admin/sources/of/{quote('县台')}").body
    assert post(office, "sources/remove", name="县台").status == 200
    assert office.get(f"/admin/sources/of/{quote('县台')}").status == 404


def test_the_last_report_is_on_the_page_of_its_source(town: Town, channel: int) -> None:
    rows = ROW.format(id=CHANNEL, h=8, n=9, title="早安") + ROW.format(id=CHANNEL, h=10, n=11, title=" ")
    body = FEED.format(id=CHANNEL, name="&lt;b>南湖&lt;/b>", rows=rows)

    def run(uow):
        source = sources.put(uow, NOON, "x", GuideSource(0, "县台"))
        sources.stage(uow, NOON, "x", "县台", guide.read_file(body.encode(), sources.reading_of(source)))

    town.do(run)

    page = town.browser("editor").get(f"/admin/sources/of/{quote('县台')}").body

    assert "2 条，采用 1，隔离 1" in page
    assert "没有节目名称：1 处" in page
    assert "<b>南湖</b>" not in page


def test_an_unmatched_channel_is_matched_with_an_alias_or_put_away(town: Town, channel: int) -> None:
    feed(town, "县台", 3, told="x1", shown="南湖新间")
    feed(town, "市台", 3, told="x2", shown="别处")
    editor = town.browser("editor")
    page = editor.get("/admin/sources").body
    assert "像 1 南湖新闻" in page
    assert "x2" in page

    assert post(editor, "sources/match", source="县台", told="x1", channel=channel, how="alias").status == 200
    assert post(editor, "sources/match", source="市台", told="x2", how="never").status == 200

    assert "没有对上的频道" not in editor.get("/admin/sources").body
    assert town.do(lambda uow: uow.sources.aliases()) == {CHANNEL: ("南湖新间",)}
    assert post(editor, "sources/match", source="县台", told="x1", channel=99, how="match").status == 404
    assert post(editor, "sources/match", source="县台", told="x1", how="dance").status == 422


def test_a_channel_that_shrank_waits_and_fetching_goes_to_the_running_server(town: Town, channel: int) -> None:
    feed(town, "县台", 20)
    feed(town, "县台", 4)
    town.do(lambda uow: sources.put(uow, NOON, "x", evolve(uow.sources.by_name("县台"), url="https://feed.example/")))
    fetches = Fetches()
    editor = beside(town, "editor", lambda gate: SourcePages(gate, fetches))
    page = editor.get(f"/admin/sources/of/{quote('县台')}").body
    assert "等您确认" in page
    assert "南湖新闻" in page

    post(editor, "sources/fetch", name="县台")
    post(editor, "sources/fetch", name="县台", force=1)

    assert fetches.asked == [("县台", False), ("县台", True)]
    assert post(editor, "sources/fetch", name="没有").status == 404


def test_a_field_is_pinned_over_every_source_and_given_back(town: Town, channel: int) -> None:
    feed(town, "县台", 6)
    editor = town.browser("editor")
    rows = town.do(lambda uow: uow.guide.between(NOON - timedelta(days=1), NOON + timedelta(days=1), {channel}))
    number = rows[3].id  # type: ignore[index]
    assert "节目3" in editor.get(f"/admin/sources/guide?channel={channel}").body

    assert post(editor, "sources/pin", programme=number, field="desc", value="<i>手写</i>").status == 200

    page = editor.get(f"/admin/sources/programme/{number}").body
    assert "&lt;i&gt;手写&lt;/i&gt;" in page
    assert ">手工</span>" in page
    assert post(editor, "sources/pin", programme=number, field="desc", off=1).status == 200
    assert ">手工</span>" not in editor.get(f"/admin/sources/programme/{number}").body
    for wrong in ({"field": "uid"}, {"field": "title", "value": " "}, {"field": "desc", "value": "长" * 601}):
        assert post(editor, "sources/pin", programme=number, **{"value": "x"} | wrong).status == 422
    assert editor.get("/admin/sources/programme/999").status == 404


def test_a_channel_is_told_whom_to_believe_first(town: Town, channel: int) -> None:
    for name in ("县台", "市台"):
        feed(town, name, 3, title=f"{name}节目")
    editor = town.browser("editor")
    where = f"/admin/sources/guide?channel={channel}&day=2025-11-22"
    assert "县台节目1" in editor.get(where).body
    named = {"channel": channel, "name_1": "县台", "name_2": "市台"}

    assert post(editor, "sources/order", **named, place_1="", place_2=1).status == 200

    page = editor.get(where).body
    assert ("市台节目1" in page, "县台节目1" in page, 'name="off"' in page) == (True, False, True)
    assert post(editor, "sources/order", **named, place_1=2, place_2=2).status == 422
    assert post(editor, "sources/order", **named, off=1).status == 200
    assert "县台节目1" in editor.get(where).body


def test_aliases_are_kept_forgotten_and_travel_as_a_sheet(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    where = "/admin/sources/aliases"
    assert "还没有别名" in editor.get(where).body
    assert post(editor, "sources/aliases/add", channel=channel, name=" 南湖一套 ").status == 200
    assert post(editor, "sources/aliases/add", channel=channel, name="=危险").status == 200
    assert post(editor, "sources/aliases/add", channel=channel, name=" ").status == 422
    assert "南湖一套" in editor.get(where).body

    for kind in ("csv", "xlsx"):
        sheet = editor.post(f"{where}/export", kind=kind).raw
        for name in ("南湖一套", "=危险"):
            post(editor, "sources/aliases/remove", name=name)
        assert "还没有别名" in editor.get(where).body
        assert editor.upload(f"{where}/import", f"x.{kind}", sheet).status == 303
        assert town.do(lambda uow: {name: set(some) for name, some in uow.sources.aliases().items()}) == {
            CHANNEL: {"南湖一套", "=危险"}
        }

    bad = "频道,别名\n南湖新闻,新的\n没有台,甲\n".encode()
    refused = editor.upload(f"{where}/import", "x.csv", bad)
    assert (refused.status, "第 3 行" in refused.body, "新的" in editor.get(where).body) == (422, True, False)
    feed(town, "县台", 3, told="c9.x", shown="南湖一套")
    assert town.do(lambda uow: uow.sources.unmatched()) == ()


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("categories", "新闻、访谈，新闻", ("新闻", "访谈")),
        ("keywords", "", ()),
        ("credits", "导演 王明；演员 李兰", (Credit("director", "王明"), Credit("actor", "李兰"))),
        ("icon", "https://tv.example/a.png?x=1", "https://tv.example/a.png?x=1"),
        ("episode", "2.12", "1.11."),
        ("episode", "7", ".6."),
        ("date", "20261125", "20261125"),
    ],
)  # fmt: skip
def test_every_field_can_be_pinned_stays_over_the_next_feed_and_is_written_as_it_was_typed(
    town: Town, channel: int, field: str, typed: str, kept: object
) -> None:
    feed(town, "县台", 6)
    editor = town.browser("editor")
    rows = town.do(lambda uow: uow.guide.between(NOON - timedelta(days=1), NOON + timedelta(days=1), {channel}))
    number = rows[3].id  # type: ignore[index]

    assert post(editor, "sources/pin", programme=number, field=field, value=typed).status == 200

    feed(town, "县台", 6)
    stored = town.do(lambda uow: uow.guide.airing(number))
    assert kept == getattr(stored.programme, field)  # type: ignore[attr-defined]
    shown = written(field, kept)
    assert f'value="{shown}"' in editor.get(f"/admin/sources/programme/{number}").body
    assert kept == pinned(field, shown, TEXTS)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("credits", "王明"), ("credits", "导演"), ("icon", "javascript:alert(1)"), ("icon", "/a.png"),
        ("icon", 'https://a/"onload='), ("episode", "0"), ("episode", "1.2.3"), ("date", "20261301"),
        ("categories", "、".join(f"类{n}" for n in range(41))),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_read_is_refused_with_how_it_is_written(
    town: Town, channel: int, field: str, typed: str
) -> None:
    feed(town, "县台", 1)
    rows = town.do(lambda uow: uow.guide.between(NOON - timedelta(days=1), NOON + timedelta(days=1), {channel}))

    answer = post(town.browser("editor"), "sources/pin", programme=rows[0].id, field=field, value=typed)  # type: ignore[index]

    assert answer.status == 422


def test_the_rows_of_a_report_are_taken_home_as_a_sheet(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    assert editor.post("/admin/sources/report", name="县台").status == 404
    found = [Finding("time", "quarantined", n, CHANNEL, "9:61", f"=节目{n}") for n in range(1, 701)]

    def run(uow):
        sources.put(uow, NOON, "test", GuideSource(0, "县台"))
        report = Report("县台", 700, 0, 700, 0, counts={"time": 700}, findings=tuple(found))
        source_reports.keep(uow, NOON, report, {"published": (), "parked": (), "held": ()})

    town.do(run)

    answer = editor.post("/admin/sources/report", name="县台", kind="csv")

    lines = answer.raw.decode("utf-8-sig").splitlines()
    assert len(lines) == 701
    assert "'=节目700" in lines[700]
    assert editor.post("/admin/sources/report", name="县台").raw.startswith(b"PK")
    told = json.loads(editor.post("/admin/sources/report", name="县台", kind="json").body)
    assert (told["quarantined"], told["counts"], len(told["findings"])) == (700, {"time": 700}, 700)
    assert told["findings"][0]["raw"] == "=节目1"
    assert "下载 Excel" in editor.get("/admin/sources/of/" + quote("县台")).body


PROFILE = f"""name = "nanhu"
onid = 1
network_id = 2
ts_id = 3
[[services]]
channel = "{CHANNEL}"
service_id = 101
ts_id = 3
[[services]]
channel = "other.example"
service_id = 102
ts_id = 3
"""


def test_a_profile_is_tried_before_it_is_kept(town: Town, channel: int) -> None:
    feed(town, "县台", 20)
    admin = town.browser("admin")

    tried = admin.post("/admin/networks/save", toml=PROFILE, do="preview")

    assert tried.status == 200
    assert all(words in tried.body for words in ("Mb/s", "频道表里没有：other.example", "码率够用"))
    assert town.do(lambda uow: uow.service_information.networks()) == ()
    faults = admin.post("/admin/networks/save", toml='name = "x"', do="save")
    assert (faults.status, "onid" in faults.body, "services" in faults.body) == (422, True, True)
    assert admin.post("/admin/networks/save", toml=PROFILE, do="save").status == 303
    assert "没有启用" in admin.get("/admin/networks").body
    assert "已经有" in admin.post("/admin/networks/save", toml=PROFILE, do="save").body
    other = PROFILE.replace('"nanhu"', '"else"')
    assert "名称不能改" in admin.post("/admin/networks/save", name="nanhu", toml=other, do="save").body
    assert "启用了，没有发出" not in admin.get("/admin/networks").body
    assert town.browser("editor").get("/admin/networks").status == 403


def test_a_carousel_on_the_air_tells_what_it_sent(town: Town, channel: int) -> None:
    town.browser("admin").post("/admin/networks/save", toml=PROFILE, active=1, do="save")
    assert "启用了，没有发出" in town.browser("admin").get("/admin/networks").body
    air = [Sending("nanhu", "239.1.1.1:5000", 2_000_000, 123_456, 7, 1)]
    admin = beside(town, "admin", lambda gate: NetworkPages(gate, lambda: air))

    page = admin.get("/admin/networks").body

    assert all(words in page for words in ("正在发送", "239.1.1.1:5000", "123,456"))
    assert "被网络拒绝 7 个" in admin.get("/admin/networks/of/nanhu").body


def test_what_was_on_air_stands_beside_the_plan(town: Town, channel: int) -> None:
    day = NOON.date()
    begin = begins(day, Rules(CHANNEL))

    def write(uow):
        halves = (("a", 0, "上半天"), ("b", 43_200, "下半天"))
        blocks = tuple(Block(name, at, 43_200, Content(title, live=True), "fixed") for name, at, title in halves)
        template = uow.plans.put_template(CHANNEL, DayTemplate(0, "日常", blocks))
        uow.plans.put_pattern(Pattern(0, CHANNEL, (template.id,) * 7, day))
        made = plan.begin(uow, NOON, "editor", CHANNEL, day)
        plan.submit(uow, NOON, "editor", CHANNEL, day)
        plan.sign(uow, NOON, "office", CHANNEL, day)
        line = AsRun(CHANNEL, begin + timedelta(seconds=40), begin + timedelta(hours=12), "上半天", made.items[0].uid)
        as_run.record(uow, NOON, "playout", [line])

    editor = town.browser("editor")
    assert "没有审定的节目单" in editor.get(f"/admin/plan/as-run?channel={channel}").body
    town.do(write)

    during = editor.get(f"/admin/plan/as-run?channel={channel}&day={day}").body
    town.later(hours=8)
    at_night = town.browser("editor").get(f"/admin/plan/as-run?channel={channel}").body
    town.later(hours=4)
    editor = town.browser("editor")
    page = editor.get(f"/admin/plan/as-run?channel={channel}&day={day}").body

    assert f"{day.month} 月 {day.day} 日播出记录" in at_night, "03:30: its broadcast day runs until 06:00"
    assert all(words in during for words in ("40 秒", "截短 1", "还没播完 1"))
    assert all(words in page for words in ("40 秒", "截短 1", "未播 1"))
    exported = editor.post("/admin/plan/as-run/export", channel=channel, day=day, kind="csv").raw.decode("utf-8-sig")
    assert "上半天" in exported
    assert editor.post("/admin/plan/as-run/times", channel=channel, on=1).status == 403
    assert json.loads(post(town.browser("office"), "plan/as-run/times", channel=channel, on=1).body)["said"]
    assert town.do(lambda uow: as_run.by_real_times(uow, CHANNEL)) is True


def test_what_began_a_minute_off_the_guide_is_told_to_who_plans(town: Town, channel: int) -> None:
    begin = begins(NOON.date(), Rules(CHANNEL))

    def aired(minutes: float):
        line = AsRun(CHANNEL, begin + timedelta(minutes=minutes), begin + timedelta(hours=12), "上午", "u1")
        town.do(lambda uow: as_run.record(uow, NOON, "playout", [line]))
        return town.browser("editor").get("/admin/plan").body

    row = Programme("u1", CHANNEL, begin, begin + timedelta(hours=12), "上午")
    town.do(lambda uow: uow.guide.write([Airing(0, channel, "plan", row)], (), ()))

    assert "实播比节目单" not in aired(0.9)
    assert "南湖新闻 实播比节目单晚 3 分钟" in aired(3)


def test_quarantined_rows_are_released_corrected_or_put_away_on_the_page_of_their_source(
    town: Town, channel: int
) -> None:
    times = (("08", "10", "早安"), ("09", "11", "党课"), ("11", "12", "&lt;b>读报"), ("12", "13", ""))
    rows = "".join(ROW.format(id=CHANNEL, h=int(a), n=int(b), title=title) for a, b, title in times)
    body = FEED.format(
        id=CHANNEL, name="南湖新闻", rows=rows.replace('start="2025112211', 'start="202511221161')
    ).encode()

    def again(uow):
        source = uow.sources.by_name("县台") or sources.put(uow, NOON, "x", GuideSource(0, "县台"))
        sources.stage(uow, NOON, "x", "县台", guide.read_file(body, sources.reading_of(source)))
        return {one.held.title: one.held.key for one in source_rows.quarantined(uow, "县台")}

    keys = town.do(again)
    editor, where = town.browser("editor"), f"/admin/sources/of/{quote('县台')}"
    before = editor.get(where).body
    assert ("&lt;b&gt;读报" in before, before.count(">放行</button>"), before.count("改正…")) == (True, 1, 3)

    assert post(editor, "sources/row", source="县台", row=keys["党课"], how="release").status == 200
    late = {"start": "2025-11-22T11:00:00", "stop": "2025-11-22T10:00:00", "title": "读报"}
    assert post(editor, "sources/row", source="县台", row=keys["<b>读报"], how="correct", **late).status == 422
    right = late | {"stop": "2025-11-22T12:00:00"}
    assert post(editor, "sources/row", source="县台", row=keys["<b>读报"], how="correct", **right).status == 200
    assert post(editor, "sources/row", source="县台", row=keys[""], how="ignore").status == 200
    assert post(editor, "sources/row", source="县台", row=keys[""], how="burn").status == 422
    assert post(editor, "sources/row", source="县台", row="0", how="ignore").status == 404
    town.do(again)

    page = editor.get(where).body
    shown = town.do(lambda uow: [one.programme.title for one in uow.guide.between(NOON - DAY, NOON + DAY, {channel})])
    assert shown == ["早安", "党课", "读报"]
    assert ("放行 1 改正 1 不再提示 1" in page, page.count(">撤销</button>")) == (True, 3)
    assert "11 月 22 日 11:00—12:00 读报" in page
    assert post(editor, "sources/row", source="县台", row=keys["党课"], how="back").status == 200
    assert town.do(lambda uow: len(uow.guide.between(NOON - DAY, NOON + DAY, {channel}))) == 2
