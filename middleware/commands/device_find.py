"""How a box is called at the command line, and how it is told there."""

from middleware.commands.faults import Fault
from middleware.domain.devices import Device, parse_mac
from middleware.domain.errors import BadValue
from middleware.services.ports import UnitOfWork

NAMES = ("mac", "serial", "card_no", "iptv_user")
BOX_HELP = "BOX is a MAC address, serial number, card number, IPTV user, or the number that `device list` shows."


def find_box(uow: UnitOfWork, word: str) -> Device:
    """The box called so. Raises Fault."""
    box = uow.devices.get(int(word)) if word.isascii() and word.isdigit() and len(word) < 10 else None
    if box is not None:
        return box
    mac = _mac(word)
    names = {word, mac} - {""}
    found = next((one for one in uow.devices.all() if names & {getattr(one, name) for name in NAMES}), None)
    if found is None:
        raise Fault(f"no box {mac} has called yet" if mac else f"there is no box {word!r}; see `nanhu-tv device list`")
    return found


def named(box: Device) -> str:
    """What a box is called in messages."""
    return next((value for name in NAMES if (value := getattr(box, name))), f"number {box.id}")


def _mac(word: str) -> str:
    try:
        return parse_mac(word)
    except BadValue:
        return ""
