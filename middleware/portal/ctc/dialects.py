"""All dialects of CTC and CU boxes on one core, and what lies between their addresses."""

from typing import Final

from middleware.portal.core.core import Core
from middleware.portal.ctc.door import Door
from middleware.portal.ctc.front_a import FrontA
from middleware.portal.ctc.front_b import FrontB
from middleware.portal.ctc.front_c import FrontC
from middleware.portal.ctc.schedule import Schedule
from middleware.portal.ctc.settings import Settings
from middleware.portal.ctc.skins import Skins
from middleware.web.routes import Routes
from middleware.web.values import TEXT, Request, Response

_OURS: Final = ("/EDS/", "/EPG/", "/VSP/", "/iptvepg/", "/epg/")


class Ctc:
    """The adapter: `core` knows boxes, channels and programmes, `settings` what the operator decided."""

    def __init__(self, core: Core, settings: Settings) -> None:
        door = Door(core, settings)
        schedule = Schedule(door)
        self._fronts = (FrontA(door), FrontB(door, schedule), FrontC(door), Skins(door, schedule))

    def routes(self, routes: Routes) -> None:
        """Register every address; below the platforms' folders all others are a bare 404, which clients rely on."""
        for front in self._fronts:
            front.routes(routes)
        for folder in _OURS:
            for method in ("GET", "POST"):
                routes.prefix(method, folder, absent)


def absent(_request: Request) -> Response:
    """404 and nothing else: a client takes a page or a redirect for a skin that is there."""
    return Response(404, b"", TEXT)
