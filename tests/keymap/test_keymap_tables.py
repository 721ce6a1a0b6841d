"""Every cell of the collected tables, written down here a second time, is in a family file; or WHY_NOT says why."""

import pytest

from keymap.families import resolve, shipped
from keymap.keys import NOOP, Action, Key, SystemEvent
from keymap.model import Code

FAMILIES = ("uievents", "pc", "hbbtv", "mag", "tizen", "webos", "orsay", "android", "cec", "linux")

# One row per key, one column per family; blanks part aliases, "-" is none. A "d" row stands for the digits 0 to 9.
STANDARDS = """
UP         | ArrowUp              | 38          | 38              | 38     | 38        | 38  | 29460 | 19    | 0x01      | KEY_UP 103
DOWN       | ArrowDown            | 40          | 40              | 40     | 40        | 40  | 29461 | 20    | 0x02      | KEY_DOWN 108
LEFT       | ArrowLeft            | 37          | 37              | 37     | 37        | 37  | 4     | 21    | 0x03      | KEY_LEFT 105
RIGHT      | ArrowRight           | 39          | 39              | 39     | 39        | 39  | 5     | 22    | 0x04      | KEY_RIGHT 106
OK         | Enter                | 13          | 13              | 13     | 13        | 13  | 29443 | 23 66 | 0x00 0x2B | KEY_OK 352 KEY_ENTER 28
BACK       | GoBack BrowserBack   | 166 27 8    | 461             | 8      | 10009     | 461 | 88    | 4     | 0x0D      | KEY_BACK 158 KEY_EXIT 174
EXIT       | -                    | -           | -               | 27     | -         | -   | -     | -     | -         | -
HOME       | GoHome BrowserHome   | 172         | -               | -      | -         | -   | -     | 3     | 0x09      | KEY_HOMEPAGE 172 KEY_HOME 102
MENU       | ContextMenu          | 93          | 462             | 122    | 18 10133  | -   | -     | 82    | 0x0B 0x11 | KEY_MENU 139
RED        | ColorF0Red           | 403         | 403             | 112    | 403       | 403 | 108   | 183   | 0x72      | KEY_RED 398
GREEN      | ColorF1Green         | 404         | 404             | 113    | 404       | 404 | 20    | 184   | 0x73      | KEY_GREEN 399
YELLOW     | ColorF2Yellow        | 405         | 405             | 114    | 405       | 405 | 21    | 185   | 0x74      | KEY_YELLOW 400
BLUE       | ColorF3Blue          | 406         | 406             | 115    | 406       | 406 | 22    | 186   | 0x71      | KEY_BLUE 401
PLAY       | MediaPlay            | 250         | 415             | 2082   | 415       | 415 | 71    | 126   | 0x44      | KEY_PLAY 207
PAUSE      | MediaPause           | 19          | 19              | 2082   | 19        | 19  | 74    | 127   | 0x46      | KEY_PAUSE 119
PLAY_PAUSE | -                    | 179         | 402             | 2082   | 10252     | -   | -     | 85    | -         | KEY_PLAYPAUSE 164
STOP       | MediaStop            | 178         | 413             | 2083   | 413       | 413 | 70    | 86    | 0x45      | KEY_STOP 128
FF         | MediaFastForward     | 228         | 417 473 465 408 | 2070   | 417       | 417 | 72    | 90    | 0x49      | KEY_FASTFORWARD 208
REW        | MediaRewind          | 227         | 412             | 2066   | 412       | 412 | 69    | 89    | 0x48      | KEY_REWIND 168
CH_UP      | ChannelUp            | 427         | 427             | 9      | 427       | 33  | -     | 166   | 0x30      | KEY_CHANNELUP 402
CH_DOWN    | ChannelDown          | 428         | 428             | 1009   | 428       | 34  | -     | 167   | 0x31      | KEY_CHANNELDOWN 403
VOL_UP     | AudioVolumeUp        | 175         | 447             | 107    | 447       | -   | -     | 24    | 0x41      | KEY_VOLUMEUP 115
VOL_DOWN   | AudioVolumeDown      | 174         | 448             | 109    | 448       | -   | -     | 25    | 0x42      | KEY_VOLUMEDOWN 114
MUTE       | AudioVolumeMute      | 173         | 449             | 2192   | 449       | -   | -     | 164 91 | 0x43     | KEY_MUTE 113
INFO       | Info                 | 457         | 457             | 2089   | 457       | 457 | 31    | 165   | 0x35      | KEY_INFO 358
EPG        | Guide                | 458         | 458             | 119    | 458       | -   | -     | 172   | 0x53      | KEY_EPG 365 KEY_PROGRAM 362
DELETE     | Delete Backspace Clear | 46 8 12   | -               | 116    | -         | -   | 259   | 67 112 | 0x2C     | KEY_DELETE 111 KEY_BACKSPACE 14
PAGE_UP    | PageUp               | 33          | 33              | 33     | -         | 33  | -     | 92    | 0x37      | KEY_PAGEUP 104
PAGE_DOWN  | PageDown             | 34          | 34              | 34     | -         | 34  | -     | 93    | 0x38      | KEY_PAGEDOWN 109
STAR       | *                    | 106         | -               | -      | -         | -   | -     | 17    | -         | KEY_NUMERIC_STAR 522
HASH       | #                    | 1051        | -               | -      | -         | -   | -     | 18    | -         | KEY_NUMERIC_POUND 523
POWER      | - | - | - | 2085 | - | - | - | - | - | -
TV         | - | - | - | 121  | - | - | - | - | - | -
APPS       | - | - | - | 123  | - | - | - | - | - | -
REC        | - | - | - | 2087 | - | - | - | - | - | -
TRACK      | - | - | - | 2071 | - | - | - | - | - | -
noop       | - | - | - | 117 120 2076 2032 2080 2081 | - | - | - | - | - | -
"""

CHINESE_FAMILIES = ("ctc", "ipanel", "enrich", "dvn", "inspur", "dth", "pc")

CHINESE = """
UP         | 38  | 1         | 87  | 38    | 38  | 38   | 38
DOWN       | 40  | 2         | 83  | 40    | 40  | 40   | 40
LEFT       | 37  | 3         | 65  | 37    | 37  | 37   | 37
RIGHT      | 39  | 4         | 68  | 39    | 39  | 39   | 39
OK         | 13  | 13 4097   | 13  | 13    | 13  | 13   | 13
BACK       | 8 24 | 340 4096 | 8   | 640 8 | 8   | 27   | 8 27
EXIT       | -   | 339       | 27  | -     | 27  | 197  | 81
HOME       | 272 | -         | -   | -     | -   | -    | -
MENU       | -   | -         | -   | -     | 36  | 4098 | 36
SETUP      | 113 | -         | -   | -     | -   | -    | -
RED        | 275 | 2305      | 320 | -     | 112 | 2305 | 112
GREEN      | 276 | 833 2306  | 321 | -     | 113 | 2306 | 113
YELLOW     | 277 | 834 2307  | 322 | -     | 114 | 2307 | 114
BLUE       | 278 | 2308      | 323 | -     | 115 | 2308 | 115
PLAY       | -   | 4160      | -   | -     | -   | -    | -
PAUSE      | -   | 4162      | -   | -     | -   | -    | -
PLAY_PAUSE | 263 | -         | -   | -     | 19  | -    | -
STOP       | 270 | 4161      | -   | -     | -   | -    | -
FF         | 264 | -         | -   | -     | -   | -    | -
REW        | 265 | -         | -   | -     | -   | -    | -
PREV       | -   | -         | 46  | -     | -   | -    | -
NEXT       | -   | -         | 44  | -     | -   | -    | -
TO_END     | 266 | -         | -   | -     | -   | -    | -
TO_START   | 267 | -         | -   | -     | -   | -    | -
CH_UP      | 257 | -         | 93  | -     | -   | -    | -
CH_DOWN    | 258 | -         | 91  | -     | -   | -    | -
VOL_UP     | 259 | 595       | 61  | 601   | -   | -    | -
VOL_DOWN   | 260 | 596       | 45  | 602   | -   | -    | -
MUTE       | 261 | -         | 67  | -     | 77  | 4108 | -
INFO       | 268 | 4100      | 73  | -     | -   | 4100 | -
EPG        | 112 | -         | 69  | -     | 69  | 4192 | -
PAGE_UP    | 33  | 372 374   | 306 | 120   | 33  | 4173 | 33
PAGE_DOWN  | 34  | 373 375   | 307 | 121   | 34  | 4174 | 34
STAR       | 106 | -         | 318 | -     | -   | -    | -
HASH       | 105 | -         | 319 | -     | -   | -    | -
TRACK      | 262 280 | -     | 86  | -     | -   | -    | -
FAV        | 281 | -         | 76  | -     | 70  | -    | -
MAIL       | -   | -         | 77  | -     | 67  | -    | -
TV         | -   | -         | 80  | -     | -   | 4208 | -
LOCATE     | 271 | - | - | - | - | - | -
INTERACT   | 269 | - | - | - | - | - | -
BOOKMARK   | 282 | - | - | - | - | - | -
DASH       | 283 | - | - | - | - | - | -
HELP       | 284 | - | - | - | - | - | -
SEARCH     | 285 1105 | - | - | - | - | - | -
CAROUSEL   | 286 | - | - | - | - | - | -
GREY       | 279 | - | - | - | - | - | -
APPS       | 279 | - | - | - | - | - | -
LIVE       | 1108 | - | - | - | - | - | -
VOD        | 1109 | - | - | - | - | - | -
REPLAY     | 1110 | - | - | - | - | - | -
NEWS       | 1112 | - | - | - | - | 4196 | -
LIST       | -   | - | - | - | - | 4225 | -
POWER      | 256 | - | - | - | - | - | -
EVENT      | 768 | - | - | - | - | - | -
noop       | 1111 | - | - | - | 121 | 112 113 114 115 | -
"""

ALONE = {
    "ctc-overseas": "RED 65 | GREEN 66 | YELLOW 67 | BLUE 68",
    "mag-emulator": "EXIT 8 | BACK 116",
    "ipanel-sim": "LEFT 37 | UP 38 | RIGHT 39 | DOWN 40 | OK 13 | BACK 8 27 | EXIT 137 81 | PAGE_UP 177 34"
    " | PAGE_DOWN 176 33 | GREEN 4097 | MENU 93 | VOL_UP 190 | VOL_DOWN 188",
    "nec-hisi": "UP 0xb2ca | DOWN 0xb2d2 | LEFT 0xb299 | RIGHT 0xb2c1 | OK 0xb2ce | HOME 0xb282 | MENU 0xb29a"
    " | PLAY 0xb295 | CH_UP 0xb285 | CH_DOWN 0xb286 | VOL_UP 0xb280 | VOL_DOWN 0xb281 | MUTE 0xb29c | DELETE 0xb2c5"
    " | STAR 0xb2da | HASH 0xb2d0",
    "kodi": "UP KEY_UP up Up | DOWN KEY_DOWN down Down | LEFT KEY_LEFT left Left | RIGHT KEY_RIGHT right Right"
    " | OK KEY_OK KEY_ENTER select Select | BACK KEY_BACK KEY_EXIT KEY_ESC KEY_CLOSE back Back"
    " | HOME KEY_HOME start PreviousMenu | MENU KEY_MENU menu ContextMenu"
    " | RED KEY_RED red | GREEN KEY_GREEN green | YELLOW KEY_YELLOW yellow | BLUE KEY_BLUE blue"
    " | PLAY KEY_PLAY play | PLAY_PAUSE PlayPause | PAUSE KEY_PAUSE pause Pause | STOP KEY_STOP stop Stop"
    " | FF KEY_FASTFORWARD forward FastForward | REW KEY_REWIND reverse Rewind"
    " | PAGE_UP KEY_CHANNELUP pageplus PageUp | PAGE_DOWN KEY_CHANNELDOWN pageminus PageDown"
    " | VOL_UP KEY_VOLUMEUP volumeplus VolumeUp | VOL_DOWN KEY_VOLUMEDOWN volumeminus VolumeDown"
    " | MUTE KEY_MUTE mute Mute | INFO KEY_INFO info Info | EPG KEY_EPG guide TVGuide | DELETE KEY_DELETE clear Delete"
    " | STAR KEY_NUMERIC_STAR star | HASH KEY_NUMERIC_POUND hash",
}

ASCII_DIGITS = (
    *("hbbtv", "mag", "tizen", "webos", "ctc", "ctc-overseas", "ipanel", "ipanel-sim"),
    *("enrich", "dvn", "inspur", "dth", "mag-emulator"),
)

# The codes of 0 to 9. Kodi's action for 1 is not in the tables: JumpSMS runs from 2, and 0 is Number0.
DIGITS = {
    "uievents": ["0 1 2 3 4 5 6 7 8 9"],
    "pc": ["48 49 50 51 52 53 54 55 56 57", "96 97 98 99 100 101 102 103 104 105"],
    "desk": ["48 49 50 51 52 53 54 55 56 57", "96 97 98 99 100 101 102 103 104 105"],
    **{family: ["48 49 50 51 52 53 54 55 56 57"] for family in ASCII_DIGITS},
    "orsay": ["17 101 98 6 8 9 10 12 13 14"],
    "android": ["7 8 9 10 11 12 13 14 15 16"],
    "cec": ["0x20 0x21 0x22 0x23 0x24 0x25 0x26 0x27 0x28 0x29"],
    "linux": [
        "11 2 3 4 5 6 7 8 9 10",
        "512 513 514 515 516 517 518 519 520 521",
        "KEY_0 KEY_1 KEY_2 KEY_3 KEY_4 KEY_5 KEY_6 KEY_7 KEY_8 KEY_9",
        " ".join(f"KEY_NUMERIC_{n}" for n in range(10)),
    ],
    "nec-hisi": ["0xb287 0xb292 0xb293 0xb2cc 0xb28e 0xb28f 0xb2c8 0xb28a 0xb28b 0xb2c4"],
    "kodi": [
        "zero one two three four five six seven eight nine",
        " ".join(f"KEY_{n}" for n in range(10)),
        " ".join(f"KEY_NUMERIC_{n}" for n in range(10)),
        "Number0 - JumpSMS2 JumpSMS3 JumpSMS4 JumpSMS5 JumpSMS6 JumpSMS7 JumpSMS8 JumpSMS9",
    ],
}

WHY_NOT = {
    ("pc", "DELETE", 8): (Key.BACK, "Backspace is BACK, one of the six; LEFT deletes as well"),
    ("mag", "PLAY", 2082): (Key.PLAY_PAUSE, "one key for both, so it toggles"),
    ("mag", "PAUSE", 2082): (Key.PLAY_PAUSE, "one key for both, so it toggles"),
    ("webos", "CH_UP", 33): (Key.PAGE_UP, "the channel rocker arrives as PageUp and pages"),
    ("webos", "CH_DOWN", 34): (Key.PAGE_DOWN, "the channel rocker arrives as PageDown and pages"),
    ("ctc", "APPS", 279): (Key.GREY, "one code, one key: 279 follows the colours; its label says 应用"),
}

SYSTEM = {
    "ipanel": "4404 NOT_FOUND 5200 DATA_OK 5201 DATA_FAILED 5202 MEDIA_PREPARED 5203 CONNECT_FAILED"
    " 5204 DVB_SEARCH_FAILED 5205 PLAY_OK 5206 PLAY_FAILED 5207 PROGRAMME_LIST_OK 5208 PROGRAMME_LIST_FAILED"
    " 5209 PROGRAMME_BEGIN 5210 PROGRAMME_END 5211 RELEASE_OK 5212 RELEASE_FAILED 5213 TIME_SHIFT_FAILED"
    " 5214 EPG_URL_READY 5220 CHANGE_OK 5221 CHANGE_FAILED 5222 BUFFERING_START 5223 BUFFERING_STOP"
    " 5224 OUT_OF_RANGE 5225 USER_EXCEPTION 5226 PARAMETER_OK 5227 PARAMETER_FAILED 8000 TUNE_START 8001 TUNE_OK"
    " 8002 TUNE_FAILED 8010 SEARCH_DONE 8011 SEARCH_FAILED 8020 SERVICE_READY 8021 MODULE_CHANGED"
    " 8022 TABLE_SEARCH_DONE 8023 CAROUSEL_START 8024 CAROUSEL_DONE",
    "ctc": "39170 PREVIEW_COUNT_OVER 39171 PREVIEW_TIME_OVER 39172 NO_SUCH_CHANNEL",
}

Cell = tuple[str, str, Code]


def code(family: str, text: str) -> Code:
    named = family in ("uievents", "kodi") or text.startswith("KEY_")
    return text if named else int(text, 0)


def grid(table: str, families: tuple[str, ...]) -> list[Cell]:
    rows = [[cell.strip() for cell in line.split(" | ")] for line in table.strip().splitlines()]
    return [
        (family, row[0], code(family, text))
        for row in rows
        for family, cell in zip(families, row[1:], strict=True)
        for text in cell.split()
        if text != "-"
    ]


def all_cells() -> list[Cell]:
    cells = grid(STANDARDS, FAMILIES) + grid(CHINESE, CHINESE_FAMILIES)
    cells += [("desk", key, number) for family, key, number in grid(STANDARDS, FAMILIES) if family == "pc"]
    for family, text in ALONE.items():
        entries = [entry.split() for entry in text.split(" | ")]
        cells += [(family, entry[0], code(family, alias)) for entry in entries for alias in entry[1:]]
    for family, runs in DIGITS.items():
        for run in runs:
            cells += [(family, f"D{n}", code(family, text)) for n, text in enumerate(run.split()) if text != "-"]
    return list(dict.fromkeys(cells))


CELLS = [
    cell for cell in all_cells() if cell not in WHY_NOT and not (cell[0] == "desk" and ("pc", *cell[1:]) in WHY_NOT)
]


def named(key: str) -> Action:
    return NOOP if key == "noop" else Key[key]


@pytest.mark.parametrize(("family", "key", "number"), CELLS, ids=lambda value: str(value))
def test_the_cell_is_in_its_family(family: str, key: str, number: Code) -> None:
    assert resolve(shipped()[family], number) == named(key)


@pytest.mark.parametrize("cell", WHY_NOT, ids=str)
def test_a_cell_left_out_means_what_its_reason_says(cell: Cell) -> None:
    meant, reason = WHY_NOT[cell]

    assert resolve(shipped()[cell[0]], cell[2]) == meant
    assert reason


@pytest.mark.parametrize("family", SYSTEM)
def test_every_system_event_is_in_its_family(family: str) -> None:
    words = SYSTEM[family].split()
    expected = {int(number): SystemEvent[name] for number, name in zip(words[::2], words[1::2], strict=True)}

    assert shipped()[family].system == expected


EXTRA = {
    "linux": {1: Key.BACK, 206: Key.BACK, "KEY_ESC": Key.BACK, "KEY_CLOSE": Key.BACK},  # folded into BACK
    "uievents": {"MediaPlayPause": Key.PLAY_PAUSE},
    "kodi": {"KEY_PLAYPAUSE": Key.PLAY_PAUSE},
}


@pytest.mark.parametrize("family", sorted(shipped()))
def test_a_family_holds_nothing_beyond_the_tables(family: str) -> None:
    base = shipped()[family].extends
    known = {number for name, _, number in all_cells() if name in (family, base)} | set(EXTRA.get(family, {}))

    assert set(shipped()[family].keys) - known == set()


def test_the_keys_beyond_the_tables_are_what_they_are_meant_to_be() -> None:
    for family, extra in EXTRA.items():
        assert {number: shipped()[family].keys[number] for number in extra} == extra


def test_low_codes_mean_different_keys_in_different_families() -> None:
    families = shipped()

    assert [families[name].keys[4] for name in ("orsay", "ipanel", "android")] == [Key.LEFT, Key.RIGHT, Key.BACK]
    assert [families[name].keys[8] for name in ("ctc", "orsay", "mag-emulator")] == [Key.BACK, Key.D4, Key.EXIT]
    assert [families[name].keys[4097] for name in ("ipanel", "ipanel-sim")] == [Key.OK, Key.GREEN]
    assert [families[name].keys[403] for name in ("linux", "hbbtv")] == [Key.CH_DOWN, Key.RED]


def test_guessed_codes_are_not_shipped() -> None:
    assert not {832, 835} & set(shipped()["ipanel"].keys)
