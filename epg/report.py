"""What an import found, row by row: code, line, channel, start, raw values and what was done about it."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final, Literal

from attrs import asdict, define, evolve, field, frozen

Action = Literal[
    "refused",
    "quarantined",
    "dropped",
    "unmatched",
    "cut",
    "closed",
    "open",
    "assumed",
    "kept",
    "replaced",
    "removed",
    "listed",
    "released",
    "corrected",
]

CODES: Final[Mapping[str, tuple[str, str]]] = {
    "refused": ("the file cannot be taken", "文件不能导入"),
    "title": ("no title", "没有节目名称"),
    "time": (
        "a time that cannot be read, or an end not within 24 hours of the start",
        "时间读不出来，或结束不在开始后的 24 小时之内",
    ),
    "zone": ("no time zone, or a name for it", "没有时区，或时区是个名字"),
    "no_stop": ("no end", "没有结束时间"),
    "duplicate": ("the same row again", "重复的节目"),
    "overlap": ("begins before the one before it ends", "和前一个节目时间重叠"),
    "gap": ("nothing on the air", "节目之间有空档"),
    "unmatched": ("a channel that is not in the line-up", "频道不在频道表里"),
    "channel": ("no channel", "没有写明频道"),
    "episode": ("an episode number that cannot be read", "集数读不出来"),
    "entity": ("a named character that XML does not have", "XML 里没有的字符名"),
    "control": ("control characters", "控制字符"),
    "empty": ("an empty field", "空的字段"),
    "left_out": ("content that is not kept", "不保留的内容"),
}
"""Every finding code, in English for operators and in Chinese for editors."""
ACTIONS: Final[Mapping[Action, tuple[str, str]]] = {
    "refused": ("nothing imported, the guide is as before", "没有导入，原节目单不变"),
    "quarantined": ("row not imported", "隔离，没有导入"),
    "dropped": ("dropped", "去掉"),
    "unmatched": ("not imported", "没有导入"),
    "cut": ("the one before ends earlier", "前一个节目提前结束"),
    "closed": ("ends when the next begins", "到下一个节目为止"),
    "open": ("end left open, not exported", "结束时间空着，不导出"),
    "assumed": ("read in the zone of the source", "按来源的时区读"),
    "kept": ("kept as it is", "照样导入"),
    "replaced": ("replaced by the character", "换成对应的字符"),
    "removed": ("characters removed", "删掉这些字符"),
    "listed": ("for information", "只作提示"),
    "released": ("imported, an editor has released it", "编辑已放行，导入了"),
    "corrected": ("imported as an editor has corrected it", "照编辑改正的导入了"),
}
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "xml": ("not well formed", "XML 格式有错"),
    "no_guide": ("not an XMLTV file: there is no <tv> in it", "不是 XMLTV 文件，里面没有 <tv>"),
    "entities": ("it declares entities, which a guide never needs", "文件里有实体声明，不能接收"),
    "unpacked": ("too large when unpacked", "展开以后太大"),
    "packed": ("the packed file is too large", "压缩文件太大"),
    "ratio": ("it unpacks to far too much, like a bomb", "压缩比太高，像是压缩炸弹"),
    "row": ("a row without end", "一行内容没有尽头"),
    "text": ("a text is too long", "一段文字太长"),
    "rows": ("too many programmes or channels", "节目或频道太多"),
    "archive": ("the packed file is damaged", "压缩文件已损坏"),
    "members": ("the archive must hold one XML file", "压缩包里要有且只有一个 XML 文件"),
    "charset": ("an unknown character set", "不认识的字符编码"),
    "bytes": ("bytes that are not of the character set", "字节不合所写的字符编码"),
}
"""Why a file is refused."""
LISTED: Final = 1000
"""Most rows listed of one code; the counts are always whole."""
HELD: Final = 2000
"""Most quarantined rows that are kept whole, to be released or corrected."""
HELD_TEXT: Final = 5000
"""Most characters that are kept of one's synopsis."""
KINDS: Final = 200
"""Most kinds of content that are told apart when they are not kept."""
CELL: Final = 200
"""Most characters of a raw value in a report."""


@frozen
class Finding:
    """One row of the report; `line` is that of the unpacked file, 0 when no single line is meant."""

    code: str
    action: Action
    line: int = 0
    channel: str = ""
    start: str = ""
    raw: str = ""


@frozen
class Held:
    """A quarantined row as it stood in the feed, whole, so that it can be released or corrected.

    `start` and `stop` are as told, `at` and `until` the same as epoch seconds, None where they cannot be read.
    `values` are fields of a Programme that go to JSON; `credits` are pairs of part and name.
    """

    code: str
    line: int
    channel: str
    start: str
    stop: str
    at: float | None
    until: float | None
    values: Mapping[str, Any] = field(factory=dict)

    @property
    def title(self) -> str:
        return str(self.values.get("title", ""))

    @property
    def key(self) -> str:
        """What names the row in its source over every import: channel, times and titles as told, not the line."""
        told = (self.channel, self.start, self.stop, self.title, str(self.values.get("sub_title", "")))
        return blake2b("\x1f".join(told).encode("utf-8", "replace"), digest_size=8).hexdigest()


@frozen
class Report:
    """The outcome for one feed: `rows` programmes came in, of which `kept`, `quarantined`, … make up the whole.

    `counts` is exact, `findings` holds at most LISTED of each code, `held` at most HELD quarantined rows, each once.
    """

    source: str
    rows: int
    kept: int
    quarantined: int
    duplicates: int
    unmatched: int = 0
    counts: Mapping[str, int] = field(factory=dict)
    findings: tuple[Finding, ...] = ()
    held: tuple[Held, ...] = ()

    def with_unmatched(self, found: Mapping[str, int]) -> "Report":
        """The report after whole channels of the feed, given with their rows, turned out to be unknown."""
        if not found:
            return self
        rows = tuple(Finding("unmatched", "unmatched", channel=name, raw=f"{n} rows") for name, n in found.items())
        total = sum(found.values())
        # What the sweep found on such a channel stays in the counts: it was found.
        return evolve(
            self,
            kept=self.kept - total,
            unmatched=total,
            counts={**self.counts, "unmatched": total},
            findings=self.findings + rows,
        )


@define
class Ledger:
    """Findings as they come up while a feed is read."""

    counts: Counter[str] = field(factory=Counter)
    findings: list[Finding] = field(factory=list)
    left_out: Counter[str] = field(factory=Counter)
    held: dict[str, Held] = field(factory=dict)
    skipped: int = 0
    """Lines before the first tag, which the parser is not shown."""

    def note(self, finding: Finding) -> None:
        """Count a finding, and list it unless its code has LISTED rows already."""
        self.counts[finding.code] += 1
        if self.counts[finding.code] <= LISTED:
            self.findings.append(evolve(finding, raw=finding.raw[:CELL], start=finding.start[:CELL]))

    def copied(self) -> "Ledger":
        """Another one that goes on from here."""
        return Ledger(Counter(self.counts), list(self.findings), Counter(self.left_out), dict(self.held), self.skipped)

    def hold(self, row: Held) -> None:
        """Keep a quarantined row whole, unless there are HELD of them already."""
        if len(self.held) < HELD:
            desc = str(row.values.get("desc", ""))
            kept = row if len(desc) <= HELD_TEXT else evolve(row, values={**row.values, "desc": desc[:HELD_TEXT]})
            self.held.setdefault(kept.key, kept)

    def leave_out(self, kind: str) -> None:
        """Count content of a kind that is not kept."""
        known = kind in self.left_out or len(self.left_out) < KINDS
        self.left_out[kind[:CELL] if known else "other kinds"] += 1

    def closed(self) -> tuple[Mapping[str, int], tuple[Finding, ...]]:
        """The counts, and the findings by line; kinds of content that were not kept get one row each."""
        kinds = [Finding("left_out", "dropped", raw=f"{name} × {n}") for name, n in sorted(self.left_out.items())]
        counts = dict(sorted(self.counts.items())) | ({"left_out": self.left_out.total()} if kinds else {})
        return counts, (*sorted(self.findings, key=lambda one: one.line), *kinds)


class Refused(Exception):
    """A file that is not taken at all.

    `code` is one of REASONS, `line` and `column` tell where (0: the file as a whole); `str(error)` is English for
    operators, `message_zh` for editors.
    """

    def __init__(self, code: str, line: int = 0, column: int = 0, detail: str = "") -> None:
        english, chinese = REASONS[code]
        more = f" ({detail})" if detail else ""
        super().__init__((f"line {line}, column {column}: " if line else "") + english + more)
        self.code = code
        self.line = line
        self.column = column
        self.message_zh = (f"第 {line} 行第 {column} 列：" if line else "") + chinese

    def finding(self) -> Finding:
        """The refusal as the only row of a report."""
        return Finding("refused", "refused", self.line, raw=str(self)[:CELL])


def refusal(source: str, error: Refused) -> Report:
    """The report of a file that was not taken."""
    return Report(source, 0, 0, 0, 0, counts={"refused": 1}, findings=(error.finding(),))


def report_text(report: Report) -> str:
    """The report for a terminal: sums, counts per code, then every listed row."""
    return "\n".join([*_sums(report), *(_line(finding) for finding in report.findings)]) + "\n"


def report_csv(report: Report) -> str:
    """The listed rows as CSV with a head; no cell can be taken for a formula.

    It begins with a byte order mark, without which Excel takes it for GBK.
    """
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["code", "line", "channel", "start", "raw", "action", "说明"])
    for one in report.findings:
        words = f"{CODES[one.code][1]}：{ACTIONS[one.action][1]}"
        cells = (one.code, one.line, one.channel, one.start, one.raw, one.action, words)
        writer.writerow([_cell(value) for value in cells])
    return out.getvalue()


def report_json(report: Report) -> str:
    """The whole report as one JSON object with the field names of `Report` and `Finding`, without `held`."""
    told = {name: value for name, value in asdict(report).items() if name != "held"}
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _sums(report: Report) -> Iterator[str]:
    yield (
        f"{report.source}: {report.rows} programmes, {report.kept} kept, {report.quarantined} quarantined,"
        f" {report.duplicates} duplicates, {report.unmatched} on unknown channels"
    )
    for code, number in report.counts.items():
        yield f"{code:<10} {number:>6}  {CODES[code][0]}"


def _line(finding: Finding) -> str:
    place = f"line {finding.line}" if finding.line else "file"
    told = "".join(f" {part}" for part in (finding.channel, finding.start, finding.raw) if part)
    return f"{place}: {finding.code}{told}: {ACTIONS[finding.action][0]}"


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
