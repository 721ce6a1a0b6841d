"""Playlists in CPU, and a day of the scheduled channel second by second (video.md §14, §16).

    python -m tools.bench.playlists [--rounds 5] [--hours 24] [--lists 2000]

``join12`` and ``join600`` write the same bytes as our lists by one join of f-strings, from values at hand; ``linear``
looks the window up in a week of rows and renders it, ``vod`` renders a film of an hour with nothing kept, ``slice``
cuts six hours out of the week against ``join3600``. ``jinja2`` and ``m3u8`` are what others render such lists with.
``row`` adds one row to that week, ``fold`` folds the week. All in microseconds of CPU for one list.

Then a random day: items, inserts, relays with gaps, an absent publisher; two servers re-read in different rhythms,
and every list of every second is held against all before it.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import m3u8
from jinja2 import Environment

from tools.bench.channel_story import BEGIN_MS, SIX, WHOLE, Node, Step, Watch, told
from tools.bench.side_by_side import Target, interleave, judge, report
from vod import playlists
from vod.catalogue import Edition, Rendition
from vod.linear import Captured, Draft, Effective, Entry, Film, Pool, Row, fold, next_row
from vod.playlists import FULL

TARGETS = [
    Target("live list of 12 segments", "linear", "join12", at_most=1.5),
    Target("film of 600 segments, cold", "vod", "join600", at_most=1.5),
    Target("slice of 6 hours", "slice", "join3600", at_most=1.5),
    Target("Jinja2 ÷ ours, live", "jinja2", "linear", at_least=1.0),
    Target("m3u8 ÷ ours, live", "m3u8", "linear", at_least=1.0),
    Target("one row ÷ a week of rows", "row", "fold", at_most=1 / 100),
    Target("a second of the day, violations", "violations", at_most=0),
    Target("two servers, unequal lists", "unequal", at_most=0),
    Target("longest pause of the list", "pause_s", at_most=6.0, unit="s"),
]
TEMPLATE = Environment(autoescape=False).from_string(
    "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:{{ msn }}\n"
    "#EXT-X-DISCONTINUITY-SEQUENCE:{{ dsn }}\n#EXT-X-INDEPENDENT-SEGMENTS\n{% for s in entries %}"
    "{% if s.discontinuity %}#EXT-X-DISCONTINUITY\n{% endif %}{% if s.discontinuity or loop.first %}"
    "#EXT-X-PROGRAM-DATE-TIME:{{ date(s.start_ms) }}\n{% endif %}"
    "#EXTINF:{{ '%.3f' % (s.ticks / 90000) }},\n../../s/{{ s.asset }}-{{ s.rev }}/540/{{ '%05d' % s.index }}.ts\n"
    "{% endfor %}",
    globals={"date": lambda ms: date(ms)},
)


def date(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def week(days: int = 7) -> Effective:
    """Programmes of 5 to 50 minutes with an ident between them."""
    dice = random.Random(5)
    films = [Film(100 + n, 1, (SIX,) * dice.randint(50, 500)) for n in range(40)]
    ident, loop = Film(3, 1, (SIX // 2,)), Film(2, 1, (SIX,) * 10)
    known = {(film.asset, film.rev): film for film in (*films, ident, loop)}
    effective = fold([], [], known, {0: Pool(0, (loop,), loop)}, channel="town")
    rows: list[Row] = []

    def append(draft: Draft) -> None:
        nonlocal effective
        rows.append(next_row(effective, draft, BEGIN_MS))
        effective = effective.grown(rows[-1:])

    append(Draft("filler", 2, 1, 0, 10, start_ms=BEGIN_MS - 120_000))
    append(Draft("ident", 3, 1, 0, 1, start_ms=effective.edge_after(BEGIN_MS + 31_000)))
    while effective.end_ms < BEGIN_MS + days * 86_400_000:
        film = dice.choice(films)
        append(Draft("asset", film.asset, 1, 0, len(film.seg_ticks), f"p{len(rows)}"))
        append(Draft("ident", 3, 1, 0, 1))
    return effective


def live(entries: tuple[Entry, ...]) -> bytes:
    """The live list of these entries from their values alone."""
    first = entries[0]
    return joined(
        entries,
        f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{6}\n#EXT-X-MEDIA-SEQUENCE:{first.msn}\n"
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{first.dsn}\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        f"#EXT-X-PROGRAM-DATE-TIME:{date(first.start_ms)}\n",
    )


def joined(entries: tuple[Entry, ...], head: str, tail: str = "") -> bytes:
    """What any writer must do at least: one f-string a segment, one join."""
    parts = [head]
    for entry in entries:
        if entry.discontinuity:
            parts.append(f"#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:{date(entry.start_ms)}\n")
        parts.append(
            f"#EXTINF:{entry.ticks / 90_000:.3f},\n../../s/{entry.asset}-{entry.rev}/540/{entry.index:05d}.ts\n"
        )
    return "".join([*parts, tail]).encode()


def hour() -> tuple[Edition, bytes, Callable[[], bytes]]:
    """A film of 600 segments, its list, and the same by one join."""
    rendition = Rendition(540, 960, 540, 25_000, "avc1.4d401f,mp4a.40.2", 9, 8, 7200, (1,) * 600, ("",) * 600)
    edition = Edition((SIX,) * 600, (rendition,))
    body = playlists.media(edition, "5-1", 540)
    head = body.decode().partition("#EXTINF")[0]

    def join() -> bytes:
        lines = [f"#EXTINF:{t / 90_000:.3f},\n../../s/5-1/540/{n:05d}.ts\n" for n, t in enumerate(edition.seg_ticks)]
        return "".join([head, *lines, "#EXT-X-ENDLIST\n"]).encode()

    return edition, body, join


def per_list(call: Callable[[], object], lists: int) -> Callable[[], float]:
    """Microseconds of CPU of one call."""

    def measured() -> float:
        begun = time.process_time()
        for _ in range(lists):
            call()
        return (time.process_time() - begun) * 1e6 / lists

    return measured


def variants(lists: int) -> dict[str, Callable[[], float]]:
    """Everything that is measured by turns; what is compared gives equal bytes, which is checked here."""
    effective = week()
    dice = random.Random(7)
    instants = [BEGIN_MS + 1_000 * dice.randint(200, 600_000) for _ in range(lists)]
    turn = iter(instants * 1_000)
    windows = [found for at in instants if (found := effective.window(at)) is not None]
    shown = [found.entries for found in windows]
    again = iter(shown * 1_000)
    for found, entries in zip(windows, shown, strict=True):
        assert live(entries) == playlists.linear(found, 540)
    begin = BEGIN_MS + 86_400_000
    six_hours = effective.slice(begin, begin + 21_600_000, begin + 90_000_000)
    cut_entries, cut_body = six_hours.entries, playlists.cut(six_hours, 540)
    cut_head = cut_body.decode().partition("#EXTINF")[0]
    assert joined(cut_entries, cut_head, "#EXT-X-ENDLIST\n") == cut_body
    edition, body, join600 = hour()
    assert join600() == body
    rows = [piece.row for piece in effective.pieces]
    behind = next_row(effective, Draft("ident", 3, 1, 0, 1), BEGIN_MS)
    parsed = [m3u8.loads(playlists.linear(found, 540).decode()) for found in windows[:200]]
    read = iter(parsed * 10_000)
    few = max(1, lists // 100)
    return {
        "join12": per_list(lambda: live(next(again)), lists),
        "linear": per_list(lambda: _live(effective, next(turn)), lists),
        "jinja2": per_list(lambda: _templated(next(again)), lists),
        "m3u8": per_list(lambda: next(read).dumps(), lists),
        "join600": per_list(join600, few),
        "vod": per_list(lambda: playlists.media(edition, "5-1", 540), few),
        "join3600": per_list(lambda: joined(cut_entries, cut_head, "#EXT-X-ENDLIST\n"), few),
        "slice": per_list(lambda: _cut(effective, begin), few),
        "row": per_list(lambda: effective.grown([behind]), few),
        "fold": per_list(lambda: fold(rows, [], effective.films, effective.pools), 1),
    }


def _live(effective: Effective, at: int) -> bytes:
    found = effective.window(at)
    return playlists.linear(found, 540) if found is not None else b""


def _cut(effective: Effective, begin: int) -> bytes:
    return playlists.cut(effective.slice(begin, begin + 21_600_000, begin + 90_000_000), 540)


def _templated(entries: tuple[Entry, ...]) -> bytes:
    return TEMPLATE.render(entries=entries, msn=entries[0].msn, dsn=entries[0].dsn).encode()


def steps(dice: random.Random) -> Iterator[Step]:
    """An endless random schedule; one wait in twelve is an hour in which the publisher is dead."""
    while True:
        pick = dice.randint(0, 6)
        yield Step("items", dice.randint(1, 12), pick)
        yield Step("wait", 3_600 if dice.random() < 1 / 12 else dice.randint(20, 600))
        if dice.random() < 0.4:
            yield Step("insert", dice.randint(0, 1), pick)
        if dice.random() < 0.3:
            gaps = frozenset(dice.sample(range(100), dice.randint(0, 2)))
            yield Step("relay", dice.randint(2, 120), pick, gaps, dice.random() < 0.5)
        if dice.random() < 0.2:
            yield Step("late", 1, pick)


def day(hours: float, seed: int = 1) -> dict[str, list[float]]:
    """Every second of a random day on two servers."""
    arrivals, _ = told(steps(random.Random(seed)), WHOLE, hours)
    shown: dict[int, Entry] = {}
    nodes, watches = (Node.of(arrivals, 5_000), Node.of(arrivals, 3_000)), (Watch(shown), Watch(shown))
    unequal, pause, changed, last = 0, 0, BEGIN_MS + 6_000, -1
    for now in range(BEGIN_MS + 6_000, round(BEGIN_MS + hours * 3_600_000), 1_000):
        found = [node.at(now) for node in nodes]
        for watch, one in zip(watches, found, strict=True):
            if one is not None:
                watch.see(one)
        texts = {playlists.linear(one, 540, FULL) for one in found if one is not None} if now % 2_000 == 0 else {b""}
        unequal += len(texts) != 1
        if found[0] is not None and found[0].end_ms != last:
            pause, changed, last = max(pause, now - changed), now, found[0].end_ms
    faults = [fault for watch in watches for fault in watch.violations]
    captured = sum(isinstance(each.what, Captured) for each in arrivals)
    print(
        f"{sum(watch.lists for watch in watches)} lists, {len(arrivals) - captured} rows, {captured} captured segments"
    )
    for fault in faults[:20]:
        print(fault)
    return {"violations": [float(len(faults))], "unequal": [float(unequal)], "pause_s": [pause / 1_000]}


def main() -> None:
    """Run all variants side by side, then the day, and print the ratios."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--lists", type=int, default=2_000, help="lists a round")
    options.add_argument("--hours", type=float, default=24, help="of the random day")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    figures = interleave(variants(chosen.lists), chosen.rounds) | day(chosen.hours, chosen.seed)
    for name, values in figures.items():
        print(f"{name:<12} {min(values):10.1f}")
    sys.exit(report(judge(figures, TARGETS)))


if __name__ == "__main__":
    main()
