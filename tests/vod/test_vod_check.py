"""Each rule of the playlist checker is broken by exactly one change to a clean list."""

import pytest

from tests.vod.checking import check, check_variants
from vod.check import RULES, Evidence, examine
from vod.check_read import read

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


def test_every_rule_of_the_table_is_there_and_says_what_it_is() -> None:
    assert sorted({rule.number for rule in RULES}) == list(range(1, 48))
    assert [rule for rule in RULES if not rule.about.partition(": ")[2]] == []


FMP4 = MEDIA.replace(b"VERSION:3", b"VERSION:6").replace(b".ts", b".m4s")
MAP = b'#EXT-X-MAP:URI="init.mp4"\n#EXTINF:6.000'
KEY = b'#EXT-X-KEY:METHOD=AES-128,URI="../../k/1-1",IV=0x' + b"0a" * 16 + b"\n#EXTINF:6.000"
RANGES = MEDIA.replace(b"VERSION:3", b"VERSION:4").replace(b"0.ts", b"#EXT-X-BYTERANGE:188@0\n0.ts")
RANGE = b'#EXT-X-DATERANGE:ID="p",CLASS="town",START-DATE="2026-09-21T10:00:00.000Z",DURATION=60\n'
DATES = MEDIA.replace(b"#EXTINF:6.000", RANGE + b"#EXTINF:6.000")
KEYED = MEDIA.replace(b"#EXTINF:6.000", KEY)


@pytest.mark.parametrize(
    ("rule", "sound", "old", "new"),
    [
        (15, DATES, b'CLASS="town",', b""),
        (15, DATES, b":00.000Z", b":00Z"),
        (15, DATES, b"DURATION=60\n", b"DURATION=-1\n"),
        (15, DATES, b"#EXT-X-ENDLIST", RANGE + b"#EXT-X-ENDLIST"),
        (16, KEYED, b",IV=0x" + b"0a" * 16, b""),
        (16, KEYED, b'URI="../../k/1-1",', b""),
        (16, KEYED, b"AES-128", b"SAMPLE-AES"),
        (16, MEDIA.replace(b"#EXTINF:6.000", b"#EXT-X-KEY:METHOD=NONE\n#EXTINF:6.000"), b"NONE\n", b'NONE,URI="k"\n'),
        (
            16,
            KEYED,
            b"#EXTINF:2.040,\n",
            b"#EXT-X-DISCONTINUITY\n#EXTINF:2.040,\n../9-1/",
        ),
        (17, FMP4.replace(b"#EXTINF:6.000", MAP), b'#EXT-X-MAP:URI="init.mp4"\n', b""),
        (17, FMP4.replace(b"#EXTINF:6.000", MAP), b"#EXTINF:2", b'#EXT-X-MAP:URI="other.mp4"\n#EXTINF:2'),
        (18, RANGES, b"188@0", b"188"),
        (18, RANGES, b"188@0", b"all"),
    ],
)
def test_keys_maps_ranges_and_dates_of_a_film(rule: int, sound: bytes, old: bytes, new: bytes) -> None:
    broken = sound.replace(old, new, 1)

    assert (check(sound), broken == sound) == ([], False)
    assert {finding.rule for finding in check(broken)} - {7} == {rule}


GROUPS = (
    MASTER.replace(b"FRAME-RATE=25.000", b'FRAME-RATE=25.000,SUBTITLES="text"')
    + '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",LANGUAGE="zh",NAME="中文",DEFAULT=YES,URI="zh.m3u8"\n'.encode()
    + b'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",LANGUAGE="en",NAME="English",DEFAULT=NO,URI="sub-en.m3u8"\n'
    + b'#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100000,CODECS="avc1.4d401e",RESOLUTION=640x360,URI="360-i.m3u8"\n'
)


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (23, b'GROUP-ID="text",LANGUAGE="zh"', b'GROUP-ID="others",LANGUAGE="zh"'),
        (23, b'LANGUAGE="en",', b""),
        (23, b"DEFAULT=NO", b"DEFAULT=YES"),
        (24, b"RESOLUTION=640x360,URI", b"URI"),
        (24, b'CODECS="avc1.4d401e",RESOLUTION=640x360,URI', b"RESOLUTION=640x360,URI"),
    ],
)
def test_groups_and_key_frames_of_a_master(rule: int, old: bytes, new: bytes) -> None:
    alone = GROUPS.replace(b'GROUP-ID="text",LANGUAGE="en"', b'GROUP-ID="others",LANGUAGE="en"')
    sound = alone if b"others" in new else GROUPS

    assert check(sound) == []
    assert {finding.rule for finding in check(sound.replace(old, new, 1))} == {rule}


def test_a_list_of_sound_is_not_held_against_those_of_pictures() -> None:
    sound = b'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",LANGUAGE="en",NAME="English",URI="sound-2.m3u8"\n'
    master = read(MASTER + sound, "http://tv/v/1-1/master.m3u8")
    lists = [read(data, f"http://tv/v/1-1/{name}.m3u8") for name, data in SOUNDS.items()]

    assert examine(Evidence(master, (tuple(lists),))) == []
    assert {finding.rule for finding in examine(Evidence(read(MASTER), (tuple(lists),)))} == {26}


SOUNDS = {"540": MEDIA, "360": MEDIA, "sound-2": MEDIA.replace(b"6.000", b"5.000").replace(b"2.040", b"3.040")}


def test_a_list_called_one_of_key_frames_is_one() -> None:
    frames = RANGES.replace(b"#EXT-X-INDEPENDENT-SEGMENTS", b"#EXT-X-I-FRAMES-ONLY").replace(
        b"1.ts", b"#EXT-X-BYTERANGE:188@0\n1.ts"
    )
    master = read(GROUPS, "http://tv/v/1-1/master.m3u8")

    def rules(data: bytes) -> set[int]:
        return {each.rule for each in examine(Evidence(master, ((read(data, "http://tv/v/1-1/360-i.m3u8"),),)))}

    assert rules(frames) == set()
    assert rules(MEDIA) == {24}


def test_variants_of_one_length_in_sum() -> None:
    long = MEDIA.replace(b"#EXT-X-ENDLIST", b"#EXTINF:6.000,\n2.ts\n#EXT-X-ENDLIST")
    each_a_frame = long.replace(b"6.000", b"6.039").replace(b"2.040", b"2.079")

    assert [finding.rule for finding in check_variants({"a": long, "b": long.replace(b"2.040", b"2.079")})] == []
    assert [finding.rule for finding in check_variants({"a": long, "b": each_a_frame})] == [27]


def test_noise_is_read_without_failing() -> None:
    assert check(bytes(range(256)) * 8)


@pytest.mark.parametrize(
    "line", [b"A" * 200_000, b",A" * 100_000, b'A="' * 60_000, b'"' * 200_000, b"A=1\n#EXT-X-STREAM-INF:" * 8_000]
)
def test_long_lines_are_read_once(line: bytes) -> None:
    """None of these takes more than a moment; a reader that looks back would take minutes."""
    assert check(b"#EXTM3U\n#EXT-X-STREAM-INF:" + line)
