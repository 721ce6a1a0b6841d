"""Channel logos, at every address under which a client looks for them (portal-ministra.md §9)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from middleware.web.routes import Routes
from middleware.web.values import File, Request, Response, Result, not_found

API: Final = ("/stalker_portal/server/load.php", "/server/load.php", "/stalker_portal/portal.php", "/portal.php")
_FOLDERS: Final = ("", "/stalker_portal", "/stalker_portal/c", "/c", "/stalker_portal/server", "/server")
_APIS: Final = (*API, "/c/portal.php")
PREFIXES: Final = (
    "/logos/",
    *(f"{folder}/misc/logos/" for folder in _FOLDERS),
    *(f"{api}/misc/logos/" for api in _APIS),
    *(f"{api}misc/logos/" for api in _APIS),
)
"""Clients put `misc/logos/` behind the folder of the portal, behind that of the API, or glue it to the API's name."""
_LOGO: Final = re.compile(r"(?:(?:120|160|240|320)/)?([A-Za-z0-9][A-Za-z0-9_\-]{0,60}\.(png|jpg|gif))", re.ASCII)
_TYPES: Final = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}
_KEPT: Final = (("Cache-Control", "public, max-age=86400"),)


class Logos:
    """Files of `folder` and, where it has none of the name, `shipped` ones; one picture serves all sizes."""

    def __init__(self, folder: Path | None, shipped: Mapping[str, bytes]) -> None:
        self._folder = folder
        self._shipped = shipped

    def routes(self, routes: Routes) -> None:
        """Register every address."""
        for prefix in PREFIXES:
            routes.prefix("GET", prefix, self.logo)

    def logo(self, request: Request) -> Result:
        """`<size>/<file>`; a name that is none of a logo, and a logo that there is not, are 404."""
        found = _LOGO.fullmatch(request.rest)
        if found is None:
            return not_found()
        name, kind = found.groups()
        path = self._folder / name if self._folder else None
        if name in self._shipped and not (path and path.is_file()):
            return Response(200, self._shipped[name], _TYPES[kind], _KEPT)
        return File(path, _TYPES[kind]) if path else not_found()
