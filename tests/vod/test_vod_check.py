"""Each rule of the playlist checker is broken by exactly one change to a clean list."""

import pytest

from vod.check import check, check_variants

MASTER = (
    b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    b'#EXT-X-STREAM-INF:BANDWIDTH=1900000,AVERAGE-BANDWIDTH=1700000,CODECS="avc1.4d401f,mp4a.40.2",'
    b"RESOLUTION=960x540,FRAME-RATE=25.000\n540.m3u8\n"
    b'#EXT-X-STREAM-INF:BANDWIDTH=900000,AVERAGE-BANDWIDTH=800000,CODECS="avc1.4d401e,mp4a.40.2",'
    b"RESOLUTION=640x360,FRAME-RATE=25.000\n360.m3u8\n"
)
MEDIA = (
    b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
    b"#EXT-X-INDEPENDENT-SEGMENTS\n#EXTINF:6.000,\n0.ts\n#EXTINF:2.040,\n1.ts\n#EXT-X-ENDLIST\n"
)


def test_clean_lists_have_no_findings() -> None:
    assert check(MASTER) == []
    assert check(MEDIA) == []
    assert check(MEDIA.replace(b"\n", b"\r\n")) == []


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (1, b"#EXTM3U\n", b"\xef\xbb\xbf#EXTM3U\n"),
        (1, b"0.ts", b"\xff0.ts"),
        (1, b"0.ts", b"0\x07.ts"),
        (1, b"0.ts\n", b"0.ts\r\n"),
        (3, b"TARGETDURATION:6\n", b"TARGETDURATION:6.5\n"),
        (4, b"EXTINF:6.000", b"EXTINF:6.501"),
        (5, b"TARGETDURATION:6\n", b"TARGETDURATION:9\n"),
        (6, b"EXTINF:2.040", b"EXTINF:2.04"),
        (6, b"EXTINF:2.040", b"EXTINF:0.000"),
        (7, b"VERSION:3", b"VERSION:2"),
        (7, b"VERSION:3", b"VERSION:7"),
        (8, b"#EXT-X-MEDIA-SEQUENCE:0\n", b"#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-MEDIA-SEQUENCE:0\n"),
        (8, b"#EXT-X-ENDLIST", b"#EXT-X-CUE-OUT:30\n#EXT-X-ENDLIST"),
        (9, b"#EXT-X-ENDLIST\n", b""),
        (9, b"#EXT-X-PLAYLIST-TYPE:VOD\n", b""),
        (11, b"#EXTINF:6.000", b"#EXT-X-DISCONTINUITY\n#EXTINF:6.000"),
        (20, b"#EXT-X-INDEPENDENT-SEGMENTS\n", b""),
    ],
)
def test_a_fault_in_a_media_list_is_found_by_its_rule(rule: int, old: bytes, new: bytes) -> None:
    found = {finding.rule for finding in check(MEDIA.replace(old, new, 1))}

    assert rule in found
    assert found <= {rule, 4}, "rule 4 alone may follow from a broken target"


def test_a_target_behind_the_first_segment_is_found() -> None:
    late = MEDIA.replace(b"#EXT-X-TARGETDURATION:6\n", b"").replace(b"0.ts\n", b"0.ts\n#EXT-X-TARGETDURATION:6\n")

    assert [(finding.rule, finding.line) for finding in check(late)] == [(3, 8)]


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (2, b"#EXT-X-INDEPENDENT-SEGMENTS\n", b"#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-ENDLIST\n"),
        (19, b"AVERAGE-BANDWIDTH=800000,", b""),
        (19, b"AVERAGE-BANDWIDTH=800000,", b"AVERAGE-BANDWIDTH=900001,"),
        (19, b"360.m3u8\n", b""),
        (21, b"RESOLUTION=640x360", b"RESOLUTION=960x540"),
        (21, b"RESOLUTION=960x540", b"RESOLUTION=426x240"),
        (22, b"RESOLUTION=640x360", b"RESOLUTION=480x360"),
        (22, b"FRAME-RATE=25.000", b"FRAME-RATE=100.000"),
    ],
)
def test_a_fault_in_a_master_is_found_by_its_rule(rule: int, old: bytes, new: bytes) -> None:
    assert {finding.rule for finding in check(MASTER.replace(old, new, 1))} == {rule}


def test_neither_master_nor_media_is_found() -> None:
    assert 2 in {finding.rule for finding in check(b"#EXTM3U\n")}


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (25, b"TARGETDURATION:6", b"TARGETDURATION:7"),
        (26, b"#EXTINF:2.040,\n1.ts\n", b""),
        (26, b"EXTINF:2.040", b"EXTINF:2.100"),
        (26, b"#EXTINF:2.040", b"#EXT-X-DISCONTINUITY\n#EXTINF:2.040"),
    ],
)
def test_variants_that_differ_are_found(rule: int, old: bytes, new: bytes) -> None:
    findings = check_variants({"a": MEDIA, "b": MEDIA.replace(old, new)})

    assert [(finding.rule, finding.uri) for finding in findings] == [(rule, "b")]


def test_noise_is_read_without_failing() -> None:
    assert check(bytes(range(256)) * 8)
