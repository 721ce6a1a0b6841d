"""The recording of a programme on the full screen, with the keys and the strip of a film."""

from datetime import timedelta
from typing import Final

import attrs

from portal_pages.boards import over_video
from portal_pages.boards.film import player_page
from portal_pages.facts import AssetFact, ProgrammeFact, ProgrammePageFact, Viewer
from portal_pages.states import Open, Page

HALTED: Final = "h"
BEHIND: Final = timedelta(seconds=18)
"""So far behind the clock is what a viewer of television sees."""


def catchup_id(programme: ProgrammeFact, *, halted: bool = False) -> str:
    """`catchup-5`, and `catchup-5-h` for what is on now, halted."""
    return f"catchup-{programme.id}" + (f"-{HALTED}" if halted else "")


def catchup_page(viewer: Viewer, fact: ProgrammePageFact, playlist: str, *, halted: bool = False) -> Page:
    """From its start; the end, BACK and STOP lead back to the programme. What is still on is as long as it has run.

    `halted` begins at what is on now and waits for the viewer; it leads back to television.
    """
    programme = fact.programme
    still_on = programme.stop > viewer.now
    length = (min(programme.stop, viewer.now) - programme.start).total_seconds()
    as_film = AssetFact(
        programme.id, programme.title, "", "", fact.channel.still, max(length, 1.0), programme.start, playlist=playlist,
        resume_s=max(0.0, length - BEHIND.total_seconds()) if halted else 0.0, subtitled=fact.grows,
    )  # fmt: skip
    page = player_page(viewer, as_film, again=not halted)
    back = f"tv-{fact.channel.id}" if halted else f"programme-{programme.id}"
    focus = "screen" if halted else "again"
    whole_s = (programme.stop - programme.start).total_seconds() if fact.grows and still_on else 0.0
    return attrs.evolve(
        page,
        id=catchup_id(programme, halted=halted),
        parent=back,
        parent_focus=focus,
        keys={**page.keys, "STOP": Open(back, focus)},
        layers=(over_video.film_failed(viewer.mode, back),),
        video=attrs.evolve(page.video, asset=0, whole_s=whole_s, halted=halted) if page.video else None,
    )
