"""`nanhu-tv epg`: sources, exports in every form, sheets as drafts, a day from draft to guide, what was on, streams."""

import http.server
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from epg import m3u, xmltv
from epg.asrun import AsRun
from epg.model import Channel, Name, Programme
from epg.xmltv_out import packed, write
from middleware.services import as_run
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.cli.conftest import Nanhu

CHANNEL, OTHER = "nhxw.nanhu.cn", "rz1.rizhao.cn"
AT = "2026-11-24T12:00:00"
DAY = "2026-11-25"
BEGIN = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
SHEET = """频道,日期,时间,节目,时长,备注
南湖新闻,2026-11-25,6:00,早安南湖,,直播
,,12:00,午间新闻,,直播
,,19:00,新闻联播,,转播
"""


def feed(name: str, channel: str = CHANNEL, title: str = "南湖新闻") -> bytes:
    rows = [
        Programme("", channel, BEGIN + timedelta(hours=n), BEGIN + timedelta(hours=n + 1), f"{name}{n}")
        for n in range(96)
    ]
    return write([Channel(channel, (Name(title, "zh"),), 1)], rows, at=BEGIN)


@pytest.fixture
def town(nanhu: Nanhu, tmp_path: Path) -> Nanhu:
    """Two channels, one of them with four days."""
    for name, channel, title in (("甲", CHANNEL, "南湖新闻"), ("乙", OTHER, "日照综合")):
        file = tmp_path / f"{channel}.xml"
        file.write_bytes(feed(name, channel, title))
        nanhu.well("epg", "import", "seed", str(file), "--new-channels")
    nanhu.well("channel", "set", CHANNEL, "--url", "/v/5-1/master.m3u8")
    return nanhu


def test_the_guide_is_written_in_the_form_that_the_name_asks_for(town: Nanhu, tmp_path: Path) -> None:
    files = {name: tmp_path / f"guide.{name}" for name in ("xml", "xml.gz", "m3u", "json")}
    for file in files.values():
        town.well("epg", "export", str(file), "--days", "2", "--at", AT, "--base", "http://tv.test/")
    whole = files["xml"].read_bytes()
    told = json.loads(files["json"].read_text(encoding="utf-8"))

    assert {one.xmltv_id for one in xmltv.read(whole).channels} == {CHANNEL, OTHER}
    assert len(xmltv.read(whole).programmes) == 2 * 48
    assert files["xml.gz"].read_bytes() == packed(whole)
    assert [
        re.sub(r"/t/\d+/[\w-]{22}/pub/", "/signed/", one.url)
        for one in m3u.read(files["m3u"].read_bytes()).playlist.entries
    ] == ["http://tv.test/signed/v/5-1/master.m3u8"]
    assert (len(told["channels"]), len(told["programmes"])) == (2, 96)
    town.well(
        "epg", "export", str(tmp_path / "one"), "--kind", "json", "--channel", "日照综合", "--days", "1", "--at", AT
    )
    assert {one["channel"] for one in json.loads((tmp_path / "one").read_text(encoding="utf-8"))["programmes"]} == {
        OTHER
    }
    assert "--base" in town.fault("epg", "export", str(tmp_path / "x.m3u"))
    assert "no channel 'x'" in town.fault("epg", "export", str(tmp_path / "x.xml"), "--channel", "x")
    assert "no plan" in town.fault("epg", "export", str(tmp_path / "x.csv"))


def test_a_sheet_becomes_a_draft_and_a_day_is_signed_by_another_into_the_guide(town: Nanhu, tmp_path: Path) -> None:
    sheet, again = tmp_path / "week.csv", tmp_path / "again.csv"
    sheet.write_text(SHEET, encoding="gbk")
    dry = town.well("epg", "sheet", str(sheet), "--dry-run", "--at", AT)
    assert "nobody has begun" in town.fault("epg", "day", CHANNEL, DAY)
    taken = town.well("epg", "sheet", str(sheet), "--at", AT, "--as", "wang")
    checked = town.well("epg", "check", CHANNEL, DAY, "--approval")
    submitted = town.well("epg", "day", CHANNEL, DAY, "--submit", "--at", AT, "--as", "wang")

    assert f"{CHANNEL} {DAY}: 3 added, 0 changed, 0 removed\n  + 06:00:00 早安南湖" in dry
    assert dry.endswith("Nothing was written: a dry run\n")
    assert taken.endswith("Taken\n")
    assert "none of them an error" in checked
    assert "submitted by wang" in submitted
    assert "nobody signs his own day" in town.fault("epg", "day", "1", DAY, "--sign", "--as", "wang")
    signed = town.well("epg", "day", "1", DAY, "--sign", "--as", "zhao", "--at", AT)
    assert "approved by wang, signed by zhao" in signed
    town.well("epg", "export", str(again), "--at", AT)
    assert "送审或审定" in town.well("epg", "sheet", str(again), "--dry-run", "--at", AT)
    out = tmp_path / "guide.json"
    town.well("epg", "export", str(out), "--channel", "1", "--days", "2", "--at", AT)
    titles = [one["title"] for one in json.loads(out.read_text(encoding="utf-8"))["programmes"]]
    assert "早安南湖" in titles
    assert "revision 2, draft" in town.well("epg", "day", "1", DAY, "--reopen", "改一处", "--as", "wang")
    assert "2026-11-26: revision 1, draft" in town.well("epg", "day", "1", DAY, "--copy-to", "2026-11-26")
    assert "one thing" in town.fault("epg", "day", "1", DAY, "--undo", "--return", "x")


def test_faults_of_a_sheet_are_told_by_cell_and_nothing_of_that_day_is_taken(town: Nanhu, tmp_path: Path) -> None:
    sheet = tmp_path / "week.csv"
    sheet.write_text(SHEET.replace("12:00", "9:61"), encoding="utf-8")
    result = town("epg", "sheet", str(sheet), "--at", AT)

    assert result.exit_code == 1
    assert "week!C3 time: " in result.output
    assert f"南湖新闻 {DAY}: left as it is" in result.output
    assert "nobody has begun" in town.fault("epg", "check", CHANNEL, DAY)


def test_an_error_keeps_a_day_from_being_submitted_until_it_is_mended(town: Nanhu, tmp_path: Path) -> None:
    sheet = tmp_path / "week.csv"
    sheet.write_text(SHEET.replace(",,12:00,午间新闻,,", ",,12:00,午间新闻,600,"), encoding="utf-8")
    town.well("epg", "sheet", str(sheet), "--at", AT)
    found = town("epg", "check", CHANNEL, DAY)
    assert found.exit_code == 1
    line = next(one for one in found.output.splitlines() if "error overlap" in one)

    assert "keep 2026-11-25 from being submitted" in found.stderr
    assert "the day has errors" in town.fault("epg", "day", CHANNEL, DAY, "--submit")
    number = line.strip()[1 : line.strip().index("]")]
    assert "none of them an error" in town.well("epg", "check", CHANNEL, DAY, "--mend", number, "trim")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A partner's feed by HTTP."""
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "feed.xml").write_bytes(feed("丙", "c1.lan", "CCTV-1综合"))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given: object) -> None:
            super().__init__(*given, directory=str(tmp_path / "www"))  # type: ignore[arg-type]

        def log_message(self, *_words: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}/feed.xml"
        serving.shutdown()
        thread.join()


def test_a_source_is_kept_fetched_matched_by_hand_and_forgotten(town: Nanhu, server: str) -> None:
    town.well("epg", "source", "add", "lan", "--url", server, "--rank", "5", "--field", "desc", "9", "--minutes", "60")
    town.well("epg", "source", "add", "lan", "--shift", "0")
    fetched = town.well("epg", "source", "fetch", "lan")
    parked = town.well("epg", "source", "unmatched")
    matched = town.well("epg", "source", "match", "lan", "c1.lan", "日照综合", "--alias")

    assert "Not ours yet: CCTV-1综合" in fetched
    assert "c1.lan" in parked
    assert "(96 rows)" in parked
    assert matched == "c1.lan of lan is 日照综合\n"
    assert town.well("epg", "source", "unmatched") == ""
    assert "CCTV-1综合" in town.well("epg", "source", "alias")
    assert "rank 5, every 60 min" in town.well("epg", "source", "list")
    assert "lan                  by rank" in town.well("epg", "source", "order", "日照综合")
    assert "lan                  set for this channel" in town.well("epg", "source", "order", "日照综合", "lan")
    assert "by rank" in town.well("epg", "source", "order", "日照综合", "--by-rank")
    assert "no source" in town.fault("epg", "source", "order", "日照综合", "nobody")
    assert "either" in town.fault("epg", "source", "match", "lan", "c1.lan")
    town.well("epg", "source", "alias", "--remove", "CCTV-1综合")
    assert town.well("epg", "source", "alias") == ""
    town.well("epg", "source", "remove", "lan")
    assert town.well("epg", "source", "list") == ""
    assert "no such source" in town.fault("epg", "source", "remove", "lan")


def test_a_source_that_does_not_answer_leaves_the_guide_and_says_since_when(town: Nanhu, server: str) -> None:
    town.well("epg", "source", "add", "gone", "--url", server.replace("feed", "nothing"))

    assert "HTTP 404; the guide is as before" in town.fault("epg", "source", "fetch", "gone")
    assert "failing since" in town.well("epg", "source", "list")
    town.well("epg", "source", "add", "hand")
    assert "has no address" in town.fault("epg", "source", "fetch", "hand")
    assert "http://" in town.fault("epg", "source", "add", "bad", "--url", "ftp://x")


def test_what_was_on_is_shown_beside_the_plan_and_written_as_a_sheet(town: Nanhu, tmp_path: Path) -> None:
    sheet, out = tmp_path / "week.csv", tmp_path / "as-run.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    town.well("epg", "sheet", str(sheet), "--at", AT, "--as", "wang")
    town.well("epg", "day", CHANNEL, DAY, "--submit", "--as", "wang")
    town.well("epg", "day", CHANNEL, DAY, "--sign", "--as", "zhao")
    store = Store.open(f"sqlite:///{town.data}/nanhu.db", vault=Vault.load(town.data))
    (planned,) = store.run_sync(
        lambda uow: uow.plans.approved(CHANNEL, *[datetime(2026, 11, 25).date()] * 2), write=False
    )
    first = planned.items[0]
    late = AsRun(CHANNEL, first.start + timedelta(seconds=90), first.stop, "早安南湖", first.uid)
    store.run_sync(lambda uow: as_run.record(uow, first.stop, "playout", [late]))
    store.close()

    told = town.well("epg", "as-run", CHANNEL, DAY, "--out", str(out), "--guide")

    assert "revision 1, 1 lines" in told
    assert "06:00:00  late" not in told
    assert "06:00:00  cut      早安南湖, +90 s" in told
    assert "missed   午间新闻" in told
    rows = out.read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("计划开始,计划结束,节目,实际开始")
    assert rows[1].startswith("2026-11-25 06:00:00,2026-11-25 12:00:00,早安南湖,2026-11-25 06:01:30,")
    assert "should end in" in town.fault("epg", "as-run", CHANNEL, DAY, "--out", "x.pdf")


PROFILE = f"""
name = "rizhao"
title = "日照有线"
onid = 8214
network_id = 12289
ts_id = 1
[[services]]
channel = "{CHANNEL}"
service_id = 101
ts_id = 1
name = "南湖新闻"
pmt_pid = 257
[output]
rate = 1000000
"""


def test_a_stream_is_looked_through(town: Nanhu, tmp_path: Path) -> None:
    (tmp_path / "rizhao.toml").write_text(PROFILE, encoding="utf-8")
    town.well("si", "save", str(tmp_path / "rizhao.toml"))
    stream = tmp_path / "out.ts"
    town.well("si", "export", str(stream), "--network", "rizhao", "--at", AT)

    told = town.well("epg", "inspect", str(stream), "--rate", "1000000")

    assert "1.000 Mb/s" in told
    assert ", 0 sections broken" in told
    assert told.count(", 0 continuity errors") >= 5
    assert "time in the stream: 2026-11-24 12:00:" in told
    assert "service 101 南湖新闻" in told
    lines = {line[:24].strip(): line for line in told.splitlines()}
    assert "1 sub-tables, 2 sections" in lines["EIT p/f actual"]
    assert float(lines["EIT p/f actual"].split("cycle ")[1].split()[0]) <= 2.0
    assert {"PAT", "NIT actual", "SDT actual", "TDT", "TOT", "EIT schedule actual 0"} <= set(lines)
    assert "no transport stream" in town.fault("epg", "inspect", str(tmp_path / "rizhao.toml"))


def test_the_guide_goes_back_to_a_snapshot_after_a_dry_run(town: Nanhu, tmp_path: Path) -> None:
    file = tmp_path / "other.xml"
    file.write_bytes(feed("丙"))
    town.well("epg", "import", "wrong", str(file))
    listed = town.well("epg", "snapshots")
    numbers = [line.split()[0] for line in listed.splitlines()]

    told = town.well("epg", "rollback", numbers[1], "--dry-run")
    assert "Nothing was written" in told
    assert "96 come back, 0 change, 96 go" in told
    assert f"as in snapshot {numbers[1]}" in town.well("epg", "rollback", numbers[1], "--yes")

    assert "The guide is as it was then" in town.well("epg", "rollback", numbers[1], "--yes")


QUARANTINED = f"""<tv><channel id="{CHANNEL}"><display-name>南湖新闻</display-name></channel>
<programme channel="{CHANNEL}" start="20261125060000 +0800" stop="20261125070000 +0800"><title>早安</title></programme>
<programme channel="{CHANNEL}" start="20261125063000 +0800" stop="20261125073000 +0800"><title>党课</title></programme>
<programme channel="{CHANNEL}" start="2026-11-25 8" stop="20261125090000 +0800"><title>读报</title></programme>
</tv>"""


def test_rows_of_a_file_that_were_not_taken_are_decided_of_and_stay_so(town: Nanhu, tmp_path: Path) -> None:
    file = tmp_path / "county.xml"
    file.write_text(QUARANTINED, encoding="utf-8")
    town.well("epg", "source", "add", "county")
    dry = town.well("epg", "import", "county", str(file), "--dry-run")
    assert ("Nothing was written" in dry, town.well("epg", "source", "rows", "county")) == (True, "")
    town.well("epg", "import", "county", str(file))
    listed = {line.split()[-1]: line.split()[0] for line in town.well("epg", "source", "rows", "county").splitlines()}

    town.well("epg", "source", "release", "county", listed["党课"])
    assert "corrected" in town.fault("epg", "source", "correct", "county", listed["读报"])
    town.well("epg", "source", "correct", "county", listed["读报"][:6], "--start", "2026-11-25T08:00")
    town.well("epg", "import", "county", str(file))

    told = town.well("epg", "source", "rows", "county")
    assert [line.split()[1] for line in told.splitlines()] == ["released", "corrected"]
    guide = tmp_path / "out.xml"
    town.well("epg", "export", str(guide), "--days", "1", "--at", f"{DAY}T01:00:00")
    shown = [one.title for one in xmltv.read(guide.read_bytes()).programmes if one.channel == CHANNEL]
    assert {"早安", "党课", "读报"} <= set(shown)
    town.well("epg", "source", "ignore", "county", listed["党课"])
    town.well("epg", "source", "take-back", "county", listed["读报"])
    assert [line.split()[1] for line in town.well("epg", "source", "rows", "county").splitlines()] == ["to", "ignored"]
    assert "no row" in town.fault("epg", "source", "ignore", "county", "zz")
