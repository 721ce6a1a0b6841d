"""HLS playlist text from index values (RFC 8216; tags and their order: video.md §6). Equal values give equal bytes."""

from vod.catalogue import TICKS_PER_S, Edition, Rendition
from vod.ladder import SEGMENT_S, master_order

TICKS_PER_MS = TICKS_PER_S // 1000


def master(edition: Edition) -> bytes:
    """The list of rungs, their media lists beside it as `<rung>.m3u8`."""
    by_rung = {rendition.rung: rendition for rendition in edition.renditions}
    entries = [_stream_inf(by_rung[rung]) for rung in master_order(tuple(by_rung))]
    return "".join(["#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n", *entries]).encode()


def media(edition: Edition, segments: str) -> bytes:
    """The complete list of one rung's segments; `segments` is the address of their folder, with its last slash."""
    lengths = durations(edition.seg_ticks)
    # The longest segment may be a frame above 6 s; the target is what its length rounds to, and never below 6.
    target = max(SEGMENT_S, *((ticks * 2 // TICKS_PER_S + 1) // 2 for ticks in edition.seg_ticks))
    head = (
        f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    )
    body = [f"#EXTINF:{length},\n{segments}{index:05d}.ts\n" for index, length in enumerate(lengths)]
    return "".join([head, *body, "#EXT-X-ENDLIST\n"]).encode()


def durations(seg_ticks: tuple[int, ...]) -> list[str]:
    """EXTINF texts: three decimals when all are whole milliseconds, else six."""
    if all(ticks % TICKS_PER_MS == 0 for ticks in seg_ticks):
        return [f"{ms // 1000}.{ms % 1000:03d}" for ms in (ticks // TICKS_PER_MS for ticks in seg_ticks)]
    return [f"{us // 1_000_000}.{us % 1_000_000:06d}" for us in (round(ticks * 100 / 9) for ticks in seg_ticks)]


def _stream_inf(rendition: Rendition) -> str:
    rate = rendition.frame_rate
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={rendition.peak},AVERAGE-BANDWIDTH={rendition.average},"
        f'CODECS="{rendition.codecs}",RESOLUTION={rendition.width}x{rendition.height},'
        f"FRAME-RATE={rate // 1000}.{rate % 1000:03d}\n{rendition.rung}.m3u8\n"
    )
