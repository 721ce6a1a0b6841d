"""Films: add, list, withdraw, purge; and going on where a household stopped."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.domain.watching import Watched, finished, moved
from middleware.services import film_uses
from middleware.services.ports import UnitOfWork
from vod.catalogue import PUBLIC, Asset, Package, Series
from vod.jobs import State, move

COLUMNS: Final = ("style", "stones", "films", "window")
CLASS: Final = re.compile(r"[a-z0-9]{1,16}")
CHANNEL: Final = "channel"
"""Column of films that only the town channel shows; no shelf lists them."""
KEPT: Final = timedelta(hours=24)
"""A withdrawn film's segments stay this long, for those who are watching it."""
SEASONS_MOST, EPISODES_MOST = 100, 1000
TITLE_MOST, SHORT_MOST, SYNOPSIS_MOST = 40, 8, 300
BEGUN_MS: Final = 5_000
"""Who looked in for less than this is not offered to go on."""


class Gone(NotFound):
    """The film was there and has been withdrawn; HTTP says 410."""

    def __init__(self) -> None:
        super().__init__("这部片子已经下架", "withdrawn")


@frozen
class AssetDraft:
    """What an editor says about a film. Without a short title its first eight characters stand on the shelf.

    `origin` names the source; a source is added once. `klass` is who may fetch its files.
    """

    column: str
    title: str
    short_title: str = ""
    synopsis: str = ""
    origin: str | None = None
    klass: str = PUBLIC


Files = Callable[[int, int], None]
"""Something done to the files of an asset id and revision."""


def check_draft(draft: AssetDraft) -> AssetDraft:
    """The draft with its short title, or BadValue: worth knowing before a film is packaged for an hour."""
    if draft.column not in (*COLUMNS, CHANNEL):
        raise BadValue("bad_column", f"没有这个栏目：{draft.column}")
    title = draft.title.strip()
    if not 1 <= len(title) <= TITLE_MOST:
        raise BadValue("bad_title", f"片名要有 1 到 {TITLE_MOST} 个字")
    if len(draft.short_title) > SHORT_MOST:
        raise BadValue("bad_short_title", f"短片名不能超过 {SHORT_MOST} 个字")
    if not CLASS.fullmatch(draft.klass):
        raise BadValue("bad_class", "视频的类别只能用 1 到 16 个小写字母和数字")
    if len(draft.synopsis) > SYNOPSIS_MOST:
        raise BadValue("bad_synopsis", f"简介不能超过 {SYNOPSIS_MOST} 个字")
    return evolve(draft, title=title, short_title=draft.short_title.strip() or title[:SHORT_MOST])


def add_asset(uow: UnitOfWork, now: datetime, draft: AssetDraft, package: Package, publish: Files) -> Asset:
    """Register a packaged film; `publish` moves its files into place, and both happen or neither."""
    draft = check_draft(draft)
    if draft.origin and uow.assets.by_origin(draft.origin):
        raise BadValue("duplicate", "这个视频已经添加过了")
    asset = uow.assets.add(
        Asset(
            id=0,
            rev=1,
            state=State.READY,
            column=draft.column,
            title=draft.title,
            short_title=draft.short_title,
            synopsis=draft.synopsis,
            duration_ms=package.edition.duration_ms,
            added_at=now,
            damaged_tail=package.damaged_tail,
            origin=draft.origin,
            klass=draft.klass,
            channel=package.channel,
        ),
        package.edition,
        package.key,
    )
    publish(asset.id, asset.rev)
    uow.outbox.add(ContentChanged("asset"))
    return asset


def asset(uow: UnitOfWork, asset_id: int) -> Asset:
    """A film that can be watched now; NotFound, or Gone when it was withdrawn or is on no shelf at the moment."""
    found = kept(uow, asset_id)
    if not found.shown:
        raise Gone
    return found


def kept(uow: UnitOfWork, asset_id: int) -> Asset:
    """A film that is there, on a shelf or not; NotFound, or Gone when it was withdrawn."""
    found = uow.assets.get(asset_id)
    if found is None:
        raise NotFound("没有这部片子")
    if found.state is not State.READY:
        raise Gone
    return found


def add_series(uow: UnitOfWork, series: Series) -> Series:
    """Write a new series. Raises BadValue(bad_column, bad_title, bad_synopsis, bad_year)."""
    draft = check_draft(AssetDraft(series.column, series.title, synopsis=series.synopsis))
    if not (series.year == 0 or 1900 <= series.year <= 2200):
        raise BadValue("bad_year", "年份不对")
    stored = uow.assets.add_series(evolve(series, title=draft.title))
    uow.outbox.add(ContentChanged("asset"))
    return stored


def place_in_series(uow: UnitOfWork, asset_id: int, series_id: int | None, season: int = 0, episode: int = 0) -> Asset:
    """Make a film an episode, counted from 1, or with None a film of its own.

    Raises NotFound, BadValue(bad_episode).
    """
    found = kept(uow, asset_id)
    if series_id is None:
        season = episode = 0
    elif all(one.id != series_id for one in uow.assets.series()):
        raise NotFound("没有这部剧", "no_series")
    elif not (1 <= season <= SEASONS_MOST and 1 <= episode <= EPISODES_MOST):
        raise BadValue("bad_episode", "季和集从 1 数起")
    elif any((one.season, one.episode) == (season, episode) and one.id != asset_id for one in episodes(uow, series_id)):
        raise BadValue("bad_episode", "这一集已经有了")
    uow.assets.place_in_series(asset_id, series_id, season, episode)
    uow.outbox.add(ContentChanged("asset"))
    return evolve(found, series_id=series_id, season=season, episode=episode)


def episodes(uow: UnitOfWork, series_id: int) -> tuple[Asset, ...]:
    """The films of a series that can be watched, by season and episode."""
    return uow.assets.episodes(series_id)


def following(uow: UnitOfWork, asset: Asset) -> Asset | None:
    """The episode of its series that comes after this one, in the same season or in the next that has any."""
    if asset.series_id is None:
        return None
    place = asset.season, asset.episode
    return next((one for one in episodes(uow, asset.series_id) if (one.season, one.episode) > place), None)


def withdraw(uow: UnitOfWork, now: datetime, asset_id: int) -> Asset:
    """Take a film off the shelf; who is watching it sees it to the end."""
    found = kept(uow, asset_id)
    uow.assets.set_state(asset_id, move(found.state, State.WITHDRAWN), now)
    uow.outbox.add(ContentChanged("asset"))
    return evolve(found, state=State.WITHDRAWN)


def purge_due(uow: UnitOfWork, now: datetime, purge: Files, *, kept: timedelta = KEPT) -> tuple[Asset, ...]:
    """Remove the files of films withdrawn `kept` ago and return these films; what was on air stays for catch-up.

    Revisions that were replaced that long ago go too.

    Files go first: a crash in between leaves a withdrawn film without files, which the next call completes.
    """
    due = tuple(old for old in uow.assets.withdrawn(now - kept) if not film_uses.used(uow, now, old.id))
    for old in due:
        purge(old.id, old.rev)
        uow.assets.set_state(old.id, move(old.state, State.PURGED), now)
    for asset_id, rev in uow.assets.replaced(now - kept):
        if not film_uses.used(uow, now, asset_id):
            purge(asset_id, rev)
            uow.assets.remove_edition(asset_id, rev)
    return due


def note_progress(uow: UnitOfWork, now: datetime, household_id: int, asset_id: int, seconds: float) -> Watched:
    """Keep where a household is in a film; a place beyond its ends is moved to them."""
    found = asset(uow, asset_id)
    position = int(min(max(0.0, seconds) * 1000, found.duration_ms))
    before = uow.assets.watched(household_id, [asset_id]).get(asset_id)
    watched = moved(before, now, asset_id, position, found.duration_ms)
    uow.assets.put_watched(household_id, watched)
    return watched


def watched(uow: UnitOfWork, household_id: int, asset_ids: Collection[int]) -> Mapping[int, Watched]:
    """Where a household stopped in these films."""
    return uow.assets.watched(household_id, asset_ids)


def resume(uow: UnitOfWork, household_id: int) -> tuple[Asset, Watched] | None:
    """The film to offer for going on: the last one begun and not finished."""
    for last in uow.assets.last_watched(household_id, limit=8):
        found = uow.assets.get(last.asset_id)
        if found and last.position_ms >= BEGUN_MS and not finished(last.position_ms, found.duration_ms):
            return found, last
    return None
