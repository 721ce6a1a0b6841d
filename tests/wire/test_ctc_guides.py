"""Seven skins and dialect B tell the same programmes, also over midnight."""

import json
import re
from datetime import date, datetime, time, timedelta

from hypothesis import example, given

from epg.times import SHANGHAI
from middleware.portal.ctc import guides
from middleware.portal.ctc.slots import Slot, days, midnight, span, within
from tests.wire.ctc_town import DAY, NASTY, schedules

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=SHANGHAI)
DAYS = days(NOW)
Told = list[tuple[str, datetime, datetime]]
LATE = [
    Slot(1, "晚间新闻；重播", datetime(2026, 11, 24, 23, 10, tzinfo=SHANGHAI), midnight(DAY) + timedelta(minutes=50)),
    Slot(2, "早间;天气", midnight(DAY) + timedelta(minutes=50), midnight(DAY) + timedelta(hours=24)),
    Slot(3, "午夜剧场", midnight(DAY) + timedelta(hours=24), midnight(DAY) + timedelta(hours=25, minutes=5)),
]


def loads(data: bytes) -> dict[str, object]:
    found: dict[str, object] = json.loads(data, parse_constant=lambda word: (_ for _ in ()).throw(ValueError(word)))
    return found


def from_ms(text: object) -> datetime:
    return datetime.fromtimestamp(int(str(text)) / 1000, SHANGHAI)


def joined(rows: Told) -> Told:
    """What was cut at midnight put together again, as a client with cut days does."""
    out: Told = []
    for title, start, stop in rows:
        if out and out[-1][0] == title and out[-1][2] == start and start == midnight(start.date()):
            out[-1] = (title, out[-1][1], stop)
        else:
            out.append((title, start, stop))
    return out


def skin_1(schedule: list[Slot]) -> Told:
    page = guides.liveplay_30("801", schedule, DAYS).decode()
    found = re.fullmatch(r"<script>\nparent\.jsonBackLookStr = ([^;\n]+);\n</script>", page)
    assert found is not None
    lists = json.loads(found[1])
    assert (len(lists), len(lists[1])) == (2, len(DAYS))
    assert all(isinstance(value, str) for day in lists[1] for one in day for value in one.values())

    def at(text: str) -> datetime:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)

    return [(p["programName"], at(p["beginTimeFormat"]), at(p["endTimeFormat"])) for day in lists[1] for p in day]


def clock(day: date, text: str, last: str) -> datetime:
    if text == last:
        return span(day)[1]
    return datetime.combine(day, time.fromisoformat(text), SHANGHAI)


def skin_2(schedule: list[Slot]) -> Told:
    rows: Told = []
    labelled = DAYS[:-1]
    for index in range(-len(labelled) + 1, 2):
        day = DAY + timedelta(days=index)
        told = loads(guides.defaulttrans2(schedule, day, labelled, NOW))
        assert list(told) == ["data", "title"]
        titles = told["title"]
        assert isinstance(titles, list)
        if index <= 0:
            assert titles[len(titles) - 1 + index].startswith(f"{day:%d}")
        for one in told["data"]:  # type: ignore[attr-defined]
            assert [type(value) for value in one.values()] == [str, str, int, str, str, str, str]
            rows.append((one["progName"], clock(day, one["startTime"], ""), clock(day, one["endTime"], "23:59")))
    return joined(rows)


def skin_3(schedule: list[Slot]) -> Told:
    rows: Told = []
    for day in DAYS:
        told = loads(guides.gdhdpublic("801", schedule, day, NOW))
        for one in told["result"]:  # type: ignore[attr-defined]
            assert all(isinstance(value, str) for value in one.values())
            assert one["day"] == f"{day:%Y-%m-%d}"
            assert one["time"] < one["endtime"]
            rows.append((one["name"], clock(day, one["time"], ""), clock(day, one["endtime"], "23:59:59")))
    return joined(rows)


def window(schedule: list[Slot]) -> list[Slot]:
    return list(within(schedule, midnight(DAYS[0]), span(DAYS[-1])[1]))


def skin_4(schedule: list[Slot]) -> Told:
    rows: Told = []
    offset = 0
    while True:
        told = loads(guides.vsp({"801": window(schedule)}, offset, 100))
        bill = told["channelPlaybills"][0]  # type: ignore[index]
        assert told["total"] == "1"
        for one in bill["playbillLites"]:
            assert all(isinstance(value, str) for value in one.values())
            rows.append((one["name"], from_ms(one["startTime"]), from_ms(one["endTime"])))
        if int(bill["playbillCount"]) <= offset + 100:
            return rows
        offset += 100


def skin_5(schedule: list[Slot]) -> Told:
    told = loads(guides.fujian_programmes("801", window(schedule), NOW))
    rows = told["data"]
    assert isinstance(rows, list)
    assert all(isinstance(one["startTime"], int) and isinstance(one["ID"], str) for one in rows)
    return [(one["name"], from_ms(one["startTime"]), from_ms(one["endTime"])) for one in rows]


def skin_6(schedule: list[Slot]) -> Told:
    rows: Told = []
    for day in DAYS:
        told = loads(guides.xagqftkdb("南湖", schedule, day, 1, 9999))
        for one in told["channelPrevueList"]:  # type: ignore[attr-defined]
            start, stop = clock(day, one["startTime"], ""), clock(day, one["endTime"], "")
            rows.append((one["prevueName"], start, stop + timedelta(days=stop <= start)))
    return rows


def skin_7(schedule: list[Slot]) -> Told:
    told = loads(guides.iptvsnmv3(window(schedule)))
    return [(p["name"], from_ms(p["startTime"]), from_ms(p["endTime"])) for p in told["playbillLites"]]  # type: ignore[attr-defined]


def zte(schedule: list[Slot]) -> Told:
    rows: Told = []
    for day in DAYS:
        told = loads(guides.zte(schedule, day))
        for one in told["prevuelist"]:  # type: ignore[attr-defined]
            start, stop = (
                datetime.strptime(one[key], "%Y.%m.%d %H:%M:%S").replace(tzinfo=SHANGHAI)
                for key in ("begintime", "endtime")
            )
            rows.append((one["prevuename"], start, stop))
    return rows


def whole(rows: Told) -> Told:
    """Without what began before the first day, which guides by day do not tell or tell in part."""
    return [row for row in rows if row[1] > midnight(DAYS[0])]


def plain(schedule: list[Slot]) -> Told:
    """The schedule itself: what begins within the days told."""
    return [(one.title, one.start, one.stop) for one in schedule if midnight(DAYS[0]) < one.start < span(DAYS[-1])[1]]


def but_the_last_night(rows: Told) -> Told:
    """Guides cut at midnight know of the last day's night programme only what is before it."""
    last = span(DAYS[-1])[1]
    return [(title, start, min(stop, last)) for title, start, stop in rows]


def to_the_minute(rows: Told) -> Told:
    """Skin 2 writes midnight as 23:59, so its clients cannot tell an end at that minute from midnight."""
    return [
        (title, start, span(stop.date())[1] if (stop.hour, stop.minute) == (23, 59) else stop)
        for title, start, stop in rows
    ]


@given(schedules())
@example(LATE)
@example([])
@example(
    [
        Slot(n, title, midnight(DAY) + timedelta(hours=n), midnight(DAY) + timedelta(hours=n + 1))
        for n, title in enumerate(NASTY)
    ]
)
def test_all_guides_tell_the_same_programmes(schedule: list[Slot]) -> None:
    distinct = [Slot(one.id, f"{one.id}{one.title}", one.start, one.stop) for one in schedule]
    true = plain(distinct)
    titled = [
        (title.replace(";", "；").replace("\u2028", " ").replace("\u2029", " ").replace("\x85", " "), *rest)
        for title, *rest in true
    ]

    assert whole(skin_1(distinct)) == titled
    assert whole(skin_2(distinct)) == to_the_minute(but_the_last_night(true))
    assert whole(skin_3(distinct)) == but_the_last_night(true)
    assert [whole(skin(distinct)) for skin in (skin_4, skin_5, skin_6, skin_7, zte)] == [true] * 5


def test_a_programme_over_midnight_is_on_both_days_where_days_are_cut() -> None:
    first = json.loads(guides.gdhdpublic("801", LATE, date(2026, 11, 24), NOW))["result"]
    second = json.loads(guides.gdhdpublic("801", LATE, DAY, NOW))["result"]

    assert [(one["name"], one["time"], one["endtime"]) for one in first] == [("晚间新闻；重播", "23:10:00", "23:59:59")]
    assert [(one["time"], one["endtime"]) for one in second] == [("00:00:00", "00:50:00"), ("00:50:00", "23:59:59")]


def test_channels_without_programmes_have_well_formed_empty_lists() -> None:
    empty = [
        guides.defaulttrans2((), DAY, (), NOW),
        guides.gdhdpublic("1", (), DAY, NOW),
        guides.vsp({"1": ()}, 0, 100),
        guides.fujian_programmes("1", (), NOW),
        guides.xagqftkdb("", (), DAY, 1, 10),
        guides.iptvsnmv3(()),
        guides.zte((), DAY),
        guides.jiangsu((), DAY, NOW),
    ]

    assert [json.loads(one) for one in empty] == [
        {"data": [], "title": []},
        {"result": []},
        {
            "result": {"retCode": "000000000", "retMsg": "Successfully"},
            "total": "1",
            "channelPlaybills": [{"playbillCount": "0", "playbillLites": []}],
        },
        {"status": "1", "errCode": "", "errMsg": "", "data": []},
        {"totalSize": 0, "curPage": 1, "totalPage": 0, "channelName": "", "channelPrevueList": []},
        {"playbillLites": []},
        {"prevuelist": []},
        {"channelPrevue": []},
    ]


def test_skin_6_is_told_by_pages() -> None:
    schedule = [
        Slot(n, str(n), midnight(DAY) + timedelta(hours=n), midnight(DAY) + timedelta(hours=n + 1)) for n in range(24)
    ]
    told = json.loads(guides.xagqftkdb("南湖", schedule, DAY, 3, 10))

    assert (told["totalSize"], told["curPage"], told["totalPage"]) == (24, 3, 3)
    assert [one["prevueName"] for one in told["channelPrevueList"]] == ["20", "21", "22", "23"]
