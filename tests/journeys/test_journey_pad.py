"""A remote without number keys: a whole roll-call by arrows, OK and the pad on the screen, from invitation to done."""

import re
from collections.abc import Callable

import pytest

from tests.journeys.conftest import Town
from tests.journeys.tv import TV

Switch = Callable[..., TV]
PAD = ("123", "456", "789", "*0#")


def _at(key: str) -> tuple[int, int]:
    return next((row, line.index(key)) for row, line in enumerate(PAD) if key in line)


def _type(remote: TV, number: str) -> None:
    """Move over the pad and press OK on each digit, from the key that has the focus."""
    at = _at(remote.focus.removeprefix("k"))
    for digit in number:
        row, column = _at(digit)
        remote.press(*["DOWN" if row > at[0] else "UP"] * abs(row - at[0]))
        remote.press(*["RIGHT" if column > at[1] else "LEFT"] * abs(column - at[1]))
        assert remote.focus == f"k{digit}"
        remote.press("OK")
        at = (row, column)


@pytest.mark.browser
def test_a_number_typed_on_the_pad_is_counted(tv: Switch, town: Town) -> None:
    boxes = {box["household"]: at for at, box in enumerate(town.demo["boxes"])}
    branches = list(dict.fromkeys(member["branch"] for member in town.demo["members"]))
    member = next(m for m in town.demo["members"] if m["branch"] == branches[11] and m["household"] in boxes)
    remote = tv("mag", boxes[member["household"]])
    told = town.command("rollcall", "open", "支部点名", "--branch", branches[11])
    found = re.search(r"Opened roll-call (\d+)", told)
    assert found
    remote.wait(lambda: remote.focus == "iv_ok", "the invitation")

    remote.go("OK", to=f"rc-{found[1]}")
    remote.seek("DOWN", "typed")
    remote.go("OK", to=f"rc-{found[1]}-number")
    remote.requests.clear()
    for _ in range(4):
        remote.press("RIGHT")
        if remote.focus.startswith("k"):
            break
    _type(remote, member["phone"])
    asked = [line for line in remote.requests if not re.search(r"/poll|/invite|-draft", line)]

    assert asked == [], "the pad asks the server for nothing"
    assert remote.focus == "next", "the eleventh digit moves on and sends nothing"
    remote.go("OK", to=f"rc-{found[1]}-confirm")
    phone = member["phone"]
    assert f"{phone[:3]} {phone[3:7]} {phone[7:]}" in remote.text
    remote.go("OK", to=f"rc-{found[1]}-result")
    assert "报到成功" in remote.text
    assert re.search(r"all +1 of", town.command("rollcall", "show", found[1]))
