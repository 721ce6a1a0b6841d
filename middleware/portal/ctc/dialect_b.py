"""Dialect B, ZTE's platform, and the front half that Jiangsu puts before it: values to pages (portal-ctc.md §4).

The pages are text; `gbk` makes the bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from middleware.portal.ctc import markup
from middleware.portal.ctc.records import Listed, record_b

CHARSET: Final = "gbk"
TYPE: Final = "text/html; charset=GBK"
START: Final = "/iptvepg/platform/getencrypttoken.jsp"
GROUP: Final = "1"
"""UserGroupNMB and EPGGroupNMB: we have one group of each."""
_JS_SET: Final = """<script type="text/javascript">
function jsSetConfig(key, value) {
  try { Authentication.CTCSetConfig(key, value); } catch (e) { return -1; }
  return 0;
}
</script>
"""


@frozen
class Where:
    """The addresses that these pages tell: `epg` is `http://host:port`, `easip` its host, `skin` the skin's folder."""

    epg: str
    easip: str
    skin: str

    @property
    def start(self) -> str:
        """The first page of the skin: the next MAIN_WIN_SRC."""
        return f"/iptvepg/{self.skin}/channel_start.jsp?tempno=-1"


@frozen
class Named:
    """The names a box carries from page to page."""

    user_id: str
    user_token: str = field(default="", repr=False)
    stb_id: str = ""


def gbk(page: str) -> tuple[bytes, int]:
    """The bytes, and how many characters GBK does not have: a question mark stands for each."""
    data = page.encode(CHARSET, "replace")
    return data, data.count(b"?") - page.count("?")


def token_page(where: Where, token: str, user_id: str, client: str, encryption: str = "") -> str:
    """B1: the EncryptToken in single quotes, and an absolute form whose first attribute is its action."""
    action = f"{where.epg}/iptvepg/platform/auth.jsp?easip={where.easip}&ipVersion=4&networkid=1"
    form = (
        f'<form action="{action}" name="authform" method="post">\n'
        f"{markup.hidden('UserID', user_id)}{markup.hidden('Authenticator')}{markup.hidden('StbIP', client)}</form>\n"
    )
    return _page(markup.SHIM, form + markup.waiting() + markup.submit((), _sealed(token, encryption)))


def passed_page(where: Where, named: Named) -> str:
    """B2: the UserToken and both groups, set by a function that the page defines first, and the way on."""
    calls = {"UserToken": named.user_token, "EPGGroupNMB": GROUP, "UserGroupNMB": GROUP}
    sets = "".join(f"{_js_set(key, value)}\n" for key, value in calls.items())
    asked = markup.query(
        UserGroupNMB=GROUP,
        EPGGroupNMB=GROUP,
        UserToken=named.user_token,
        UserID=named.user_id,
        STBID=named.stb_id,
        easip=where.easip,
        networkid="1",
    )
    on = f"window.location = '{where.epg}/iptvepg/function/index.jsp?{asked}';\n"
    script = f'<script type="text/javascript">\n{sets}{on}</script>\n'
    return _page(markup.SHIM + _JS_SET, markup.waiting() + script)


def index_page(where: Where, named: Named) -> str:
    """B3: the form with which the box enters the functions of the portal."""
    values = {
        "UserToken": named.user_token,
        "UserID": named.user_id,
        "STBID": named.stb_id,
        "stbinfo": "",
        "prmid": "",
        "easip": where.easip,
        "networkid": "1",
        "stbtype": "",
        "drmsupplier": "",
    }
    inputs = "".join(markup.hidden(name, value) for name, value in values.items())
    form = f'<form action="funcportalauth.jsp" name="authform" method="post">\n{inputs}</form>\n'
    return _page(markup.SHIM, form + markup.waiting() + markup.submit([("stbtype", "STBType")]))


def entered_page() -> str:
    """B4: on to the frames."""
    return _page("", markup.going_on() + '<script>window.location = "frame.jsp";</script>\n')


def frame_page(where: Where) -> str:
    """B5a, first of three: to the judge of frames."""
    return _chain("frameset_judger.jsp", "frameForm", {"MAIN_WIN_SRC": where.start, "picturetype": "1,3,5"})


def judged_page(where: Where) -> str:
    """B5a, second: to the builder, with the page that the main window shows; its form has the name clients ask for."""
    return _chain("frameset_builder.jsp", "mainWinSrcForm", _built(where))


def start_page(where: Where) -> str:
    """B5a, third: the skin's first page, for clients that go there before the builder."""
    return _chain("/iptvepg/function/frameset_builder.jsp", "mainWinSrcForm", _built(where))


def channel_lines(listed: Sequence[Listed]) -> str:
    """B5b: how many channels there are, then one line for each."""
    lines = "".join(f"jsSetConfig('Channel','{record_b(one)}');\n" for one in listed)
    return f"{_js_set('ChannelCount', str(len(listed)))}\n{lines}"


def channels_page(lines: str, home: str) -> str:
    """B5b: the channels, then home."""
    script = (
        f'<script type="text/javascript">\n{lines}'
        f"{_js_set('EPGDomain', home)}\ndocument.location = '{markup.single(home)}';\n</script>\n"
    )
    return _page(markup.SHIM + _JS_SET, markup.going_on() + script)


def failed_page(where: Where, code: str, user_id: str) -> str:
    """Not let in: the code for the box, and the page that tells the viewer, with `errorcode` in its address."""
    asked = markup.query(errorcode=code, UserID=user_id)
    script = (
        f'<script type="text/javascript">\n{markup.set_config("authStatus", code)}\n'
        f"window.location = '{where.epg}/iptvepg/platform/error.jsp?{asked}';\n</script>\n"
    )
    return _page(markup.SHIM, markup.going_on() + script)


def uploaded_page(named: Named) -> str:
    """Jiangsu: what the box keeps after a good Authenticator, then to the list of services."""
    sets = "".join(f"{markup.set_config(key, value)}\n" for key, value in _kept(named).items())
    on = "document.location='/getServiceList';\n"
    return _page(markup.SHIM, f'{markup.waiting()}<script type="text/javascript">\n{sets}{on}</script>\n')


def auth_page(token: str, user_id: str, encryption: str = "") -> str:
    """Jiangsu's first page: the EncryptToken, and the form that takes the Authenticator."""
    asked = ("UserID", "AccessMethod", "AccessUserName", "STBID", "STBType", "STBVersion")
    inputs = "".join(markup.hidden(name, user_id if name == "UserID" else "") for name in asked)
    inputs += markup.hidden("Authenticator")
    form = f'<form name="authform" action="/uploadAuthInfo" method="post">\n{inputs}</form>\n'
    send = markup.submit(zip(asked, asked, strict=True), _sealed(token, encryption))
    return _page(markup.SHIM, form + markup.waiting() + send)


def moved_page(address: str) -> str:
    """Jiangsu: on to another address of ours, as clients read it out."""
    return _page("", f"{markup.going_on()}<script>document.location='{markup.single(address)}';</script>\n")


def _sealed(token: str, encryption: str) -> str:
    """The lines that tell the box its key scheme, if it is known, and have it seal."""
    told = f"  {markup.set_config('EncryptionType', encryption)}\n" if encryption else ""
    return f"{told}  f.Authenticator.value = Authentication.CTCGetAuthInfo('{token}');\n"


def _kept(named: Named) -> Mapping[str, str]:
    return {"UserToken": named.user_token, "EPGGroupNMB": GROUP, "UserGroupNMB": GROUP}


def _built(where: Where) -> Mapping[str, str]:
    return {
        "MAIN_WIN_SRC": where.start,
        "NEED_UPDATE_STB": "1",
        "BUILD_ACTION": "FRAMESET_BUILDER",
        "hdmistatus": "",
    }


def _chain(action: str, name: str, values: Mapping[str, str]) -> str:
    """A page that goes on by a form; clients look for `action="…" >` and for the first value."""
    inputs = "".join(markup.hidden(key, value) for key, value in values.items())
    form = f'<form name="{name}" method="post" action="{action}" >\n{inputs}</form>\n'
    send = f'<script type="text/javascript">document.{name}.submit();</script>\n'
    return _page("", form + markup.going_on() + send)


def _js_set(key: str, value: str) -> str:
    return f"jsSetConfig('{key}','{markup.single(value)}');"


def _page(head: str, body: str) -> str:
    return markup.page(head, body, CHARSET)
