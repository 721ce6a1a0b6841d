"""The entry page in real Chromium, with the objects of boxes put in by us: no such box was at hand.

Each object may be there or not, and may throw: what can be read goes on to /portal/enter.
"""

from urllib.parse import parse_qs, urlsplit

import pytest

from middleware.portal.entry_page import ENTER, entry_page
from tests.pages import es3
from tests.pages.conftest import BASE, Screen

pytestmark = pytest.mark.browser
CARD = "window.CA={card:{serialNumber:'8600123456789'}};"
HARD = "window.hardware={smartCard:{serialNumber:'8600999'},STB:{serialNumber:'SN-7'}};"
NET = "window.network={ethernets:[{MACAddress:'00-1A-79-AA-00-01'}]};"
VOD = "window.VOD={server:{nodeGroupId:'12.75'}};"
CTC = "window.Authentication={CTCGetConfig:k=>({UserID:'07630001',STBID:'0010',mac:'00:1A:79:AA:00:02'})[k]};"
CU = "window.Authentication={CUGetConfig:k=>k=='UserID'?'0531002':null};"
IPANEL = "window.iPanel={ioctlRead:k=>({UserID:'N7',mac:''})[k]};"
GSTB = """window.gSTB={GetDeviceMacAddress:()=>'00:1A:79:AA:00:03',GetDeviceSerialNumber:()=>'MAG9',
GetDeviceModelExt:function(){return this===gSTB?'MAG250':'lost'}};"""
THROWS = """for(let n of['CA','hardware','network','VOD','gSTB','iPanel'])
Object.defineProperty(window,n,{get(){throw new Error(n)}});"""
UNDEFINED = "window.CA={card:{serialNumber:undefined}};window.network={ethernets:[{MACAddress:'undefined'}]};"


def entered(screen: Screen, objects: str, **query: str) -> dict[str, str]:
    """What the page goes on with."""
    screen.tab.add_init_script(objects or "0")
    screen.pages |= {"/portal": entry_page(query).body, ENTER: b"<p>in"}
    screen.tab.goto(f"{BASE}/portal")
    screen.tab.wait_for_url(f"**{ENTER}*")
    told = parse_qs(urlsplit(screen.tab.url).query)
    return {name: values[0] for name, values in told.items() if name not in {"app", "asked", "vendor"}}


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ("", {}),
        (CARD, {"card": "8600123456789"}),
        (HARD, {"card": "8600999", "serial": "SN-7"}),
        (CARD + HARD, {"card": "8600123456789", "serial": "SN-7"}),
        (NET, {"mac": "00-1A-79-AA-00-01"}),
        (VOD, {"servicegroup": "12"}),
        ("window.VOD={server:{nodeGroupId:'none'}};", {}),
        (CTC, {"user": "07630001", "serial": "0010", "mac": "00:1A:79:AA:00:02", "obj": "Authentication"}),
        (CU, {"user": "0531002", "obj": "Authentication"}),
        (IPANEL, {"user": "N7", "obj": "iPanel"}),
        (GSTB, {"mac": "00:1A:79:AA:00:03", "serial": "MAG9", "model": "MAG250", "obj": "gSTB"}),
        (CARD + NET + VOD + "window.Utility={};", {
            "card": "8600123456789", "mac": "00-1A-79-AA-00-01", "servicegroup": "12", "obj": "Utility",
        }),
        (UNDEFINED, {}),
    ],
)  # fmt: skip
def test_what_the_boxs_browser_knows_goes_on(screen: Screen, objects: str, expected: dict[str, str]) -> None:
    assert entered(screen, objects) == expected


def test_what_the_box_tells_counts_more_than_its_address(screen: Screen) -> None:
    told = entered(screen, CARD, card="1", mac="00:1A:79:AA:00:09", poid="5")

    assert told == {"card": "8600123456789", "mac": "00:1A:79:AA:00:09", "poid": "5"}


def test_a_box_whose_objects_throw_still_goes_on(screen: Screen) -> None:
    assert entered(screen, THROWS, mac="00:1A:79:AA:00:09") == {"mac": "00:1A:79:AA:00:09"}


def test_nothing_of_the_address_reaches_the_page_unchecked_and_its_script_is_es3() -> None:
    body = entry_page({"card": "'});alert(1)//", "mac": "00:1A:79:AA:00:09", "other": "x"}).body.decode()
    script = body.partition("<script>")[2].partition("</script>")[0]

    assert "alert" not in body
    assert "mac:'00:1A:79:AA:00:09'" in script
    assert es3.faults(script) == []
