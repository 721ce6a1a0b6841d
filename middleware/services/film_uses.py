"""Where a film is on air or fills up: as long as catch-up may ask for it, its files must stay (video.md §3.1)."""

from datetime import datetime, timedelta
from typing import Final

from middleware.domain.errors import BadValue
from middleware.services.ports import UnitOfWork
from middleware.services.video_ports import Use

RETENTION: Final = timedelta(days=7)
"""For so long catch-up may ask for what was on air."""
_LONGEST: Final = timedelta(days=1)
"""Of a row: it may have begun before the retention and end within it."""


def used(uow: UnitOfWork, now: datetime, asset: int) -> tuple[Use, ...]:
    """The airings of a film within the retention and to come: as long as there are some, its files must stay."""
    since = int((now - RETENTION - _LONGEST).timestamp() * 1000)
    return (*uow.ledger.uses(asset, since), *(Use(name, 0, 0, "") for name in uow.ledger.fills(asset, since)))


def refuse_used(uow: UnitOfWork, now: datetime, asset: int) -> None:
    """Raise BadValue(in_use) with the list of airings when a film's files must stay."""
    uses = used(uow, now, asset)
    if uses:
        told = "、".join(
            f"{use.channel} 第 {use.seq} 行" if use.seq else f"{use.channel} 的填充片" for use in uses[:20]
        )
        raise BadValue("in_use", f"这部片子在 {len(uses)} 处播出或备用，回看期内不能删：{told}")
