"""XMLTV in and out, in CPU and memory, against what others use for it (epg.md §11).

    python -m tools.bench.epg_xmltv [--rounds 2] [--channels 100] [--days 3] [--long 500] [--long-days 14]

``tv_sort`` (xmltv-util) and ``ours`` do the same whole job on the same file, each as a program of its own with its
start-up: parse, sort by channel, fill missing ends, check, write; both must give the same programmes. ``xmlfile``
writes the programmes of the feed by lxml.etree.xmlfile, ``out`` by our writer, both in this process; what both wrote
must read back the same. ``expat`` is a bare loop of the standard parser over the feed that keeps no more than the
texts; ``in`` is our reading with all checks. Figures are CPU seconds.

``iptv`` reads the long feed by npm's @iptv/xmltv, installed into a temporary folder, as a program of its own; ``read``
is ours as a program of its own, with all checks and rows on disk as an import has them. Without npm or a network it is
left out, and said so. On a feed so small that starting a program takes longer than reading it, nobody is judged.

``short`` and ``long`` are the peak memory (MB) of `nanhu-tv epg import` of a feed of a fifth of the channels, and of
all of them, into an empty database: the long one is bounded, and no more than a little above the short one. ``read_mb``
is that of reading the long one alone.
"""

import argparse
import io
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any
from xml.parsers import expat

from lxml import etree

from epg import xmltv, xmltv_out
from epg.model import Channel, Name, Programme
from epg.times import Source, TimeWriter
from tools.bench.side_by_side import Figures, Target, interleave, judge, report

AT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
TITLES = ("南湖新闻", "电视剧：山海情", "天气预报", "党课开讲啦", "戏曲苑", "法治在线", "少儿动画", "音乐之声")
WORDS = (
    "渔民苹果丰收道路硬化旅游节日社区卫生医生老人儿童学校老师党群众服务"
    "村民代表大会公开财务收支明细先进模范事迹学习教育专题片记录生活变化"
)
ENOUGH, ENOUGH_FOR_IPTV = 10_000, 50_000
"""Fewer programmes are read faster than the interpreters start."""
MEMORY = [
    Target("read, peak memory", "read_mb", at_most=150, unit="MB"),
    Target("import, peak memory", "long", at_most=150, unit="MB"),
    Target("import, memory is flat", "long", "short", at_most=1.25),
]
IPTV = "@iptv/xmltv@1.0.1"
_PEAK = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
if status:
    sys.exit(1)
print(usage.ru_maxrss)
"""
_READ_BY_IPTV = """
import { parseXmltv } from "@iptv/xmltv";
import { readFileSync } from "node:fs";
if (parseXmltv(readFileSync(process.argv[2], "utf8")).programmes.length === 0) process.exit(1);
"""


def guide(channels: int, days: int) -> tuple[list[Channel], list[Programme]]:
    """Channels and their programmes without holes, by a fixed seed."""
    chance = random.Random(4)
    line_up = [Channel(f"ch{n:03}.nanhu.example.cn", (Name(f"南湖{n}套", "zh"),), n + 1) for n in range(channels)]
    return line_up, [one for channel in line_up for one in _channel(channel, days, chance)]


def _channel(channel: Channel, days: int, chance: random.Random, begin: datetime = AT) -> Iterator[Programme]:
    start, number = begin, 0
    while start < begin + timedelta(days=days):
        stop = start + timedelta(minutes=chance.choice((5, 10, 15, 20, 30, 45)))
        turn = chance.randrange(len(WORDS))
        yield Programme(
            "",
            channel.xmltv_id,
            start,
            stop,
            chance.choice(TITLES),
            f"第{number}集 & 重播",
            WORDS[turn:] + WORDS[:turn],
            categories=("戏曲",),
            date="2026",
            episode=f"0.{number % 60}/60.0/1",
            rating="普",
            rating_system="CN",
        )
        start, number = stop, number + 1


def shuffled(document: bytes) -> bytes:
    """The feed with its rows in disorder and every eighteenth end missing, as feeds come."""
    root = etree.fromstring(document)
    rows = root.findall("programme")
    random.Random(5).shuffle(rows)
    for number, row in enumerate(rows):
        root.append(row)
        if number % 18 == 0:
            del row.attrib["stop"]
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def job(source: str, target: str) -> None:
    """The whole job as a program."""
    parsed = xmltv.read(Path(source).read_bytes(), Source(overlap="keep"))
    Path(target).write_bytes(xmltv_out.write(parsed.channels, parsed.programmes, at=AT))


def children(*command: str) -> float:
    """CPU seconds of a program, its start-up included."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def with_iptv(folder: Path) -> Path | None:
    """A script that reads a file by @iptv/xmltv; None when it cannot be installed here."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return None
    (folder / "package.json").write_text('{"private": true, "type": "module"}', encoding="utf-8")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", IPTV]
    if subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False).returncode:
        return None
    script = folder / "read.js"
    script.write_text(_READ_BY_IPTV, encoding="utf-8")
    return script


def targets_of(rows: int) -> list[Target]:
    """What is judged of a feed of so many programmes."""
    return [
        Target("whole job", "ours", "tv_sort", at_most=1 / 20, goal=rows < ENOUGH),
        Target("XMLTV out", "out", "xmlfile", at_most=1 / 2),
        Target("read and check", "in", "expat", at_most=1.3, goal=True),
    ]


def by_iptv(rows: int) -> Target:
    """Ours against @iptv/xmltv on a feed of so many programmes."""
    return Target("read as a program", "read", "iptv", at_most=1 / 2, goal=rows < ENOUGH_FOR_IPTV)


def read(source: str) -> None:
    """Read a feed as an import does, as a program."""
    with Path(source).open("rb") as stream:
        feed = xmltv.spooled(stream, Source(overlap="keep"))
        if not sum(len(rows) for _, rows in feed.by_channel()):
            sys.exit("the feed has no rows")


def long_feed(path: Path, channels: int, days: int) -> int:
    """A feed of any length, written day by day, so that the rows of each channel lie far apart; returns how many."""
    line_up, chance = guide(channels, 0)[0], random.Random(6)
    head = xmltv_out.framed(line_up, {one.xmltv_id: [b" "] for one in line_up}, at=AT).removesuffix(b"</tv>\n")
    rows = 0
    with path.open("wb") as out:
        out.write(head.rstrip() + b"\n")
        for day in range(days):
            for channel in line_up:
                fragment = xmltv_out.fragment(_channel(channel, 1, chance, AT + timedelta(days=day)))
                rows += fragment.count(b"<programme ")
                out.write(fragment)
        out.write(b"</tv>\n")
    return rows


def import_memory(feed: Path, data: Path) -> float:
    """Peak memory in MB of the import of a feed into an empty database."""
    program = [sys.executable, "-c", "from middleware.cli import main; main()", "--data", str(data)]
    subprocess.run([*program, "db", "upgrade"], check=True, capture_output=True)
    peak = memory(*program, "epg", "import", "bench", str(feed), "--new-channels")
    shutil.rmtree(data)
    return peak


def memory(*command: str) -> float:
    """Peak memory in MB of a program, started by a small one: Linux counts the starter's memory as the program's."""
    done = subprocess.run([sys.executable, "-c", _PEAK, *command], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {done.stderr[-1000:]}")
    return int(done.stdout) / 1024


def long_figures(folder: Path, channels: int, days: int, rounds: int) -> tuple[Figures, list[Target]]:
    """The long feed read by @iptv/xmltv and by ours in turns, and what memory ours takes."""
    feed, short = folder / "long.xml", folder / "short.xml"
    rows = long_feed(feed, channels, days)
    print(f"long feed: {rows} programmes, {feed.stat().st_size / 1e6:.0f} MB")
    by_us = [sys.executable, "-m", "tools.bench.epg_xmltv", "--read", str(feed)]
    figures: Figures = {"read_mb": [memory(*by_us)]}
    targets = list(MEMORY)
    script = with_iptv(folder)
    if script is None:
        print("npm cannot install @iptv/xmltv here: it is left out")
    else:
        theirs = ["node", "--max-old-space-size=6000", str(script), str(feed)]
        both = {"iptv": lambda: children(*theirs), "read": lambda: children(*by_us)}
        figures |= interleave(both, rounds)
        targets.insert(0, by_iptv(rows))
    figures["long"] = [import_memory(feed, folder / "town")]
    long_feed(short, max(1, channels // 5), days)
    figures["short"] = [import_memory(short, folder / "town")]
    return figures, targets


def cpu(call: Callable[[], object]) -> float:
    """CPU seconds of a call."""
    started = time.process_time()
    call()
    return time.process_time() - started


def by_xmlfile(channels: list[Channel], programmes: list[Programme]) -> bytes:
    """The same document by lxml's incremental writer."""
    out, times = io.BytesIO(), TimeWriter()
    with etree.xmlfile(out, encoding="UTF-8") as file, file.element("tv", date=times.text(AT)):
        for channel in channels:
            with file.element("channel", id=channel.xmltv_id):
                file.write(_element("display-name", channel.name, lang="zh"))
                file.write(_element("display-name", str(channel.number)))
        for one in programmes:
            _by_xmlfile(file, one, times)
    return out.getvalue()


def _by_xmlfile(file: Any, one: Programme, times: TimeWriter) -> None:
    with file.element("programme", start=times.text(one.start), stop=times.text(one.stop), channel=one.channel):
        for name, text in (("title", one.title), ("sub-title", one.sub_title), ("desc", one.desc)):
            file.write(_element(name, text, lang=one.lang))
        file.write(_element("date", one.date))
        for category in one.categories:
            file.write(_element("category", category, lang=one.lang))
        file.write(_element("episode-num", one.episode, system="xmltv_ns"))
        with file.element("rating", system=one.rating_system):
            file.write(_element("value", one.rating))


def _element(name: str, text: str, **attributes: str) -> Any:
    element = etree.Element(name, attributes)
    element.text = text
    return element


def by_expat(document: bytes) -> int:
    """A bare loop: start, text and end handlers that keep each row as a dict and throw it away."""
    row: dict[str, str] = {}
    texts: list[str] = []
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row
        if name == "programme":
            row = attributes
        texts.clear()

    def end(name: str) -> None:
        nonlocal count
        if name == "programme":
            count += 1
        else:
            row[name] = "".join(texts)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, texts.append
    parser.Parse(document, True)
    return count


def same(first: bytes, second: bytes, what: str) -> None:
    """Stop when two documents do not hold the same programmes; those without an end only tv_sort writes."""
    one, other = ([row for row in xmltv.read(text).programmes if not row.open] for text in (first, second))
    if one != other:
        sys.exit(f"{what} did not do the same work")


def main() -> None:
    """Run all variants side by side and print the ratios."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--channels", type=int, default=100)
    options.add_argument("--days", type=int, default=3)
    options.add_argument(
        "--job", nargs=2, metavar=("FILE", "OUT"), help="do the whole job once, as this bench calls it"
    )
    options.add_argument("--read", metavar="FILE", help="read a feed once, as this bench calls it")
    options.add_argument(
        "--long", type=int, default=500, help="channels of the feed that is read and imported as well; 0 = none"
    )
    options.add_argument("--long-days", type=int, default=14)
    chosen = options.parse_args()
    if chosen.job or chosen.read:
        job(*chosen.job) if chosen.job else read(chosen.read)
        return
    channels, programmes = guide(chosen.channels, chosen.days)
    document = xmltv_out.write(channels, programmes, at=AT)
    same(document, by_xmlfile(channels, programmes), "xmlfile")
    print(f"{len(programmes)} programmes, {len(document) / 1e6:.1f} MB")
    with tempfile.TemporaryDirectory() as folder:
        feed, ours, theirs = (Path(folder) / name for name in ("feed.xml", "ours.xml", "theirs.xml"))
        feed.write_bytes(shuffled(document))
        variants: dict[str, Callable[[], float]] = {
            "tv_sort": lambda: children("tv_sort", "--by-channel", "--output", str(theirs), str(feed)),
            "ours": lambda: children(sys.executable, "-m", "tools.bench.epg_xmltv", "--job", str(feed), str(ours)),
            "xmlfile": lambda: cpu(lambda: by_xmlfile(channels, programmes)),
            "out": lambda: cpu(lambda: xmltv_out.write(channels, programmes, at=AT)),
            "expat": lambda: cpu(lambda: by_expat(feed.read_bytes())),
            "in": lambda: cpu(lambda: xmltv.read(feed.read_bytes())),
        }
        figures = interleave(variants, chosen.rounds)
        same(ours.read_bytes(), theirs.read_bytes(), "tv_sort")
        targets = targets_of(len(programmes))
        if chosen.long:
            more, theirs_too = long_figures(Path(folder), chosen.long, chosen.long_days, chosen.rounds)
            figures, targets = figures | more, targets + theirs_too
    sys.exit(report(judge(figures, targets)))


if __name__ == "__main__":
    main()
