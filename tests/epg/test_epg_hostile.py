"""Files that want to do harm: refused within bounds, with the place, and nothing is read from disk or network."""

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from epg import xmltv
from epg.report import Refused, Report, refusal
from epg.unpack import LIMITS
from tests.epg.feeds import HEAD, feed, row

GOOD = row("1900", "1930", "南湖新闻")
MB = 1 << 20


def refused(data: bytes | io.BufferedIOBase | io.RawIOBase, **limits: int) -> Refused:
    with pytest.raises(Refused) as caught:
        xmltv.read(data, limits=evolve(LIMITS, **limits))
    return caught.value


def bomb(declarations: str, body: str = "") -> bytes:
    return f'<?xml version="1.0"?>\n<!DOCTYPE tv [\n{declarations}\n]>\n<tv>{body}{GOOD}</tv>'.encode()


@pytest.mark.parametrize(
    "declarations",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">',
        '<!ENTITY secret SYSTEM "file:///etc/passwd">',
        '<!ENTITY % far SYSTEM "http://127.0.0.1:9/evil.dtd"> %far;',
        f'<!ENTITY big "{"x" * 100_000}">',
    ],
)
def test_a_file_that_declares_entities_is_refused_with_its_line(declarations: str) -> None:
    error = refused(bomb(declarations))

    assert (error.code, error.line) == ("entities", 3)


def test_entities_behind_a_false_start_are_refused_too() -> None:
    disguised = b'<!DOCTYPE tv SYSTEM "<tv" [<!ENTITY a "b">]><tv><channel id="&a;"/></tv>'

    assert refused(disguised).code == "entities"


def test_a_document_type_is_never_fetched(tmp_path: Path) -> None:
    (tmp_path / "evil.dtd").write_text('<!ENTITY nanhu "from the disk">')
    text = feed(row("1900", "1930", "&nanhu;")).decode().replace("xmltv.dtd", f"file://{tmp_path}/evil.dtd")

    assert [one.title for one in xmltv.read(text.encode()).programmes] == ["&nanhu;"]


def test_inclusion_is_not_followed() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'

    assert "root:" not in str(xmltv.read(feed(GOOD, row("1930", "2000", inside=include))))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress], ids=["gz", "xz"])
def test_a_packed_bomb_is_refused_long_before_it_is_unpacked(pack) -> None:
    packed = pack((HEAD + "<!--").encode() + b"0" * (50 * MB) + b"-->" + b"</tv>")
    tracemalloc.start()
    error = refused(packed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert error.code in {"ratio", "row"}
    assert peak < 16 * MB  # of 50


def test_a_zip_bomb_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("guide.xml", (HEAD + GOOD * 40_000).encode())

    assert refused(out.getvalue()).code == "ratio"


def test_a_ratio_is_refused_even_when_every_row_is_fine() -> None:
    packed = gzip.compress((HEAD + GOOD * 100_000).encode())

    assert refused(packed, ratio=100).code == "ratio"


class Nothing(io.RawIOBase):
    """A gigabyte of blanks that is made as it is read."""

    def __init__(self, head: bytes) -> None:
        self.head, self.left = head, 1 << 30

    def read(self, size: int = -1) -> bytes:
        taken, self.head = self.head[:size], self.head[size:]
        self.left -= size
        return taken or (b" " * size if self.left > 0 else b"")


@pytest.mark.parametrize("head", [b"", HEAD.encode(), HEAD.encode() + b"<programme><title>"])
def test_a_gigabyte_of_nothing_is_given_up_after_a_megabyte(head: bytes) -> None:
    nothing = Nothing(head)

    assert refused(nothing).code == "row"
    assert (1 << 30) - nothing.left < 3 * MB


def _junk(piece: bytes) -> Iterator[bytes]:
    yield HEAD.encode() + piece * (3 * MB // len(piece))


@pytest.mark.parametrize("piece", [b"<x/>", b"<x>", b"<x y='1'></x>", b"text ", b"<![CDATA[", b"&amp;", b"<!-- -->"])
def test_junk_between_rows_is_refused(piece: bytes) -> None:
    error = refused(b"".join(_junk(piece)))

    assert error.code in {"row", "xml"}
    assert error.line >= 3


@pytest.mark.parametrize("inside", ["<a>" * 300, "<title>" * 100_000, "<credits>" * 257])
def test_deep_nesting_is_refused(inside: str) -> None:
    error = refused(feed(GOOD, row("1930", "2000", inside=inside)))

    assert (error.code, error.line) == ("xml", 6)


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (feed(GOOD, GOOD.replace("</title>", "")), 6),
        (feed(GOOD).replace(b"</tv>", b""), 6),
        (feed(GOOD, row("1930", "2000", "A&B")), 6),
        (feed(GOOD)[:-20], 6),
        (feed(GOOD) + b"<tv/>", 7),
        (feed(row("1900", "1930", "南湖")).replace("南湖".encode(), b"\xc4\xcf"), 5),
        (feed(row("1900", "1930", "南湖")).replace(b"UTF-8", b"gbk").replace("南湖".encode(), b"\xff\xff"), 5),
    ],
    ids=["unclosed", "no end", "bare &", "cut off", "two roots", "GBK as UTF-8", "no GBK"],
)
def test_what_is_not_well_formed_is_refused_with_its_line(broken: bytes, line: int) -> None:
    error = refused(broken)

    assert error.code in {"xml", "bytes"}
    assert abs(error.line - line) <= 1
    assert str(error).startswith(f"line {error.line}, column ")
    assert f"第 {error.line} 行" in error.message_zh


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml"),
        (b"\n \n", "xml"),
        (b"<html><body><p>404</p></body></html>", "no_guide"),
        (b"<x><tv></tv></x>", "no_guide"),
        (b"name,time\n", "xml"),
        (bz2.compress(b"<tv/>"), "xml"),
        (gzip.compress(feed(GOOD))[:-30], "archive"),
        (gzip.compress(gzip.compress(feed(GOOD))), "xml"),
        (b"\x1f\x8b" + b"x" * 100, "archive"),
        (lzma.compress(feed(GOOD))[:-30], "archive"),
        (b"PK\x03\x04" + b"x" * 100, "archive"),
        (b'<?xml version="1.0" encoding="rot13"?><tv/>', "charset"),
        (b'<?xml version="1.0" encoding="utf-7-imap"?><tv/>', "charset"),
    ],
)
def test_what_is_no_guide_is_refused_by_code(data: bytes, code: str) -> None:
    assert refused(data).code == code


def test_a_zip_must_hold_one_guide() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.xml", b"<tv/>")
        archive.writestr("b.xml", b"<tv/>")

    assert refused(out.getvalue()).code == "members"


@pytest.mark.parametrize(
    ("limits", "code"),
    [({"unpacked": 100_000}, "unpacked"), ({"rows": 500}, "rows"), ({"text": 400}, "text"), ({"channels": 3}, "rows")],
)
def test_each_limit_refuses_the_file(limits: dict[str, int], code: str) -> None:
    rows = [row("1900", "1930", f"{n}", channel=f"c{n % 9}", inside=f"<desc>{'湖' * 500}</desc>") for n in range(600)]

    assert refused(feed(*rows), **limits).code == code


def test_a_packed_file_beyond_its_limit_is_refused() -> None:
    assert refused(gzip.compress(feed(GOOD, row("1930", "2000", "湖北" * 90))), packed=100).code == "packed"


@pytest.mark.parametrize(
    "rows",
    [
        [row("1900", "1930", f"{n}") for n in range(20_000)],
        [row("1900", "1930", inside="".join(f"<category>{n}</category>" for n in range(40_000)))],
        [row("09:61", "1930")] * 20_000,
        [row("1900", "1930", inside="".join(f"<x{n}/>" for n in range(50_000)))],
    ],
    ids=["one start", "many categories", "all bad", "many kinds"],
)
def test_rows_that_try_to_be_slow_are_not(rows: list[str]) -> None:
    started = time.process_time()
    report = xmltv.read(feed(*rows)).report

    assert report.rows == len(rows)
    assert time.process_time() - started < 5
    assert len(report.findings) <= 1300


FULL = feed(
    row("1900", "1930", "南湖 &eacute; &#8; &amp;", inside="<desc>a\n b</desc><rating><value>x</value></rating><new/>"),
    row(
        "1930", "", "朱", inside="<credits><actor>A</actor></credits><episode-num system='xmltv_ns'>0.1.</episode-num>"
    ),
    row("1945", "2000", more=' clumpidx="0/2"'),
)
BITS = [b"<", b">", b"&", b";", b"<![CDATA[", b"]]>", b"<!--", b"<!DOCTYPE", b"\0", b"\xff", b"\xc2", b"\xef\xbf\xbd"]
BITS += [b"<tv>", b"</tv>", b"<programme>", b"&#x", b"encoding='hz'", b'"', b"9" * 30]


@given(
    st.sampled_from([FULL, gzip.compress(FULL), FULL.decode().encode("utf-16")]),
    st.lists(
        st.tuples(st.integers(0, 2000), st.integers(0, 30), st.one_of(st.sampled_from(BITS), st.binary(max_size=9)))
    ),
)
def test_whatever_is_broken_is_read_or_refused(whole: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    broken = whole
    for at, cut, put in edits:
        broken = broken[:at] + put + broken[at + cut :]
    report = _outcome(broken)

    assert report.counts == {"refused": 1} or report.rows == report.kept + report.quarantined + report.duplicates


def _outcome(data: bytes) -> Report:
    try:
        return xmltv.read(data).report
    except Refused as error:
        return refusal("feed", error)


FLAT = """
import io, sys
from pathlib import Path
from epg import xmltv
from epg.report import Ledger
from tests.epg.feeds import CHANNEL, HEAD, row

class Made(io.RawIOBase):
    def __init__(self, megabytes):
        self.pieces = self.made(megabytes << 20)
        self.rest = b""

    def made(self, size):
        yield (HEAD + CHANNEL).encode()
        text = "<desc>" + "湖" * 200 + "</desc>"
        rows = [row(f"{n // 60:02}{n % 60:02}", "2359", f"第{n}期", inside=text) for n in range(1000)]
        block = "".join(rows).encode()
        for _ in range(size // len(block)):
            yield block
        yield b"</tv>"

    def read(self, size=-1):
        while len(self.rest) < size and (piece := next(self.pieces, b"")):
            self.rest += piece
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

rows = sum(1 for _ in xmltv.stream(Made(int(sys.argv[1])), Ledger()))
status = Path("/proc/self/status").read_text()  # getrusage would count the program that started this one
print(rows, status.split("VmHWM:")[1].split()[0])
"""


def test_memory_stays_flat_as_the_file_grows() -> None:
    few_rows, few_kb = _streamed(1)
    many_rows, many_kb = _streamed(50)

    assert many_rows > 40 * few_rows
    assert many_kb < few_kb + 8 * 1024
    assert many_kb < 100 * 1024


def _streamed(megabytes: int) -> tuple[int, int]:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", FLAT, str(megabytes)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    rows, peak = done.stdout.split()
    return int(rows), int(peak)
