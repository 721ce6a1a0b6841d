"""What the last import of each source found, kept beside it: counts whole, rows bounded."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import asdict, frozen

from epg.report import ACTIONS, CODES, Held, Report
from middleware.domain.errors import NotFound
from middleware.services.ports import UnitOfWork
from middleware.services.spreadsheet import Kind, Table, tables_bytes

MOST_ROWS: Final = 200
MOST_OF_A_CODE: Final = 40
MOST_NAMES: Final = 200
DOWNLOADED: Final = 5000
"""Most rows that can be taken home; the reader itself lists at most 1,000 of a code."""
HEAD: Final = ("问题", "怎么办的", "行", "频道", "开始", "原来的内容")
_KEY: Final = "last_import"
_ROWS: Final = "last_rows"
_HELD: Final = "last_held"
MOST_TITLE: Final = 200


@frozen
class Row:
    """A row of the report in an editor's words."""

    code: str
    words: str
    done: str
    line: int
    channel: str
    start: str
    raw: str


@frozen
class LastImport:
    """The last import of a source; `told` has names of channels by what became of them."""

    at: datetime
    rows: int
    kept: int
    quarantined: int
    duplicates: int
    counts: Mapping[str, int]
    told: Mapping[str, Sequence[str]]
    findings: tuple[Row, ...]
    ruled: Mapping[str, int]
    """Of its quarantined rows those that editors had decided of, by release, correct and ignore."""

    @property
    def held(self) -> Sequence[str]:
        """Channels that wait because they shrank."""
        return self.told.get("held", ())


def keep(
    uow: UnitOfWork,
    now: datetime,
    report: Report,
    told: Mapping[str, Sequence[str]],
    ruled: Mapping[str, int] | None = None,
) -> None:
    """Keep the report of an import in the place of the last one; `told` are channels by what became of them."""
    taken: Counter[str] = Counter()
    rows: list[list[Any]] = []
    for one in report.findings:
        taken[one.code] += 1
        if taken[one.code] <= MOST_OF_A_CODE and len(rows) < MOST_ROWS:
            rows.append([one.code, one.action, one.line, one.channel[:80], one.start[:40], one.raw[:120]])
    numbers = {name: getattr(report, name) for name in ("rows", "kept", "quarantined", "duplicates")}
    names = {name: [one[:80] for one in some[:MOST_NAMES]] for name, some in told.items()}
    body = {"at": now.isoformat(), **numbers, "counts": dict(report.counts), "told": names, "findings": rows}
    body["ruled"] = dict(ruled or {})
    uow.settings.put(_scope(report.source), _KEY, body)
    every = [[one.code, one.action, one.line, one.channel[:80], one.start[:40], one.raw] for one in report.findings]
    uow.settings.put(_scope(report.source), _ROWS, every[:DOWNLOADED])
    uow.settings.put(_scope(report.source), _HELD, [asdict(one) for one in report.held])


def last(uow: UnitOfWork, source: str) -> LastImport | None:
    """The report of a source's last import; None before the first."""
    body: Mapping[str, Any] | None = uow.settings.get(_scope(source), _KEY)
    if body is None:
        return None
    numbers = {name: body[name] for name in ("rows", "kept", "quarantined", "duplicates", "counts", "told")}
    findings, ruled = tuple(map(_row, body["findings"])), body.get("ruled", {})
    return LastImport(datetime.fromisoformat(body["at"]), **numbers, findings=findings, ruled=ruled)


def held(uow: UnitOfWork, source: str) -> tuple[Held, ...]:
    """The rows that a source's last import quarantined, whole; none before the first."""
    return tuple(Held(**one) for one in uow.settings.get(_scope(source), _HELD, ()))


def rows(uow: UnitOfWork, source: str) -> tuple[Row, ...]:
    """Every listed row of a source's last import. Raises NotFound(no_report)."""
    kept = uow.settings.get(_scope(source), _ROWS)
    if kept is None:
        raise NotFound("这个来源还没有导入过", "no_report")
    return tuple(map(_row, kept))


def download(uow: UnitOfWork, source: str, kind: Kind) -> bytes:
    """Those rows as a sheet. Raises NotFound(no_report)."""
    told = [(one.words, one.done, one.line or "", one.channel, one.start, one.raw) for one in rows(uow, source)]
    return tables_bytes(kind, Table("导入报告", HEAD, told))


def as_json(uow: UnitOfWork, source: str) -> bytes:
    """The last import for programs: its counts whole, its listed rows. Raises NotFound(no_report)."""
    listed, found = rows(uow, source), last(uow, source)
    counts = {} if found is None else {name: value for name, value in asdict(found).items() if name != "findings"}
    told = counts | {"source": source, "findings": [asdict(one) for one in listed]}
    return json.dumps(told, ensure_ascii=False, default=datetime.isoformat).encode()


def place_of(held: Held) -> tuple[str, int, str, str]:
    """Code, line, channel and start of a row as the report lists them."""
    return held.code, held.line, held.channel[:80], held.start[:40]


def forget(uow: UnitOfWork, source: str) -> None:
    """Forget the report of a source that is gone."""
    uow.settings.remove(_scope(source), _HELD)
    uow.settings.remove(_scope(source), _ROWS)
    uow.settings.remove(_scope(source), _KEY)


def words_of(code: str) -> str:
    """What a code means, for editors."""
    return CODES.get(code, (code, code))[1]


def _row(row: Sequence[Any]) -> Row:
    code, action, line, channel, start, raw = row
    return Row(code, words_of(code), ACTIONS.get(action, (action, action))[1], line, channel, start, raw)


def _scope(source: str) -> str:
    return f"source:{source}"
