"""Rules 43, 45 and 46: how a server answers."""

import pytest
from attrs import evolve

from vod.check import Evidence, examine
from vod.check_http import Answer, Object, Pair, Probe

LIST = {
    "content-type": "application/vnd.apple.mpegurl",
    "cache-control": "max-age=3600",
    "access-control-allow-origin": "*",
    "content-encoding": "gzip",
    "vary": "Accept-Encoding",
    "etag": '"abc"',
}
SEGMENT = {
    "content-type": "video/mp2t",
    "cache-control": "public, max-age=31536000, immutable",
    "access-control-allow-origin": "*",
    "etag": '"abc"',
    "accept-ranges": "bytes",
}
KEY = {
    "content-type": "application/octet-stream",
    "cache-control": "no-store",
    "access-control-allow-origin": "*",
}


def answer(kind: Object, headers: dict[str, str], size: int = 100, uri: str = "http://tv/a") -> Answer:
    return Answer(uri, kind, 200, headers, size, headers)


GOOD = (
    answer("master", {**LIST, "cache-control": "max-age=300"}),
    answer("vod", LIST),
    answer("live", {**LIST, "cache-control": "max-age=1"}),
    answer("ending", LIST),
    answer("segment", SEGMENT, uri="http://tv/s/1-1/360/00000.ts?x=1"),
    answer("segment", {**SEGMENT, "content-type": "video/iso.segment"}, uri="http://tv/s/1-1/f360/00000.m4s"),
    answer("text", {**SEGMENT, "content-type": "text/vtt; charset=utf-8"}, uri="http://tv/s/1-1/sub-zh/00000.vtt"),
    answer("key", KEY, 16),
)


def found(evidence: Evidence) -> list[tuple[int, str, str]]:
    return [(each.rule, each.expected, each.found) for each in examine(evidence)]


@pytest.mark.parametrize("good", GOOD)
def test_an_answer_as_the_table_has_it_is_sound(good: Answer) -> None:
    assert found(Evidence(answers=(good,))) == []


@pytest.mark.parametrize(
    ("which", "name", "value"),
    [
        (1, "content-type", "audio/x-mpegurl"),
        (1, "content-encoding", None),
        (1, "vary", None),
        (1, "etag", 'W/"abc"'),
        (1, "access-control-allow-origin", None),
        (2, "cache-control", "max-age=3600"),
        (4, "content-type", "text/vnd.trolltech.linguist"),
        (4, "cache-control", "max-age=60"),
        (4, "accept-ranges", None),
        (4, "content-encoding", "gzip"),
        (7, "cache-control", "public, max-age=31536000, immutable"),
    ],
)
def test_a_header_that_differs_is_told(which: int, name: str, value: str | None) -> None:
    headers = {key: was for key, was in {**GOOD[which].headers, name: value}.items() if was is not None}
    faults = found(Evidence(answers=(evolve(GOOD[which], headers=headers, head=headers),)))

    assert [rule for rule, _, _ in faults] == [45]
    assert (faults[0][1].startswith(f"{name}: "), faults[0][2]) == (True, value or "none")


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (evolve(GOOD[1], status=302, headers={"location": "/elsewhere"}), "no redirect"),
        (evolve(GOOD[1], head={**LIST, "etag": '"other"'}), 'HEAD with etag: "abc"'),
        (evolve(GOOD[1], head_status=404), "HEAD 200"),
        (evolve(GOOD[7], size=17), "a key of 16 bytes"),
    ],
)
def test_redirects_and_a_head_that_differs_are_told(odd: Answer, expected: str) -> None:
    assert [(rule, words) for rule, words, _ in found(Evidence(answers=(odd,)))] == [(45, expected)]


@pytest.mark.parametrize(
    ("probe", "sound"),
    [
        (Probe("http://tv/0.ts", 200, 100, 100), True),
        (Probe("http://tv/0.ts", 404, 0), False),
        (Probe("http://tv/0.ts", 200, 90, 100), False),
        (Probe("http://tv/0.ts", 200, 0), False),
        (Probe("http://tv/0.ts", 404, 0, removed_s=70, kept_s=78), False),
        (Probe("http://tv/0.ts", 404, 0, removed_s=80, kept_s=78), True),
    ],
)
def test_segments_are_there_while_listed_and_a_window_longer(probe: Probe, sound: bool) -> None:
    assert [rule for rule, _, _ in found(Evidence(probes=(probe,)))] == ([] if sound else [43])


def test_two_nodes_give_the_same_bytes() -> None:
    same = Pair("http://a/1.m3u8", "http://b/1.m3u8", same=True, size=5, other_size=5)

    assert found(Evidence(pairs=(same,))) == []
    assert [rule for rule, _, _ in found(Evidence(pairs=(evolve(same, same=False),)))] == [46]
