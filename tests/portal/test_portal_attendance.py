"""The row of a roll-call under 党教园地 says at once who of the home has come, whoever wrote it."""

import re

from middleware.services.rollcall_cadre import mark
from middleware.services.rollcall_entry import Box
from middleware.services.rollcall_signin import SignIn, sign_in_batch
from tests.portal.portal_town import LIU, TV, WANG, ZHANG, PortalTown
from tests.portal.test_portal_rollcall import pick, sign

NOBODY_YET = "还剩 30 分钟"


def row(tv: TV) -> str:
    """What stands behind the roll-call's title in the list, which was kept when it was asked for before."""
    body = tv.page("school-rollcall").body
    return next(words for words in ("1 人已报到", "已报到", NOBODY_YET) if re.search(f">{words}<", body))


def press(town: PortalTown, rollcall: int, name: str, home: str) -> None:
    """A sign-in that another process has written."""
    box = Box(9000, town.ids.homes[home])
    command = SignIn(rollcall, box, f"k{name.encode().hex()}", town.now(), town.ids.members[name])
    (outcome,) = town.store.run_sync(lambda uow: sign_in_batch(uow, [command]))
    assert outcome.code == "accepted"


def test_one_of_two_has_signed_in_on_this_television(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    before = row(tv)
    sign(tv, opened.id, pick(tv, opened.id, portal_town.ids.members[WANG]))

    assert [before, row(tv)] == [NOBODY_YET, "1 人已报到"]


def test_one_of_two_was_written_elsewhere_and_the_neighbours_keep_their_page(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    neighbour = portal_town.tv("01002")
    before = [row(tv), row(neighbour)]
    press(portal_town, opened.id, WANG, "01001")
    portal_town.transactions.clear()
    after = [row(neighbour), row(tv)]
    read = len(portal_town.transactions)

    assert before == [NOBODY_YET, NOBODY_YET]
    assert after == [NOBODY_YET, "1 人已报到"]
    assert read == 1


def test_what_a_cadre_marks_and_takes_back(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    seen = [row(tv)]
    for name, to in ((WANG, "present"), (ZHANG, "present"), (ZHANG, "absent"), (LIU, "present")):
        member = portal_town.ids.members[name]
        portal_town.store.run_sync(
            lambda uow, member=member, to=to: mark(uow, portal_town.now(), None, opened.id, member, to, "电话核实")
        )
        seen.append(row(tv))

    assert seen == [NOBODY_YET, "1 人已报到", "已报到", "1 人已报到", "1 人已报到"]
