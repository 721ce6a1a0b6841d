"""A small channel of its own, for tests of the checker: items end to end, and the list that a second shows."""

from datetime import UTC, datetime

from attrs import frozen

START = 1_790_000_000
"""When the channel's first segment began, in seconds since 1970."""
ITEMS = (("1-1", (6.0, 6.0, 6.0, 6.0, 4.4)), ("2-1", (5.0,)), ("3-1", (6.0,) * 9), ("4-1", (6.0, 2.52)))


@frozen
class Piece:
    number: int
    uri: str
    seconds: float
    dsn: int
    breaks: bool
    start: float

    @property
    def end(self) -> float:
        return self.start + self.seconds


def pieces(rung: int, rounds: int = 4, late_s: float = 0.0) -> list[Piece]:
    """The items again and again; `late_s` moves all of them."""
    found: list[Piece] = []
    at, dsn = START + late_s, -1
    for asset, lengths in ITEMS * rounds:
        dsn += 1
        for place, seconds in enumerate(lengths):
            uri = f"../../s/{asset}/{rung}/{place:05d}.ts"
            found.append(Piece(len(found), uri, seconds, dsn, place == 0, at))
            at = round(at + seconds, 3)
    return found


def window(now: float, rung: int = 360, *, late_s: float = 0.0) -> list[Piece]:
    """What has ended a second ago, back to 72 s and 12 segments."""
    ended = [each for each in pieces(rung, late_s=late_s) if each.end <= now - 1]
    kept = next(
        n for n in range(12, len(ended) + 1) if n == len(ended) or sum(p.seconds for p in ended[-n:]) >= 72
    )  # fmt: skip
    return ended[-kept:]


def text(shown: list[Piece]) -> bytes:
    """The list of a window, with a date on the first segment and at each break."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:6", f"#EXT-X-MEDIA-SEQUENCE:{shown[0].number}"]
    lines += [f"#EXT-X-DISCONTINUITY-SEQUENCE:{shown[0].dsn}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for place, each in enumerate(shown):
        if each.breaks and place:
            lines.append("#EXT-X-DISCONTINUITY")
        if each.breaks or not place:
            date = datetime.fromtimestamp(each.start, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{date}")
        lines += [f"#EXTINF:{each.seconds:.3f},", each.uri]
    return "\n".join([*lines, ""]).encode()


def live(now: float, rung: int = 360, *, late_s: float = 0.0) -> bytes:
    return text(window(now, rung, late_s=late_s))
