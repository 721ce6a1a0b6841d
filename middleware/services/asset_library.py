"""The library as editors keep it: change, find, see where a film is used and how much it is watched, replace, restore.

What a viewer sees of films stands in `assets`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from epg.search import index
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.domain.places import TOWN_ZONE
from middleware.services import film_uses
from middleware.services.asset_ports import Views
from middleware.services.asset_window import shown_at
from middleware.services.assets import CHANNEL, COLUMNS, AssetDraft, Files, check_draft, kept, withdraw
from middleware.services.ports import UnitOfWork
from vod.catalogue import Asset, Package
from vod.jobs import State, move

KEYWORDS_MOST, KEYWORD_MOST = 20, 20
FOUND_MOST: Final = 200
PLANNED: Final = timedelta(days=62)
"""So far ahead plans are looked through for a film."""
_USES_SHOWN: Final = 200
Edge = datetime | None


@frozen
class Change:
    """What an editor changes of a film; None leaves it as it is. `window` is from and until, either may be open."""

    column: str | None = None
    title: str | None = None
    short_title: str | None = None
    synopsis: str | None = None
    keywords: tuple[str, ...] | None = None
    window: tuple[Edge, Edge] | None = None


@frozen
class Counted:
    """A film that was found, and who has viewed it."""

    film: Asset
    views: Views


def edit(uow: UnitOfWork, now: datetime, actor: str, asset_id: int, change: Change) -> Asset:
    """Change what is said of a film; viewers see it at once.

    Raises NotFound, Gone, BadValue(bad_column, bad_title, bad_short_title, bad_synopsis, bad_keywords, bad_window).
    """
    before = kept(uow, asset_id)
    told = _told(before, change)
    after = evolve(told, shown=shown_at(told, now))
    if after != before:
        uow.assets.set_details(after)
        uow.audit.add(now, actor, "edit", "asset", asset_id, _differences(before, after))
        uow.outbox.add(ContentChanged("asset"))
    return after


def _told(film: Asset, change: Change) -> Asset:
    title = film.title if change.title is None else change.title
    given = film.short_title if change.title is None else ""
    draft = check_draft(
        AssetDraft(
            film.column if change.column is None else change.column,
            title,
            given if change.short_title is None else change.short_title,
            film.synopsis if change.synopsis is None else change.synopsis,
            klass=film.klass,
        )
    )
    begins, ends = (film.shown_from, film.shown_until) if change.window is None else change.window
    if begins and ends and begins >= ends:
        raise BadValue("bad_window", "上架时间要早于下架时间")
    words = film.keywords if change.keywords is None else _keywords(change.keywords)
    return evolve(
        film,
        column=draft.column,
        title=draft.title,
        short_title=draft.short_title,
        synopsis=draft.synopsis,
        keywords=words,
        shown_from=begins,
        shown_until=ends,
    )


def _keywords(words: Iterable[str]) -> str:
    found = list(dict.fromkeys(word for each in words for word in each.split()))
    if len(found) > KEYWORDS_MOST or any(len(word) > KEYWORD_MOST for word in found):
        raise BadValue("bad_keywords", f"关键词最多 {KEYWORDS_MOST} 个，每个不超过 {KEYWORD_MOST} 个字")
    return " ".join(found)


def _differences(before: Asset, after: Asset) -> dict[str, object]:
    names = ("column", "title", "short_title", "synopsis", "keywords", "shown_from", "shown_until")
    changed = ((name, getattr(after, name)) for name in names if getattr(after, name) != getattr(before, name))
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in changed}


def find(uow: UnitOfWork, query: str, column: str = "", limit: int = FOUND_MOST) -> tuple[Counted, ...]:
    """Films whose title or keywords hold the query, or whose initials do (`xqtc` finds 新桥通车), the best first.

    An empty query finds all; those thrown away are found too. Raises BadValue(bad_column).
    """
    if column and column not in (*COLUMNS, CHANNEL):
        raise BadValue("bad_column", f"没有这个栏目：{column}")
    films = [one for one in uow.assets.all() if column in ("", one.column)]
    rows = ((words, one) for one in films for words in (one.title, *one.keywords.split()))
    found = index(rows).find(query, limit * (KEYWORDS_MOST + 1)) if query.strip() else tuple(films)
    some = tuple({one.id: one for one in found}.values())[:limit]
    views = uow.assets.views([one.id for one in some])
    return tuple(Counted(one, views.get(one.id, Views(0, 0))) for one in some)


def uses(uow: UnitOfWork, now: datetime, asset_id: int) -> tuple[str, ...]:
    """Where a film is used, one sentence each: its series, plans, templates, pools, what was and will be on air."""
    film = uow.assets.get(asset_id)
    if film is None or film.state is State.PURGED:
        raise NotFound("没有这部片子")
    return (*_in_series(uow, film), *_in_plans(uow, now, asset_id), *_on_air(uow, now, asset_id))[:_USES_SHOWN]


def _in_series(uow: UnitOfWork, film: Asset) -> Iterator[str]:
    title = next((one.title for one in uow.assets.series() if one.id == film.series_id), "")
    if title:
        yield f"series {film.series_id} {title}, episode {film.season}.{film.episode}"


def _in_plans(uow: UnitOfWork, now: datetime, asset_id: int) -> Iterator[str]:
    today = now.astimezone(TOWN_ZONE).date()
    for channel in (one.xmltv_id for one in uow.guide.channels()):
        for day in uow.plans.newest(channel, today - film_uses.RETENTION, today + PLANNED):
            for item in day.items:
                if item.content.asset == asset_id:
                    yield f"plan of {channel}, {item.start.astimezone(TOWN_ZONE):%Y-%m-%d %H:%M}"
        for template in uow.plans.templates(channel):
            if any(block.content.asset == asset_id for block in template.blocks):
                yield f"template {template.name} of {channel}"
        pool = uow.plans.pool(channel)
        if pool and any(filler.asset == asset_id for filler in pool.fillers):
            yield f"fillers of {channel}"


def _on_air(uow: UnitOfWork, now: datetime, asset_id: int) -> Iterator[str]:
    for use in film_uses.used(uow, now, asset_id):
        if use.seq:
            yield f"on air on {use.channel}, {datetime.fromtimestamp(use.start_ms / 1000, TOWN_ZONE):%Y-%m-%d %H:%M:%S}"
        else:
            yield f"fills gaps of {use.channel}"


def replace(uow: UnitOfWork, now: datetime, actor: str, asset_id: int, package: Package, publish: Files) -> Asset:
    """Put newly packaged files in the place of a film's; who is watching the old ones sees them to the end.

    Raises NotFound, Gone, and BadValue(not_for_channel) where a channel that plays the film could not play the new.
    """
    before = kept(uow, asset_id)
    if before.channel and not package.channel and film_uses.used(uow, now, asset_id):
        raise BadValue("not_for_channel", "频道正在用这部片子，新文件也要能排进频道")
    after = evolve(
        before,
        rev=before.rev + 1,
        duration_ms=package.edition.duration_ms,
        damaged_tail=package.damaged_tail,
        channel=package.channel,
    )
    uow.assets.add_edition(asset_id, after.rev, package.edition, package.key)
    uow.assets.set_rev(after, now)
    uow.audit.add(now, actor, "replace", "asset", asset_id, {"rev": after.rev})
    publish(asset_id, after.rev)
    uow.outbox.add(ContentChanged("asset"))
    return after


def throw_away(uow: UnitOfWork, now: datetime, actor: str, asset_id: int) -> Asset:
    """Take a film off its shelf; until it is purged it can be restored, and who is watching sees it to the end.

    Raises NotFound, Gone, BadValue(in_use) with the airings of a film that is on air or may be asked for again.
    """
    kept(uow, asset_id)
    film_uses.refuse_used(uow, now, asset_id)
    gone = withdraw(uow, now, asset_id)
    uow.audit.add(now, actor, "remove", "asset", asset_id, {"title": gone.title})
    return gone


def trash(uow: UnitOfWork) -> tuple[Asset, ...]:
    """The films that were thrown away and whose files are still there, by id."""
    return tuple(one for one in uow.assets.all() if one.state is State.WITHDRAWN)


def restore(uow: UnitOfWork, now: datetime, actor: str, asset_id: int) -> Asset:
    """Put a film that was thrown away back on its shelf. Raises NotFound, BadValue(not_thrown_away)."""
    film = uow.assets.get(asset_id)
    if film is None or film.state is State.PURGED:
        raise NotFound("没有这部片子")
    if film.state is not State.WITHDRAWN:
        raise BadValue("not_thrown_away", "这部片子没有删除")
    back = evolve(film, state=move(film.state, State.READY), shown=shown_at(film, now))
    uow.assets.set_state(asset_id, back.state, now)
    uow.assets.set_details(back)
    uow.audit.add(now, actor, "restore", "asset", asset_id, {"title": film.title})
    uow.outbox.add(ContentChanged("asset"))
    return back
