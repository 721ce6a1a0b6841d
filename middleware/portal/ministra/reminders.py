"""Reminders as rows (§4 tvreminder)."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from middleware.domain.reminders import Reminder
from middleware.portal.ministra.guide import real_id
from middleware.portal.ministra.wire import Row, numeral
from middleware.portal.ministra.zones import clock


def rows(reminders: Sequence[Reminder], names: Mapping[int, str], here: tzinfo) -> list[Row]:
    """get_all_active: by when they pop up, only for channels that the box may see."""
    return [row(one, names[one.channel_id], here) for one in reminders if one.channel_id in names]


def row(one: Reminder, name: str, here: tzinfo) -> Row:
    """One reminder; the programme is named by channel and start, which stay when a guide is imported anew."""
    key = real_id(one.channel_id, one.start)
    return {
        "fire_ts": int(one.fires.timestamp()),
        "t_fire_time": clock(one.fires, here),
        "itv_name": name,
        "ch_id": numeral(one.channel_id),
        "program_name": one.title,
        "tv_program_id": key,
        "tv_program_real_id": key,
    }
