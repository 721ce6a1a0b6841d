"""Why a box is not let in: our codes (the platforms' own are not public), and the page that says it (§3.5)."""

from enum import Enum
from typing import Final

from middleware.portal.ctc import markup, words


class Failure(Enum):
    """A code and a sentence for the viewer. WRONG is also said of accounts that nobody has."""

    WRONG = ("0x11000001", "账号或密码不对，请核对机顶盒里的设置")
    STALE = ("0x11000002", "登录等得太久，已经过期，请再试一次")
    LOCKED = ("0x11000003", "错的次数太多，请过十分钟再试")
    UNBOUND = ("0x11000004", "这台机顶盒和登记的不一样，请联系服务人员")
    SUSPENDED = ("0x11000005", "这个账号现在不能收看，请联系服务人员")
    LATER = ("0x1100000F", "现在人太多，请过一会儿再试")

    @property
    def code(self) -> str:
        """What is put into authStatus."""
        return self.value[0]

    @property
    def sentence(self) -> str:
        """What the viewer reads."""
        return self.value[1]


_KEYS: Final = """<script type="text/javascript">
function again() { document.location = document.getElementById("retry").href; return false; }
document.onkeydown = function (e) {
  var k = e || window.event;
  if ((k.which || k.keyCode) === 13) { return again(); }
};
window.focus();
</script>
"""
_BOX: Final = "position:absolute;left:80px;width:1100px;"
_SMALL: Final = f"{_BOX}top:540px;font-size:28px;color:#e6c3a0"
_RETRY: Final = (
    f"{_BOX}top:380px;width:360px;height:80px;line-height:80px;text-align:center;font-size:34px;"
    "color:#4a120d;background:#fff1d6;border:6px solid #ffc94a;border-radius:12px;text-decoration:none"
)
"""As whatever has the focus looks on our own pages; this is the only thing here that can have it."""


def page(failure: Failure, retry: str, *, hotline: str = "", charset: str = "utf-8") -> str:
    """The page without a form: `authStatus` for the box, a sentence for the viewer, and one way on, already focused.

    `retry` is the address where this dialect begins.
    """
    call = f"{words.CALL}{hotline}　" if hotline else ""
    body = (
        f'<div style="{_BOX}top:150px;font-size:48px">{words.TITLE}</div>\n'
        f'<div style="{_BOX}top:240px;font-size:38px">{markup.text(failure.sentence)}</div>\n'
        f'<a id="retry" class="focus" href="{markup.text(retry)}" style="{_RETRY}">{words.RETRY}</a>\n'
        f'<div style="{_SMALL}">{markup.text(call)}{words.CODE}{failure.code}</div>\n'
        f"{_KEYS}"
    )
    status = f'<script type="text/javascript">{markup.set_config("authStatus", failure.code)}</script>\n'
    return markup.page(markup.SHIM + status, body, charset)
