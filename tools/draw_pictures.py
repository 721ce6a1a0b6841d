"""Draws the demonstration's pictures: SVG sources in tools/drawings become JPEGs in middleware/demo/pictures.

Logos of channels become PNGs with transparent corners in its folder logos.

Needs Chromium (as ./tools/test installs it). Run `python -m tools.draw_pictures` after changing a drawing.
"""

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

SOURCES = Path(__file__).parent / "drawings"
PICTURES = Path(__file__).parents[1] / "middleware" / "demo" / "pictures"
QUALITY = 82


def drawings() -> Iterator[tuple[str, str]]:
    """Yield name and SVG document of every picture."""
    for path in sorted(SOURCES.glob("*.svg")):
        yield path.stem, path.read_text("utf-8")
    parts = tomllib.loads((SOURCES / "portraits.toml").read_text("utf-8"))
    for name, person in parts["people"].items():
        yield name, portrait(parts, person)


def portrait(parts: dict[str, dict[str, str]], person: dict[str, str]) -> str:
    """Return one person put together from the parts, 248 by 310 pixels."""
    pieces = [
        parts["place"][person["place"]],
        parts["hair_behind"].get(person["hair"], ""),
        str(parts["body"]),
        *(parts["extras"][extra] for extra in person["extras"].split()),
        parts["hair"][person["hair"]],
    ]
    body = "".join(pieces)
    for colour in ("tint", "skin", "coat"):
        body = body.replace(f"{{{colour}}}", person[colour])
    size = 'viewBox="0 0 248 310" width="248" height="310"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{body}</svg>'


def logos() -> Iterator[tuple[str, str]]:
    """Yield name and SVG document of every channel's logo, 320 by 240 pixels."""
    for name, logo in tomllib.loads((SOURCES / "logos.toml").read_text("utf-8"))["logos"].items():
        lines = 'fill="none" stroke="#fff" stroke-width="5" stroke-linejoin="round" stroke-linecap="round"'
        sign = f'<g transform="translate(160 82) scale(1.15)" {lines}>{logo["sign"]}</g>'
        font = 'font-family="Noto Sans CJK SC" font-weight="700" font-size="64" text-anchor="middle"'
        words = f'<text x="160" y="208" fill="#fff" {font} letter-spacing="8">{logo["words"]}</text>'
        plate = f'<rect x="8" y="8" width="304" height="224" rx="36" fill="{logo["colour"]}"/>'
        size = 'viewBox="0 0 320 240" width="320" height="240"'
        yield name, f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{plate}{sign}{words}</svg>'


def main() -> None:
    """Draw everything."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        for name, svg in drawings():
            page.set_content(f'<body style="margin:0">{svg}</body>')
            target = PICTURES / f"{name}.jpg"
            page.locator("svg").screenshot(path=target, type="jpeg", quality=QUALITY)
            print(f"{target.name} {target.stat().st_size} bytes")
        for name, svg in logos():
            page.set_content(f'<body style="margin:0">{svg}</body>')
            target = PICTURES / "logos" / f"{name}.png"
            page.locator("svg").screenshot(path=target, type="png", omit_background=True)
            print(f"{target.name} {target.stat().st_size} bytes")
        browser.close()


if __name__ == "__main__":
    main()
