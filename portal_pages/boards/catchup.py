"""The recording of a programme on the full screen, with the keys and the strip of a film."""

import attrs

from portal_pages.boards import over_video
from portal_pages.boards.film import player_page
from portal_pages.facts import AssetFact, ProgrammePageFact, Viewer
from portal_pages.states import Open, Page


def catchup_page(viewer: Viewer, fact: ProgrammePageFact, playlist: str) -> Page:
    """From its start; the end, BACK and STOP lead back to the programme. What is still on is as long as it has run."""
    programme = fact.programme
    length = (min(programme.stop, viewer.now) - programme.start).total_seconds()
    as_film = AssetFact(
        programme.id, programme.title, "", "", fact.channel.still, max(length, 1.0), programme.start, playlist=playlist
    )
    page = player_page(viewer, as_film, again=True)
    back = f"programme-{programme.id}"
    return attrs.evolve(
        page,
        id=f"catchup-{programme.id}",
        parent=back,
        parent_focus="again",
        keys={**page.keys, "STOP": Open(back, "again")},
        layers=(over_video.film_failed(viewer.mode, back),),
        video=attrs.evolve(page.video, asset=0) if page.video else None,
    )
