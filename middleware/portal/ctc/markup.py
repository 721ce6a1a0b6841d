"""What the pages of all dialects are made of: escaping for the places where values stand, and one look."""

import json
from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

from middleware.portal.ctc import words

_META: Final = '<meta name="page-view-size" content="1280*720">'
_BODY: Final = (
    'bgcolor="#2a0f11" text="#ffefd8" style="font-family:\'Noto Sans CJK SC\',\'WenQuanYi Micro Hei\',sans-serif"'
)
_SCRIPT: Final = str.maketrans({"<": "\\u003c", "'": "\\u0027", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""An ampersand stays as it is: within a script it means nothing to browsers, and clients cut addresses out raw."""
SHIM: Final = """<script type="text/javascript">
var noBox = !window.Authentication;
(function () {
  var a = window.Authentication || {}, names = ["GetConfig", "SetConfig", "GetAuthInfo"], b = {}, i;
  function call(name) {
    return function (x, y) {
      if (a["CU" + name]) { return name === "SetConfig" ? a["CU" + name](x, y) : a["CU" + name](x); }
      if (a["OTV" + name]) { return name === "SetConfig" ? a["OTV" + name](x, y) : a["OTV" + name](x); }
      return "";
    };
  }
  if (a.CTCSetConfig) { return; }
  for (i = 0; i < names.length; i++) {
    b["CTC" + names[i]] = call(names[i]);
    try { a["CTC" + names[i]] = b["CTC" + names[i]]; } catch (e) { i = i; }
  }
  if (!a.CTCSetConfig || noBox) { try { window.Authentication = b; } catch (e) { noBox = true; } }
})();
</script>
"""
"""Lets pages call Authentication.CTC… on boxes that have only the CU or OTV names, and on none at all."""


def text(value: str) -> str:
    """A value between tags or in an attribute with double quotes."""
    return escape(value)


def literal(value: str) -> str:
    """A value as a script's string with double quotes; it can end neither the string nor the script."""
    return json.dumps(value, ensure_ascii=False).translate(_SCRIPT)


def single(value: str) -> str:
    """A value that stands between single quotes in a script: what could end it is escaped."""
    return literal(value)[1:-1].replace('\\"', "\\u0022")


def query(**values: str) -> str:
    """A query string; every value is escaped so far that it may stand in any attribute or script."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())


def hidden(name: str, value: str = "") -> str:
    """A hidden input with `name` and `value` side by side: clients read nothing between them."""
    return f'<input type="hidden" name="{name}" value="{text(value)}"/>\n'


def set_config(key: str, value: str) -> str:
    """One call of the box's own settings, as clients look for it."""
    return f"Authentication.CTCSetConfig('{key}','{single(value)}');"


def page(head: str, body: str, charset: str = "utf-8") -> str:
    """A page of 1280 × 720 in our colours, black at no time."""
    top = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">{_META}\n'
    return f"{top}{head}</head>\n<body {_BODY}>\n{body}</body></html>\n"


def going_on() -> str:
    """The line that is read while the pages go on by themselves."""
    style = "position:absolute;left:80px;top:300px;font-size:38px;width:1100px"
    return f'<div id="say" style="{style}">{words.GOING_ON}</div>\n'


def waiting() -> str:
    """The same, where a computer is told that it gets no further."""
    told = f'if (noBox) {{ document.getElementById("say").innerHTML = {literal(words.NO_BOX)}; }}'
    return f'{going_on()}<script type="text/javascript">{told}</script>\n'


def submit(fields: Iterable[tuple[str, str]] = (), extra: str = "", form: str = "authform") -> str:
    """The script that fills a form from the box's settings, name by key, and sends it on a box only."""
    lines = [f"  f.{name}.value = told({literal(key)}) || f.{name}.value;\n" for name, key in fields]
    return (
        '<script type="text/javascript">\n'
        "function told(key) {\n"
        '  try { return Authentication.CTCGetConfig(key) || ""; } catch (e) { return ""; }\n'
        "}\n"
        "if (!noBox) {\n"
        f"  var f = document.{form};\n{''.join(lines)}{extra}  f.submit();\n"
        "}\n</script>\n"
    )
