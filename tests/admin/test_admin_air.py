"""What an own channel plays, in the back office: looked at by editors, broken into by those who sign."""

from datetime import timedelta

import pytest

from middleware.services import ledger
from tests.admin.conftest import Town
from tests.contract.channel_town import CHANNEL, settle


@pytest.fixture
def films(town: Town) -> dict[str, int]:
    return settle(town.store)


def turn(town: Town) -> None:
    ms = ledger.ms(town.now)

    def run(uow) -> None:
        ledger.publish(uow, town.now, CHANNEL, uow.ledger.lock(CHANNEL, "server", ms, ms + 20_000))

    town.do(run)


def test_an_editor_sees_what_is_on_and_those_who_sign_break_in(town: Town, films: dict[str, int]) -> None:
    (channel,) = town.do(lambda uow: uow.guide.channels())
    where = f"/admin/plan/air?channel={channel.id}"
    assert "服务器运行后马上开始" in town.browser("editor").get(where).body
    turn(town)
    page = town.browser("editor").get(where)
    assert (page.status, "正在播" in page.body, "马上插播" in page.body) == (200, True, False)

    office = town.browser("office")
    assert "advert（30 秒）" in office.get(where).body
    fields = {"channel": channel.id, "film": films["advert"], "behind": "resume"}
    assert "请写明插播的原因" in office.post("/admin/plan/air/insert", **fields).body
    done = office.post("/admin/plan/air/insert", reason="停水通知", **fields)
    assert (done.status, done.headers["location"]) == (303, where)
    assert "结束插播" in office.get(where).body
    (entry,) = [one for one in town.do(lambda uow: uow.audit.entries("channel")) if one.verb == "insert"]
    assert (entry.actor, entry.detail["reason"]) == ("office", "停水通知")

    assert office.post("/admin/plan/air/end", channel=channel.id).status == 303
    assert "结束插播" not in office.get(where).body
    assert "现在没有插播" in office.post("/admin/plan/air/end", channel=channel.id).body
    town.now += timedelta(hours=1)
    assert "没有服务器在排播" in office.get(where).body


def test_an_editor_may_not_break_in(town: Town, films: dict[str, int]) -> None:
    (channel,) = town.do(lambda uow: uow.guide.channels())
    turn(town)
    answer = town.browser("editor").post(
        "/admin/plan/air/insert", channel=channel.id, film=films["advert"], reason="x", behind="resume"
    )

    assert answer.status == 403
