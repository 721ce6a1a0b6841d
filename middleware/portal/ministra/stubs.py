"""The discovery stubs (§9): what STB-Proxy and its like read to find the API. Our own text; boxes never run it."""

from typing import Final

from middleware.web.routes import Routes
from middleware.web.values import Endpoint, Request, Response

SCRIPT: Final = "text/javascript; charset=utf-8"
HOMES: Final = ("/c/", "/c_/", "/client/", "/stalker_portal/c/", "/stalker_portal/c_/")
XPCOM: Final = r"""/* Where the API of this portal is. */
var pattern = /(https?):\/\/([^\/]*)\/(.*)/;
this.portal_protocol = document.URL.replace(pattern, '$1');
this.portal_ip = document.URL.replace(pattern, '$2');
this.portal_path = document.URL.replace(pattern, '$3');
this.ajax_loader = this.portal_protocol + '://' + this.portal_ip + '/stalker_portal/server/load.php';
"""
"""A statement a line, single quotes, no plus inside the pattern: readers delete blanks, quotes and plus signs."""
VERSION: Final = "var ver = '5.1.1';\n"


def add_stubs(routes: Routes) -> None:
    """Serve both files below every address that portals are given as."""
    for home in HOMES:
        routes.exact("GET", f"{home}xpcom.common.js", _file(XPCOM))
        routes.exact("GET", f"{home}version.js", _file(VERSION))


def _file(text: str) -> Endpoint:
    response = Response(200, text.encode(), SCRIPT, (("Cache-Control", "no-cache"),))

    def answer(_request: Request) -> Response:
        return response

    return answer
