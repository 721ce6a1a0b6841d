"""The static files keep to what an old browser may be asked to do (tv-pages §13, §14)."""

import re

import pytest

from keymap.families import shipped
from keymap.page import page_script, system_script
from portal_pages import statics
from portal_pages.script import Box
from tests.pages import es3
from tests.pages.sample import rendered

SCRIPTS = ("keys.js", "push.js", "film.js", "html5.js", "mag.js", "ctc.js", "ipanel.js", "teach.js", "done.js")
FORBIDDEN_CSS = re.compile(
    r"flex|grid|transform|transition|animation|opacity|rgba|shadow|gradient|calc|var\(|@media|@font-face|:focus|:hover"
    r"|(?<![-\w])(right|bottom)\s*:|position:\s*(fixed|sticky)|\brem\b|\bvw\b|\bvh\b|underline|italic|blink|marquee"
)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_ecmascript_3(name: str) -> None:
    assert es3.faults(statics.source(name).decode()) == []


@pytest.mark.parametrize(
    "script", ["let a=1", "a=()=>1", "a.class", "a={get b(){return 1}}", "b=a.map(c)", "fetch('/x')", "x={default:1}"]
)
def test_the_scan_finds_what_came_later(script: str) -> None:
    assert es3.faults(script)


def test_the_key_handler_has_at_most_2048_bytes() -> None:
    assert len(statics.source("keys.js")) <= 2048


def test_the_script_of_all_pages_is_one_file_that_begins_with_the_key_handler() -> None:
    served = statics.files()[statics.url("tv.js")][0]

    assert served.startswith(statics.source("keys.js"))


def test_inline_data_of_every_family_is_ecmascript_3_too() -> None:
    for name, family in shipped().items():
        if family.kind == "page":
            box = Box(family=name, codes=page_script(family), events=system_script(family))
            for page in ("home", "rc-1-number", "play-1", "article-1"):
                inline = re.search(r"<script>(var KM=.*?)</script>", rendered(page, box), re.DOTALL)

                assert inline
                assert es3.faults(inline[1]) == [], f"{page} for {name}"


def test_the_style_sheet_is_css_2_1_in_4_kilobytes() -> None:
    served = statics.files()[statics.url("tv.css")][0].decode()

    assert len(served) <= 4096
    assert FORBIDDEN_CSS.findall(served) == []


@pytest.mark.parametrize("css", ["a{opacity:.5}", "a{right:0}", "a:focus{}", "a{color:rgba(0,0,0,0)}", "a{bottom:1px}"])
def test_the_scan_finds_forbidden_css(css: str) -> None:
    assert FORBIDDEN_CSS.search(css)


def test_pages_use_no_forbidden_style_either() -> None:
    for name in ("home", "rc-1-number", "article-1", "today"):
        styles = " ".join(re.findall(r'style="([^"]*)"', rendered(name)))

        assert FORBIDDEN_CSS.findall(styles) == []


def test_background_is_small_and_names_change_with_the_content() -> None:
    assert len(statics.source("bg.jpg")) <= 25 * 1024
    assert re.fullmatch(r"/static/tv\.[0-9a-f]{10}\.css", statics.url("tv.css"))
    assert set(statics.files()) >= {
        statics.url(name) for name in ("tv.css", "tv.js", "media-html5.js", "bg.jpg", "cross.png")
    }
