"""Keys pressed in headless Chromium: the remote's raw codes go in, page id and focus come out."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import frozen

from keymap.families import codes_of, shipped
from keymap.keys import Key
from tools.stb.pages import page_id
from tools.stb.values import Box, Refused

FAMILY = {"ministra": "mag", "ctc-a": "ctc", "ctc-b": "ctc", "ctc-c": "ctc", "cable": "ipanel"}
ALIASES = {str(digit): f"D{digit}" for digit in range(10)}
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--autoplay-policy=no-user-gesture-required")
MARKED = "Array.prototype.map.call(document.querySelectorAll('.f.on'), function (e) { return e.id; })"
SHIFT, ALT = 8, 1


@frozen
class Press:
    """One code with its modifiers, as the DevTools take it."""

    code: int
    modifiers: int = 0


def press_of(family: str, name: str) -> Press:
    """What a remote of this family sends for a key. Raises Refused for keys it does not have."""
    families = shipped()
    if family not in families:
        raise Refused(f"no remote is called {family!r}; there are {', '.join(sorted(families))}")
    wanted = ALIASES.get(name, name.upper())
    key = next((key for key in Key if key.name == wanted), None)
    if key is None:
        raise Refused(f"no key is called {name!r}; keys are UP DOWN LEFT RIGHT OK BACK RED … and digits")
    found = next((code for code in codes_of(families[family], key) if isinstance(code, int)), None)
    if found is None:
        raise Refused(f"the remote {family} has no key {wanted}")
    if families[family].modifiers == "mag" and found > 1000:
        return Press(found % 1000, SHIFT if found < 2000 else ALT)
    return Press(found)


def objects(box: Box) -> str:
    """A script that gives a page what the box's own browser would offer: who it is, and its settings."""
    told = json.dumps({"UserID": box.user, "STBID": box.serial, "mac": box.mac, "UserToken": ""})
    mac, serial = json.dumps(box.mac), json.dumps(box.serial)
    if box.dialect == "ministra":
        return (
            f"window.gSTB={{GetDeviceMacAddress:function(){{return {mac}}},GetDeviceSerialNumber:function()"
            f"{{return {serial}}},GetDeviceModelExt:function(){{return 'MAG250'}},RDir:function(){{return ''}}}};"
        )
    if box.dialect == "cable":
        card = json.dumps(box.card)
        return f"window.CA={{card:{{serialNumber:{card}}}}};window.network={{ethernets:[{{MACAddress:{mac}}}]}};"
    return (
        f"(function(){{var s={told};window.Authentication={{CTCGetConfig:function(k){{return s[k]||''}},"
        "CTCSetConfig:function(k,v){s[k]=v;return 0},CTCGetAuthInfo:function(){return ''}}})();"
    )


class Remote:
    """A page in Chromium and the remote in front of it."""

    def __init__(self, page: Any, family: str) -> None:
        self._page = page
        self._family = family
        self._devtools = page.context.new_cdp_session(page)

    def press(self, name: str) -> None:
        """Press one key and let the page settle, as a hand does."""
        press = press_of(self._family, name)
        for kind in ("rawKeyDown", "keyUp"):
            told = {"type": kind, "windowsVirtualKeyCode": press.code, "modifiers": press.modifiers}
            self._devtools.send("Input.dispatchKeyEvent", told)
        time.sleep(0.3)
        self._page.wait_for_load_state("load")

    def shot(self, path: str) -> None:
        """Write a picture of the page."""
        self._page.screenshot(path=path)

    @property
    def where(self) -> str:
        """Page id and focus."""
        marked = self._page.evaluate(MARKED)
        return f"{page_id(self._page.url) or self._page.url}  focus {' '.join(marked) or 'nowhere'}"


@contextmanager
def screen(box: Box, url: str, family: str) -> Iterator[Remote]:
    """Chromium on the box's first page, which knows the box by its address or by the objects that it offers.

    Raises Refused without Chromium or the page.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise Refused("keys need playwright: .venv/bin/pip install playwright") from None
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise Refused("keys need Chromium: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        try:
            context = browser.new_context(viewport={"width": 1280, "height": 720})
            context.add_init_script(objects(box))
            page = context.new_page()
            page.goto(url)
            page.wait_for_selector(".f.on", state="attached", timeout=10_000)
            yield Remote(page, family)
        except Error as error:
            raise Refused(f"{url.partition('?')[0]}: {str(error).splitlines()[0]}") from None
        finally:
            browser.close()
