"""The guides of the skins, each a small renderer of the same slots (portal-ctc.md §6), and those of dialect B (§4)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from middleware.portal.ctc import words
from middleware.portal.ctc.slots import Slot, cut, epoch_ms, span, starting
from portal_pages.text_zh import WEEKDAYS

_LAST_SECOND: Final = "23:59:59"
_LONG_TITLE: Final = 12
"""Characters beyond which skin 2 lets a title run."""
MOST_A_PAGE: Final = 2000


def text(value: object) -> bytes:
    """Strict JSON in UTF-8, compact, on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def liveplay_30(channel: str, schedule: Sequence[Slot], days: Iterable[date]) -> bytes:
    """Skin 1: a script of one line that no semicolon may cut; a list a day, oldest first."""
    lists = [[_tvod(channel, one) for one in starting(schedule, day)] for day in days]
    line = json.dumps([len(lists), lists], ensure_ascii=False, separators=(",", ":"))
    for sign, instead in ((";", "；"), ("<", "\\u003c"), ("\u2028", " "), ("\u2029", " "), ("\x85", " ")):
        line = line.replace(sign, instead)
    return f"<script>\nparent.jsonBackLookStr = {line};\n</script>".encode(errors="replace")


def _tvod(channel: str, slot: Slot) -> dict[str, str]:
    return {
        "channelId": channel,
        "programId": str(slot.id),
        "programName": slot.title,
        "beginTimeFormat": f"{slot.start:%Y%m%d%H%M%S}",
        "endTimeFormat": f"{slot.stop:%Y%m%d%H%M%S}",
        "beginTime": f"{slot.start:%H:%M}",
        "endTime": f"{slot.stop:%H:%M}",
    }


def defaulttrans2(schedule: Sequence[Slot], day: date, labelled: Iterable[date], now: datetime) -> bytes:
    """Skin 2, Shandong's: one day, cut at midnight, with the labels of all days up to today, oldest first."""
    data = [
        {
            "progName": one.title,
            "subProgName": one.subtitle,
            "scrollFlag": int(len(one.title) > _LONG_TITLE),
            "startTime": f"{one.start:%H:%M}",
            "endTime": _end(one, "23:59", "%H:%M"),
            "state": _state(one, now),
            "progId": str(one.id),
        }
        for one in cut(schedule, day)
    ]
    return text({"data": data, "title": [f"{one:%d}日 {WEEKDAYS[one.weekday()]}" for one in labelled]})


def gdhdpublic(channel: str, schedule: Sequence[Slot], day: date, now: datetime) -> bytes:
    """Skin 3: one day, cut a second before midnight."""
    result = [
        {
            "name": one.title,
            "day": f"{day:%Y-%m-%d}",
            "time": f"{one.start:%H:%M:%S}",
            "endtime": _end(one, _LAST_SECOND, "%H:%M:%S"),
            "code": channel,
            "proID": str(one.id),
            "proflag": _state(one, now),
        }
        for one in cut(schedule, day)
    ]
    return text({"result": result})


def vsp(schedules: Mapping[str, Sequence[Slot]], offset: int, count: int) -> bytes:
    """Skin 4: numbers and times as text; `playbillCount` is how many there are, of which a page is told."""
    bills = [
        {
            "playbillCount": str(len(schedule)),
            "playbillLites": [_lite(channel, one) for one in schedule[offset : offset + count]],
        }
        for channel, schedule in schedules.items()
    ]
    result = {"retCode": "000000000", "retMsg": "Successfully"}
    return text({"result": result, "total": str(len(bills)), "channelPlaybills": bills})


def vsp_refused() -> bytes:
    """Skin 4 asked with something that is no question."""
    return text({"result": {"retCode": "100000001", "retMsg": "bad request"}, "total": "0", "channelPlaybills": []})


def _lite(channel: str, slot: Slot) -> dict[str, str]:
    times = {"startTime": str(epoch_ms(slot.start)), "endTime": str(epoch_ms(slot.stop))}
    return {"ID": str(slot.id), "name": slot.title, **times, "channelID": channel}


def fujian(data: Sequence[object]) -> bytes:
    """Skin 5: the envelope of all its lists."""
    return text({"status": "1", "errCode": "", "errMsg": "", "data": data})


def fujian_refused(message: str) -> bytes:
    """Skin 5 asked for something it does not have."""
    return text({"status": "0", "errCode": "1", "errMsg": message, "data": []})


def fujian_categories(genres: Iterable[tuple[str, str]]) -> bytes:
    """Skin 5: names and ids of the groups; one of them is all channels."""
    return fujian([{"name": words.ALL_CHANNELS, "id": "0"}, *({"name": name, "id": code} for code, name in genres)])


def fujian_channels(channels: Iterable[tuple[str, str, str]]) -> bytes:
    """Skin 5: code, name and number of each channel."""
    return fujian(
        [
            {"ID": code, "code": code, "name": name, "mixNo": number, "mediaID": code, "authCode": "1", "isCharge": "0"}
            for code, name, number in channels
        ]
    )


def fujian_programmes(channel: str, schedule: Sequence[Slot], now: datetime) -> bytes:
    """Skin 5: programmes with their times as numbers of milliseconds."""
    return fujian(
        [
            {
                "ID": str(one.id),
                "name": one.title,
                "startTime": epoch_ms(one.start),
                "endTime": epoch_ms(one.stop),
                "channelID": channel,
                "status": _state(one, now),
            }
            for one in schedule
        ]
    )


def xagqftkdb(name: str, schedule: Sequence[Slot], day: date, page: int, size: int) -> bytes:
    """Skin 6: what begins on a day; an end before the start is on the next one."""
    all_of_it = starting(schedule, day)
    shown = all_of_it[(page - 1) * size : page * size]
    prevues = [
        {
            "prevueName": one.title,
            "contentName": one.title,
            "startTime": f"{one.start:%H:%M:%S}",
            "endTime": f"{one.stop:%H:%M:%S}",
            "currDate": f"{day:%Y-%m-%d}",
        }
        for one in shown
    ]
    pages = -(-len(all_of_it) // size)
    counts = {"totalSize": len(all_of_it), "curPage": page, "totalPage": pages}
    return text({**counts, "channelName": name, "channelPrevueList": prevues})


def iptvsnmv3(schedule: Sequence[Slot]) -> bytes:
    """Skin 7, Guangdong's: names, and times as numbers of milliseconds."""
    return text(
        {
            "playbillLites": [
                {"name": one.title, "startTime": epoch_ms(one.start), "endTime": epoch_ms(one.stop)} for one in schedule
            ]
        }
    )


def zte(schedule: Sequence[Slot], day: date) -> bytes:
    """Dialect B: what begins on a day, with whole dates. JSON in ASCII, so that no charset can spoil it."""
    prevues = [
        {
            "prevuename": one.title,
            "begintime": f"{one.start:%Y.%m.%d %H:%M:%S}",
            "endtime": f"{one.stop:%Y.%m.%d %H:%M:%S}",
            "contentid": str(one.id),
        }
        for one in starting(schedule, day)
    ]
    return json.dumps({"prevuelist": prevues}, separators=(",", ":")).encode()


def jiangsu(schedule: Sequence[Slot], day: date, now: datetime) -> bytes:
    """The guide of Jiangsu's boxes: as dialect B, with marks for what is on and what can be seen again."""
    prevues = [
        {
            "prevuecode": str(one.id),
            "prevuename": one.title,
            "begintime": f"{one.start:%Y.%m.%d %H:%M:%S}",
            "endtime": f"{one.stop:%Y.%m.%d %H:%M:%S}",
            "isLive": str(int(one.start <= now < one.stop)),
            "isBack": str(int(one.stop <= now)),
            "isRecord": "0",
        }
        for one in starting(schedule, day)
    ]
    return json.dumps({"channelPrevue": prevues}, separators=(",", ":")).encode()


def _end(slot: Slot, last: str, form: str) -> str:
    """The end within its day: midnight is written as its last minute or second."""
    return last if slot.stop == span(slot.start.date())[1] else f"{slot.stop:{form}}"


def _state(slot: Slot, now: datetime) -> str:
    """Ours: 0 is over, 1 is on, 2 is to come."""
    return "0" if slot.stop <= now else "1" if slot.start <= now else "2"
