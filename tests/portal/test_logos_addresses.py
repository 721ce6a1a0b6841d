"""Channel logos answer wherever a client looks for them, and nothing else does."""

from pathlib import Path
from typing import Any

import pytest

from middleware.portal.dialects import DialectSettings
from middleware.portal.logos import PREFIXES
from tests.portal.portal_town import TV, PortalTown

PNG = b"PNG of a channel"


@pytest.fixture
def logo_town(portal_town_with: Any, tmp_path: Path) -> PortalTown:
    folder = tmp_path / "logos"
    folder.mkdir()
    (folder / "nanhu.png").write_bytes(PNG)
    (folder / "secret.txt").write_bytes(b"secret")
    town: PortalTown = portal_town_with(
        dialects=DialectSettings(logo_folder=folder, logos={"tea.png": b"shipped", "nanhu.png": b"shipped too"})
    )
    return town


@pytest.mark.parametrize(
    "prefix",
    [
        "/stalker_portal/misc/logos/320/",
        "/stalker_portal/misc/logos/120/",
        "/stalker_portal/c/misc/logos/320/",
        "/stalker_portal/server/misc/logos/320/",
        "/c/misc/logos/320/",
        "/misc/logos/320/",
        "/stalker_portal/server/load.phpmisc/logos/320/",
        "/server/load.phpmisc/logos/320/",
        "/portal.php/misc/logos/240/",
        "/logos/",
    ],
)
def test_a_logo_answers_on_every_prefix(logo_town: PortalTown, prefix: str) -> None:
    tv = TV(logo_town.site)

    operators, shipped = tv.get(f"{prefix}nanhu.png"), tv.get(f"{prefix}tea.png")

    assert (operators.status, operators.headers["content-type"]) == (200, "image/png")
    assert operators.headers["content-length"] == str(len(PNG))
    assert (shipped.status, shipped.headers["content-length"]) == (200, "7")


@pytest.mark.parametrize(
    "name",
    [
        "none.png",
        "secret.txt",
        "320/none.png",
        "999/nanhu.png",
        "../nanhu.db",
        "%2e%2e/nanhu.db",
        ".png",
        "a/b.png",
        "",
    ],
)
def test_what_is_no_logo_is_a_plain_404(logo_town: PortalTown, name: str) -> None:
    assert TV(logo_town.site).get(f"/stalker_portal/misc/logos/{name}").status == 404


def test_the_list_of_prefixes_has_none_twice() -> None:
    assert len(set(PREFIXES)) == len(PREFIXES)
