"""XMLTV in and out, in CPU, against what others use for it (epg.md §11).

    python -m tools.bench.epg_xmltv [--rounds 2] [--channels 100] [--days 3]

``tv_sort`` (xmltv-util) and ``ours`` do the same whole job on the same file, each as a program of its own with its
start-up: parse, sort by channel, fill missing ends, check, write; both must give the same programmes. ``xmlfile``
writes the programmes of the feed by lxml.etree.xmlfile, ``out`` by our writer, both in this process; what both wrote
must read back the same. ``expat`` is a bare loop of the standard parser over the feed that keeps no more than the
texts; ``in`` is our reading with all checks. Figures are CPU seconds.
"""

import argparse
import io
import random
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
from tools.bench.side_by_side import Target, interleave, judge, report

AT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
TITLES = ("南湖新闻", "电视剧：山海情", "天气预报", "党课开讲啦", "戏曲苑", "法治在线", "少儿动画", "音乐之声")
WORDS = (
    "渔民苹果丰收道路硬化旅游节日社区卫生医生老人儿童学校老师党群众服务"
    "村民代表大会公开财务收支明细先进模范事迹学习教育专题片记录生活变化"
)
TARGETS = [
    Target("whole job", "ours", "tv_sort", at_most=1 / 20),
    Target("XMLTV out", "out", "xmlfile", at_most=1 / 2),
    Target("read and check", "in", "expat", at_most=1.3, goal=True),
]


def guide(channels: int, days: int) -> tuple[list[Channel], list[Programme]]:
    """Channels and their programmes without holes, by a fixed seed."""
    chance = random.Random(4)
    line_up = [Channel(f"ch{n:03}.nanhu.example.cn", (Name(f"南湖{n}套", "zh"),), n + 1) for n in range(channels)]
    return line_up, [one for channel in line_up for one in _channel(channel, days, chance)]


def _channel(channel: Channel, days: int, chance: random.Random) -> Iterator[Programme]:
    start, number = AT, 0
    while start < AT + timedelta(days=days):
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
    chosen = options.parse_args()
    if chosen.job:
        job(*chosen.job)
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
    sys.exit(report(judge(figures, TARGETS)))


if __name__ == "__main__":
    main()
