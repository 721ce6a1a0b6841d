"""What boxes report: the viewing statistics, faults that viewers tell of, faults of streams (§4 stb/log)."""

from typing import Final

from middleware.domain.box_logs import Viewing, What
from middleware.portal.core.core import Core
from middleware.portal.ministra.ask import Answer, Ask
from middleware.portal.ministra.watchdog import PLAYS
from middleware.portal.ministra.wire import TRUE, Ready, reply, text, whole

ONE: Final = reply(1)
_PLAYED: Final[dict[str, What]] = {"play": "play", "stop": "stop"}
_NAMES: Final = {"tv": "channel"}
_DETAIL: Final = 200


class Reports:
    """Writes them down in the batch, with the small writings of others."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def table(self) -> dict[str, Answer]:
        """Actions of stb by name."""
        return {"log": self.log, "set_stream_error": self.stream_error, "save_diagnostic_info": TRUE}

    async def log(self, ask: Ask) -> Ready:
        """log: playing begins or ends. The address that `param` repeats is not kept: it holds a token."""
        line = viewing(ask)
        if line is not None:
            await self._write(line)
        return ONE

    async def stream_error(self, ask: Ask) -> Ready:
        """set_stream_error: a channel's picture failed."""
        channel = whole(ask.values, "ch_id")
        detail = f"event {whole(ask.values, 'event')}"
        await self._write(_line(ask, "error", f"channel:{channel}", detail))
        return TRUE

    async def claim(self, ask: Ask, content: str, kind: str) -> None:
        """Write down what a viewer complains of."""
        await self._write(_line(ask, "claim", content, kind))

    async def _write(self, line: tuple[int, What, str, str]) -> None:
        device, what, content, detail = line
        row = Viewing(self._core.now(), device, what, content, detail[:_DETAIL])
        await self._core.write(lambda uow: uow.box_logs.add_viewing([row]), "report of a box")


def _line(ask: Ask, what: What, content: str, detail: str) -> tuple[int, What, str, str]:
    return ask.session.device.id, what, content, detail


def viewing(ask: Ask) -> tuple[int, What, str, str] | None:
    """A line of the statistics from stb/log; None for what is neither the beginning nor the end of anything."""
    what = _PLAYED.get(text(ask.values, "real_action", 20))
    sort = PLAYS.get(whole(ask.values, "tmp_type"))
    content = whole(ask.values, "ch_id") or whole(ask.values, "content_id")
    if what is None or sort is None or not content:
        return None
    link = whole(ask.values, "link_id")
    return _line(ask, what, f"{_NAMES.get(sort, sort)}:{content}", f"link {link}" if link else "")
