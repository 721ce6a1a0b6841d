"""A set-top box in a terminal, to try an installation of any portal that speaks these dialects.

    python -m tools.stb --portal http://10.0.0.1:8080 --dialect ministra --mac 00:1A:79:00:00:01 channels

Without a command it asks for commands until the end of input. Exit codes: 0 well, 1 refused or unusable, 2 wrong
words, 3 no answer.
"""

import argparse
import asyncio
import os
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tools.stb.authenticator import SCHEMES
from tools.stb.dialects import DIALECTS, Client, client
from tools.stb.eyes import look, shown
from tools.stb.line import Line
from tools.stb.load import box_number, listed, trial
from tools.stb.remote import FAMILY, screen
from tools.stb.values import Answer, Ask, Box, Channel, Programme, Refused, Unreachable

REFUSED, WORDS, NO_ANSWER = 1, 2, 3


class Session:
    """A box that is switched on: it logs in when it first must, and then keeps its line-up."""

    def __init__(self, box: Box, *, family: str = "", verbose: bool = False) -> None:
        self.box = box
        self.family = family or FAMILY[box.dialect]
        self.line = Line(saw=_saw if verbose else None)
        self.client: Client = client(box, self._step)
        self._steps = 0
        self._in = False

    def _step(self, name: str, learned: str) -> None:
        if not self._in:
            self._steps += 1
            print(f"{self._steps:>2} {name:<20} {learned}", flush=True)

    def login(self) -> None:
        """Walk the chain, telling each step."""
        self._in, self._steps = False, 0
        self.line.run(self.client.login())
        self._in = True

    def ready(self) -> None:
        if not self._in:
            self.login()

    def channels(self) -> list[Channel]:
        """The line-up. Raises Refused when it is empty."""
        self.ready()
        found = self.line.run(self.client.channels())
        if not found:
            raise Refused("the line-up is empty")
        return found

    def channel(self, wanted: str) -> Channel:
        """A channel by its number, its name or a part of it."""
        found = self.channels()
        for same in (lambda one: one.number == wanted, lambda one: one.name == wanted, lambda one: wanted in one.name):
            if chosen := next(filter(same, found), None):
                return chosen
        raise Refused(
            f"no channel is {wanted!r}; there are {', '.join(f'{one.number} {one.name}' for one in found[:8])}"
        )

    def time(self, at: datetime) -> str:
        return f"{at.astimezone(ZoneInfo(self.box.zone)):%m-%d %H:%M}"

    def row(self, one: Programme) -> str:
        return f"{self.time(one.start)} – {self.time(one.stop)[6:]}  {one.title}"


def _saw(ask: Ask, answer: Answer, seconds: float) -> None:
    where = ask.url.partition("?")[0]
    action = re.search(r"type=(\w+)&action=(\w+)", ask.url)
    name = f" {action[1]}/{action[2]}" if action else ""
    print(
        f"   {ask.method} {where}{name}: {answer.status}, {len(answer.body)} bytes, {seconds * 1000:.0f} ms", flush=True
    )


def login(session: Session, _options: argparse.Namespace) -> None:
    session.login()


def channels(session: Session, _options: argparse.Namespace) -> None:
    for one in session.channels():
        print(f"{one.number:>4}  {one.name}  [{one.id}]")


def now(session: Session, _options: argparse.Namespace) -> None:
    found = session.channels()
    guide = session.line.run(session.client.now(found))
    for one in found:
        print(f"{one.number:>4}  {one.name}")
        for programme in guide.get(one.id, ()):
            print(f"      {session.row(programme)}")


def guide(session: Session, options: argparse.Namespace) -> None:
    channel = session.channel(options.channel)
    found = session.line.run(session.client.guide(channel))
    print(f"{channel.number} {channel.name}: {len(found)} programmes")
    for one in found:
        print(f"  {session.row(one)}")


def play(session: Session, options: argparse.Namespace) -> None:
    if not (options.channel or options.film):
        raise Refused("play what? give a channel, or --film with a number")
    if options.film:
        session.ready()
        url = session.line.run(session.client.film(options.film))
    else:
        channel = session.channel(options.channel)
        print(f"{channel.number} {channel.name}")
        url = session.line.run(session.client.stream(channel))
    print(shown(url))
    for line in look(url):
        print(f"  {line}")


def keys(session: Session, options: argparse.Namespace) -> None:
    session.ready()
    with screen(session.box, session.client.home(), session.family) as remote:
        print(f"{'':<8} {remote.where}")
        for name in options.keys:
            remote.press(name)
            print(f"{name:<8} {remote.where}", flush=True)
        if options.shot:
            remote.shot(options.shot)


def events(session: Session, options: argparse.Namespace) -> None:
    session.ready()
    for turn in range(50):
        found = session.line.run(session.client.events())
        for one in found:
            print(f"{one.id} {one.kind}: {one.words}")
            if one.confirm and not options.unconfirmed:
                session.line.run(session.client.confirm(one))
                print(f"{one.id} confirmed")
        if not (found or turn):
            print("nothing waits")
        if not found or options.unconfirmed:
            return


def load(session: Session, options: argparse.Namespace) -> None:
    named = listed(session.box, options.list) if options.list else []
    boxes = named[: options.boxes] or [box_number(session.box, at) for at in range(options.boxes)]
    over = min(options.boot_seconds, options.seconds)
    tally = asyncio.run(trial(boxes, over, options.seconds))
    if tally.refused:
        raise Refused(f"{sum(tally.refused.values())} of {len(boxes)} boxes' calls were refused")


COMMANDS: Mapping[str, tuple[Callable[[Session, argparse.Namespace], None], str]] = {
    "login": (login, "log in, telling each step and what it brought"),
    "channels": (channels, "list the channels with their ids"),
    "now": (now, "what is on, and what comes next, on every channel"),
    "guide": (guide, "the programmes of one channel"),
    "play": (play, "open a channel or film as the box would, and look at it with ffprobe"),
    "keys": (keys, 'press keys on the TV pages in headless Chromium: keys "DOWN OK BACK"'),
    "events": (events, "poll for messages and commands, showing and confirming them"),
    "load": (load, "run many boxes that boot and then poll by their slots"),
}


class Words(argparse.ArgumentParser):
    """A parser that tells a fault in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(WORDS, f"stb: {message}; --help tells more\n")


def commands() -> argparse.ArgumentParser:
    """The commands alone, as they are typed at the prompt."""
    parser = Words(prog="stb", add_help=False, exit_on_error=False)
    _add(parser.add_subparsers(dest="command", metavar="COMMAND", required=True))
    return parser


def _add(known: "argparse._SubParsersAction[Words]") -> None:
    made = {name: known.add_parser(name, help=about, description=about) for name, (_, about) in COMMANDS.items()}
    made["guide"].add_argument("channel", help="number or name")
    made["play"].add_argument("channel", nargs="?", help="number or name")
    made["play"].add_argument("--film", metavar="ID", help="number of a film instead of a channel")
    made["keys"].add_argument("keys", type=str.split, help="keys in a row, such as 'DOWN OK BACK'")
    made["keys"].add_argument("--shot", metavar="FILE", help="write a picture of the last page")
    made["events"].add_argument("--unconfirmed", action="store_true", help="poll once and confirm nothing")
    made["load"].add_argument("--boxes", type=_count, default=100, help="how many (100)")
    made["load"].add_argument(
        "--list",
        type=Path,
        metavar="FILE",
        help="boxes with names and passwords of their own: CSV with mac, serial, card, user, password, or a demo.json",
    )
    made["load"].add_argument("--seconds", type=float, default=60, help="how long (60)")
    made["load"].add_argument(
        "--boot-seconds", type=float, default=30, help="time over which they are switched on (30)"
    )


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 50_000:
        raise argparse.ArgumentTypeError("must be a number from 1 to 50000")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Everything that may be typed on the command line."""
    made = Words(prog="python -m tools.stb", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--portal", required=True, type=_address, help="address, such as http://10.0.0.1:8080")
    made.add_argument("--dialect", choices=tuple(DIALECTS), default="ministra", help="what the box speaks (ministra)")
    made.add_argument("--mac", default="00:1A:79:00:00:01", type=_mac, help="MAC address (00:1A:79:00:00:01)")
    made.add_argument("--serial", default="", help="serial number; STBID of telecom boxes")
    made.add_argument("--user", default="", help="login, or UserID of telecom boxes")
    made.add_argument("--password", default="", help="its password")
    made.add_argument("--card", default="", help="smart-card number of cable boxes")
    made.add_argument("--scheme", choices=("auto", *SCHEMES), default="auto", help="key scheme (as the pages say)")
    made.add_argument("--salt", default="99991231", help="salt of the salted schemes (99991231)")
    made.add_argument("--suffix", choices=("CTC", "CU"), default="CTC", help="Telecom or Unicom (CTC)")
    made.add_argument("--zone", default="Asia/Shanghai", type=_zone, help="time zone of the box (Asia/Shanghai)")
    made.add_argument("--device-id", default="", help="device_id of Ministra clients (none)")
    made.add_argument("--udpxy", default="", help="relay for multicast, such as http://10.0.0.2:4022/udp")
    made.add_argument("--family", default="", help="key family of the remote (that of the dialect)")
    made.add_argument("-v", "--verbose", action="store_true", help="tell every request")
    _add(made.add_subparsers(dest="command", metavar="COMMAND"))
    return made


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as http://10.0.0.1:8080")
    return text


def _mac(text: str) -> str:
    digits = re.sub(r"[:\-.]", "", text).upper()
    if not re.fullmatch(r"[0-9A-F]{12}", digits):
        raise argparse.ArgumentTypeError(f"{text!r} is no MAC address")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time zone such as Asia/Shanghai") from None
    return text


def box_of(options: argparse.Namespace) -> Box:
    """The box that the options describe; a telecom box without a serial number makes one of its MAC, as some do."""
    serial = options.serial or (
        f"0010039900706820{options.mac.replace(':', ''):0>16}" if options.dialect != "cable" else ""
    )
    return Box(
        options.portal, options.dialect, options.mac, serial, options.user, options.password, options.card,
        options.scheme, options.salt, options.zone, options.suffix, options.device_id, options.udpxy,
    )  # fmt: skip


def tried(act: Callable[[], None]) -> int:
    """Run one command; its exit code, with a fault told in one line."""
    try:
        act()
        sys.stdout.flush()
    except Refused as error:
        print(f"stb: {error}", file=sys.stderr)
        return REFUSED
    except Unreachable as error:
        print(f"stb: no answer from {error}", file=sys.stderr)
        return NO_ANSWER
    except BrokenPipeError:  # whoever read the lines wants no more of them
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def prompt(session: Session) -> int:
    """Commands from standard input, one a line; the exit code of the last one that failed."""
    known, code = commands(), 0
    if sys.stdin.isatty():
        print(f"commands: {', '.join(COMMANDS)}; quit ends")
    for line in sys.stdin:
        if line.strip() in {"quit", "exit"}:
            break
        if line.strip():
            code = _typed(session, known, line) or code
    return code


def _typed(session: Session, known: argparse.ArgumentParser, line: str) -> int:
    try:
        options = known.parse_args(shlex.split(line))
    except (argparse.ArgumentError, ValueError) as error:
        print(f"stb: {error}", file=sys.stderr)
        return WORDS
    except SystemExit:
        return WORDS
    return tried(lambda: COMMANDS[options.command][0](session, options))


def main(words: Sequence[str] | None = None) -> int:
    """The program."""
    options = parser().parse_args(words)
    session = Session(box_of(options), family=options.family, verbose=options.verbose)
    try:
        if options.command is None:
            return prompt(session)
        return tried(lambda: COMMANDS[options.command][0](session, options))
    except KeyboardInterrupt:
        return 130
    finally:
        session.line.close()
