"""One call of every action in a town on a clock, to be compared with the bytes on record (ministra_exchanges.txt)."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from middleware.domain.accounts import Account
from middleware.domain.events import ContentChanged
from middleware.domain.packages import Grant, Package
from middleware.services import accounts, packages
from tests.portal.ministra_box import Box, stocked
from tests.portal.portal_town import NOW, PortalTown
from vod.catalogue import Series

RECORD = Path(__file__).with_name("ministra_exchanges.txt")
_SECRET = re.compile(rb'(?<=/l/)[A-Za-z0-9_\-]+|(?<=oken":")[0-9A-F]{32}|(?<="random":")[0-9a-f]{40}')


def exchanges(make: Callable[..., PortalTown]) -> Iterator[tuple[str, bytes]]:
    """Every call of the list with its answer; tokens and signatures are left out."""
    town, ids = stocked(make)
    town.write(lambda uow: _furnish(uow, town, ids))
    box = Box(town)
    for call in recorded():
        name, _, query = call.partition("?")
        kind, _, action = name.partition("/")
        fields = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        answer = box.get(kind, action, **fields)
        if action == "handshake":
            box.bearer = answer.js["token"]
        yield call, _SECRET.sub(b"SECRET", answer.raw)


def _furnish(uow: Any, town: PortalTown, ids: dict[str, int]) -> None:
    """A short guide, a series, an account and a package."""
    far = [one.id for one in uow.guide.between(NOW - timedelta(days=2), NOW + timedelta(days=2))]
    near = uow.guide.between(NOW - timedelta(hours=3), NOW + timedelta(hours=1))
    uow.guide.write([], [], [one for one in far if one not in {airing.id for airing in near}])
    series = uow.assets.add_series(Series(0, "style", "湖上新桥", "一座桥的故事", 2025))
    for place, film in enumerate(town.ids.films[:2], 1):
        uow.assets.place_in_series(film, series.id, 1, place)
    made = accounts.add(uow, NOW, "test", Account(0, "88001", "wang", "王秀兰"), password="geheim", phone="13806336021")
    accounts.tie(uow, NOW, "test", town.ids.boxes["01001"], made.id)
    basic = packages.add(uow, NOW, "test", Package(0, "a", "基本包", "直播和点播"))
    packages.grant(uow, NOW, "test", Grant(basic.id, "town"))
    for noun in ("programme", "asset", "channel"):
        uow.outbox.add(ContentChanged(noun))


def recorded() -> dict[str, bytes]:
    """What is on record."""
    lines = RECORD.read_bytes().split(b"\n")
    return {call[2:].decode(): answer[2:] for call, answer in zip(lines[::2], lines[1::2], strict=False)}


def record(found: Iterable[tuple[str, bytes]]) -> None:
    """Write the record anew; whoever does so reads the difference. A new call is put into it by hand first."""
    told = [*found]
    RECORD.write_bytes(b"".join(b"> %s\n< %s\n" % (call.encode(), answer) for call, answer in told))
