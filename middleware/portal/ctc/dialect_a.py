"""Dialect A, Huawei's platform, for CTC and CU boxes: values to pages in UTF-8 (portal-ctc.md §3)."""

from collections.abc import Sequence
from typing import Final, Literal

from attrs import field, frozen

from middleware.portal.ctc import markup
from middleware.portal.ctc.records import Listed, record_a

Suffix = Literal["CTC", "CU"]
SUFFIXES: Final[tuple[Suffix, ...]] = ("CTC", "CU")
HOME: Final = "/EPG/jsp/AuthenticationURL"
_ASKED: Final = (
    *(("UserID", "UserID"), ("Lang", "Lang"), ("SupportHD", "SupportHD"), ("NetUserID", ""), ("Authenticator", "")),
    *(("STBType", "STBType"), ("STBVersion", "STBVersion"), ("conntype", "ConnectType"), ("STBID", "STBID")),
    *(("templateName", "templateName"), ("areaId", "areaid"), ("userToken", ""), ("userGroupId", "UserGroupNMB")),
    *(("productPackageId", "PackageIDs"), ("mac", "mac"), ("UserField", "UserField"), ("SoftwareVersion", "")),
    *(("IsSmartStb", "isSmartHomeSTB"), ("desktopId", ""), ("stbmaker", ""), ("VIP", "")),
)
"""The 21 fields of the log-in in their order, and the setting of the box that fills each."""


@frozen
class Passed:
    """What the box is told after a good Authenticator; the last four are its own words, given back."""

    user_token: str = field(repr=False)
    user_id: str
    stb_id: str
    conntype: str = ""
    support_hd: str = "1"
    lang: str = "1"


def moved(epg: str, user_id: str) -> str:
    """Where the EDS sends a box; `epg` is `http://host:port`."""
    return f"{epg}{HOME}?{markup.query(UserID=user_id, Action='Login')}"


def first_page(user_id: str, vip: str = "") -> str:
    """A2: the box says who it is; a CU box goes on with the pages of its own name."""
    form = (
        '<form name="authform" action="authLoginHWCTC.jsp" method="post">\n'
        f"{markup.hidden('UserID', user_id)}{markup.hidden('VIP', vip)}</form>\n"
    )
    own = '  if (cuOnly) { f.action = "authLoginHWCU.jsp"; }\n'
    known = (
        '<script type="text/javascript">var cuOnly = !!(window.Authentication && Authentication.CUSetConfig && '
        "!Authentication.CTCSetConfig);</script>\n"
    )
    return markup.page(known + markup.SHIM, form + markup.waiting() + markup.submit([("UserID", "UserID")], own))


def token_page(suffix: Suffix, token: str, user_id: str, encryption: str = "", vip: str = "") -> str:
    """A3: the EncryptToken in both places where clients look, and the form that takes the Authenticator back."""
    head = (
        '<script type="text/javascript">\n'
        f'var EncryptToken = "{token}";\n'
        f'function fill() {{ document.authform.userToken.value = "{token}"; }}\n'
        "</script>\n"
    )
    given = {"UserID": user_id, "VIP": vip}
    inputs = "".join(markup.hidden(name, given.get(name, "")) for name, _ in _ASKED)
    form = f'<form name="authform" action="ValidAuthenticationHW{suffix}.jsp" method="post">\n{inputs}</form>\n'
    told = f"  {markup.set_config('EncryptionType', encryption)}\n" if encryption else ""
    sealed = (
        "  f.userToken.value = EncryptToken;\n  f.Authenticator.value = Authentication.CTCGetAuthInfo(EncryptToken);\n"
    )
    fields = [(name, key) for name, key in _ASKED if key]
    return markup.page(head + markup.SHIM, form + markup.waiting() + markup.submit(fields, told + sealed))


def passed_page(suffix: Suffix, passed: Passed) -> str:
    """A4: the UserToken, and the form that asks for the channels, the first of the page."""
    values = {
        "conntype": passed.conntype,
        "UserToken": passed.user_token,
        "tempKey": "",
        "stbid": passed.stb_id,
        "SupportHD": passed.support_hd,
        "UserID": passed.user_id,
        "Lang": passed.lang,
    }
    inputs = "".join(markup.hidden(name, value) for name, value in values.items())
    form = f'<form name="authform" action="getchannellistHW{suffix}.jsp" method="post">\n{inputs}</form>\n'
    store = '  Authentication.CTCSetConfig("UserToken", f.UserToken.value);\n'
    return markup.page(markup.SHIM, form + markup.waiting() + markup.submit((), store))


def channel_scripts(listed: Sequence[Listed]) -> str:
    """A5: how many channels there are, then one script for each."""
    count = f"<script>{markup.set_config('ChannelCount', str(len(listed)))}</script>\n"
    records = [
        f"<script>\nvar iRet = Authentication.CTCSetConfig('Channel','{record_a(one)}');\n</script>\n" for one in listed
    ]
    return count + "".join(records)


def channels_page(scripts: str, home: str) -> str:
    """A5 and A6: the channels, then the way home, which the box keeps for its home key, and the way now."""
    on = f"<script>{markup.set_config('EPGDomain', home)} document.location='{markup.single(home)}';</script>\n"
    return markup.page(markup.SHIM + scripts + on, markup.going_on())
