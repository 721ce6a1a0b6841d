"""Every action answers the bytes on record, and every action is on record."""

import json
from collections.abc import Callable

from middleware.portal.dialects import Ministra
from tests.portal.ministra_exchanges import exchanges, recorded
from tests.portal.portal_town import PortalTown
from tests.wire.ministra_rules import faults


def test_every_action_answers_the_bytes_on_record(portal_town_with: Callable[..., PortalTown]) -> None:
    known = recorded()
    found = dict(exchanges(portal_town_with))

    assert [*found] == [*known]
    for call, answer in found.items():
        assert answer == known[call], call


def test_every_reply_on_record_keeps_the_typing_rules() -> None:
    letters = {"vod/get_abc?", "series/get_abc?"}
    told = {call: json.loads(answer)["js"] for call, answer in recorded().items() if call not in letters}
    broken = {call: [*faults(js)] for call, js in told.items()}

    assert {call: one for call, one in broken.items() if one} == {}


def test_no_action_is_missing_from_the_record(portal_town_with: Callable[..., PortalTown]) -> None:
    town = portal_town_with()
    api = next(one for one in town.portal._adapters if isinstance(one, Ministra))
    named = {tuple(call.partition("?")[0].split("/")) for call in recorded()}

    assert {*api._table, *api._open} - named == {("stb", "get_localization")}
