"""The roll-call from the sofa: from the invitation to 报到成功, in every way a household may go."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import Town
from tests.journeys.tv import TV

Switch = Callable[..., TV]
FAMILIES = ("pc", "ipanel", "ctc", "mag")


def _open(town: Town, branch: str, title: str = "党员大会点名") -> int:
    """Open a roll-call on the command line, as a second process beside the server; its id."""
    told = town.command("rollcall", "open", title, "--branch", branch)
    found = re.search(r"Opened roll-call (\d+)", told)
    assert found, told
    return int(found[1])


def _at_home(town: Town, branch: str) -> tuple[int, dict[str, Any]]:
    """Index of a box whose household has a member of this branch, and that member."""
    boxes = {box["household"]: at for at, box in enumerate(town.demo["boxes"])}
    for member in town.demo["members"]:
        if member["branch"] == branch and member["household"] in boxes:
            return boxes[member["household"]], member
    raise AssertionError(f"nobody of {branch} lives with a box")


def _branches(town: Town) -> list[str]:
    """Branches in the order of the demonstration's members, the first (already called) left out."""
    return list(dict.fromkeys(member["branch"] for member in town.demo["members"]))[1:]


def _present(town: Town, rollcall: int) -> int:
    told = re.search(r"all +(\d+) of", town.command("rollcall", "show", str(rollcall)))
    assert told
    return int(told[1])


@pytest.mark.browser
@pytest.mark.parametrize(("place", "family"), list(enumerate(FAMILIES)))
def test_an_invited_member_types_his_number_and_is_counted(tv: Switch, town: Town, place: int, family: str) -> None:
    branch = _branches(town)[place]
    at, member = _at_home(town, branch)
    remote = tv(family, at)

    rollcall = _open(town, branch)
    remote.wait(lambda: remote.focus == "iv_ok", "the invitation")
    remote.shot("invited")
    remote.go("OK", to=f"rc-{rollcall}")
    remote.shot("who")
    remote.seek("DOWN", "typed")
    remote.go("OK", to=f"rc-{rollcall}-number")
    remote.requests.clear()
    remote.type(member["phone"])
    assert [r for r in remote.requests if "/poll" not in r and "-draft" not in r] == [], "eleven digits, no request"
    remote.shot("typed")
    assert remote.focus == "next"
    remote.go("OK", to=f"rc-{rollcall}-confirm")
    remote.shot("confirm")
    assert member["name"] in remote.text
    remote.go("OK", to=f"rc-{rollcall}-result")
    remote.shot("done")

    assert _present(town, rollcall) == 1
    assert not any(member["phone"] in request for request in remote.requests)
    assert member["phone"] not in (town.data / "server.log").read_text(encoding="utf-8")


@pytest.mark.browser
def test_a_wrong_digit_is_told_at_once_and_repaired_by_left(tv: Switch, town: Town) -> None:
    remote = tv("pc", 0)
    rollcall = town.demo["rollcall"]["id"]
    remote.page.goto(f"{town.base}/p/rc-{rollcall}-number")
    remote.settle()

    remote.type("12")
    assert "第 2 位不对" in remote.text
    remote.shot("wrong")
    remote.press("LEFT")
    assert "第 2 位不对" not in remote.text
    assert remote.page.inner_text("#d0") == "1"


@pytest.mark.browser
def test_the_pad_on_the_screen_types_without_number_keys(tv: Switch, town: Town) -> None:
    remote = tv("ipanel", 0)
    rollcall = town.demo["rollcall"]["id"]
    remote.page.goto(f"{town.base}/p/rc-{rollcall}-number")
    remote.settle()

    remote.press("RIGHT")
    remote.wait(lambda: remote.focus.startswith("k"), "the pad")
    remote.shot("pad")
    remote.press("OK")

    assert "已输入 1 位" in remote.text


@pytest.mark.browser
def test_an_unknown_number_ends_with_the_cadre_not_in_a_dead_end(tv: Switch, town: Town) -> None:
    remote = tv("pc", 0)
    rollcall = town.demo["rollcall"]["id"]
    remote.page.goto(f"{town.base}/p/rc-{rollcall}-number")
    remote.settle()

    remote.type("19900000001")
    remote.go("OK", to=f"rc-{rollcall}-result")
    assert "这个号码不在名册里" in remote.text
    remote.shot("unknown")
    remote.seek("RIGHT", "review")
    remote.press("OK")
    remote.wait(lambda: "核实" in remote.text and "请干部核实" not in remote.text, "handed to the cadre")
    remote.shot("review")


@pytest.mark.browser
def test_digits_typed_before_the_set_was_switched_off_are_offered_again_on_the_same_box_only(
    tv: Switch, town: Town
) -> None:
    remote = tv("pc", 0)
    rollcall = town.demo["rollcall"]["id"]
    remote.page.goto(f"{town.base}/p/rc-{rollcall}-number")
    remote.settle()
    remote.type("1380633")
    remote.wait(lambda: any("-draft" in r for r in remote.requests), "the draft")
    remote.page.wait_for_timeout(300)

    again = tv("pc", 0)
    again.page.goto(f"{town.base}/p/rc-{rollcall}-number")
    again.settle()
    other = tv("pc", 1)
    other.page.goto(f"{town.base}/p/rc-{rollcall}-number")
    other.settle()

    assert "已输入 7 位" in again.text
    assert "已输入 0 位" in other.text


@pytest.mark.browser
def test_a_confirm_form_sent_twice_counts_once(tv: Switch, town: Town) -> None:
    branch = _branches(town)[6]
    at, _ = _at_home(town, branch)
    rollcall = _open(town, branch)
    remote = tv("pc", at)
    remote.page.goto(f"{town.base}/p/rc-{rollcall}")
    remote.settle()
    remote.go("1", to=f"rc-{rollcall}-confirm")
    form = remote.page.eval_on_selector_all(
        "form[name=F] input", "all => Object.fromEntries(all.map(e => [e.name, e.value]))"
    )
    cookies = {c["name"]: c["value"] for c in remote.page.context.cookies()}

    answers = [
        httpx.post(f"{town.base}/p/rc-{rollcall}-sign", data=form, cookies=cookies, follow_redirects=True)
        for _ in range(3)
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert _present(town, rollcall) == 1
