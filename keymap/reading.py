"""From the text of a family file to rows and a header, with the line of every fault."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import fields, frozen

from keymap.keys import NOOP, Action, Key, SystemEvent
from keymap.model import ALT, SHIFT, BadFamily, Code, Condition, Fault, Row, SystemRow

Path = tuple[str, ...]

_SECTION = re.compile(r"^\s*\[([^\[\]]+)\]")
_ENTRY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[\w-]+)\s*=""")
_CODE = re.compile(r"(0[xX][0-9a-fA-F]{1,6}|\d{1,8})((?:\+(?:shift|alt)){0,2})")
_TOML_LINE = re.compile(r"\(at line (\d+),")

MAX_FILE = 65_536
"""Characters; the longest family has about 5,000."""


@frozen
class Document:
    """One family file: its tables as TOML gives them, and where each entry stands."""

    name: str
    data: Mapping[str, Any]
    lines: Mapping[Path, int]

    @property
    def file(self) -> str:
        """The file's name, for faults."""
        return f"{self.name}.toml"

    def fault(self, reason: str, *path: str) -> Fault:
        """A fault at the entry `path`, or at the nearest table around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return Fault(self.file, self.lines.get(path, 0), reason)


def parse(name: str, text: str) -> Document:
    """Read one file as TOML and check the shape of each field; BadFamily lists all faults."""
    file = f"{name}.toml"
    if len(text) > MAX_FILE:
        raise BadFamily([Fault(file, 0, f"longer than {MAX_FILE} characters")])
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _TOML_LINE.search(str(error))
        raise BadFamily([Fault(file, int(at[1]) if at else 0, f"not TOML: {error}")]) from error
    document = Document(name, data, _lines(text))
    if faults := list(_shape_faults(document)):
        raise BadFamily(faults)
    return document


def _lines(text: str) -> dict[Path, int]:
    """Where each section and entry begins. tomllib keeps no positions, so this reads the text once more."""
    found: dict[Path, int] = {}
    section: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if at := _SECTION.match(line):
            section = tuple(part.strip().strip("\"'") for part in at[1].split("."))
            found.setdefault(section, number)
        elif at := _ENTRY.match(line):
            found.setdefault((*section, at[1].strip("\"'")), number)
    return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_codes(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, int | str) for item in value)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_table_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(isinstance(item, kind) for item in value.values())


def _is_groups(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_table_of(str)(group) for group in value.values())


FIELDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "family": (_is_text, "text"),
    "title": (_is_text, "text"),
    "extends": (_is_text, "text"),
    "kind": (_is_text, "text"),
    "modifiers": (_is_text, "text"),
    "no_back": (_is_text, "text"),
    "hooks": (_is_texts, "a list of texts"),
    "quirks": (_is_texts, "a list of texts"),
    "replaces": (_is_codes, "a list of codes"),
    "repeat_ms": (_is_count, "a number from 0 to 1000"),
    "digit_bounce_ms": (_is_count, "a number from 0 to 1000"),
    "match": (_is_tables, "a list of tables"),
    "unless": (_is_tables, "a list of tables"),
    "has": (_is_table_of(bool), "a table of true and false"),
    "labels": (_is_table_of(str), "a table of texts"),
    "sources": (_is_table_of(str), "a table of texts"),
    "keys": (_is_groups, "tables keys.<source> of texts"),
    "names": (_is_groups, "tables names.<source> of texts"),
    "system": (_is_groups, "tables system.<source> of texts"),
}


def _shape_faults(document: Document) -> Iterator[Fault]:
    for name, value in document.data.items():
        if name not in FIELDS:
            yield document.fault(f"unknown field {name!r}", name)
            continue
        right, wanted = FIELDS[name]
        if not right(value):
            yield document.fault(f"{name} must be {wanted}", name)


def parse_code(text: str) -> tuple[int, bool]:
    """Read "38", "0x26" or "9+shift" as (code with its modifiers added, whether it had any); ValueError else."""
    at = _CODE.fullmatch(text)
    if not at:
        raise ValueError(f"{text!r} is not a code")
    code = int(at[1], 16 if at[1][:2].lower() == "0x" else 10)
    held = at[2].split("+")[1:]
    if held and (code >= SHIFT or len(set(held)) < len(held)):
        raise ValueError(f"{text!r}: modifiers go with codes below {SHIFT}, each once")
    return code + SHIFT * ("shift" in held) + ALT * ("alt" in held), bool(held)


def parse_action(text: str) -> Action | None:
    """Read a key's name, "noop", or "" for "removed" (None); ValueError for anything else."""
    if not text:
        return None
    if text == NOOP:
        return NOOP
    if text not in Key.__members__:
        raise ValueError(f"{text!r} is not a logical key")
    return Key[text]


def _row(document: Document, table: str, source: str, code: str, action: str) -> Row:
    number, composed = (code, False) if table == "names" else parse_code(code)
    line = document.lines.get((table, source, code), 0)
    return Row(number, parse_action(action), source, line, composed)


def _system_row(document: Document, source: str, code: str, event: str) -> SystemRow:
    number, composed = parse_code(code)
    if composed or event not in SystemEvent.__members__:
        raise ValueError(f"{code!r} = {event!r} is not a system event")
    return SystemRow(number, SystemEvent[event], source, document.lines.get(("system", source, code), 0))


def rows(document: Document) -> tuple[tuple[Row, ...], tuple[SystemRow, ...]]:
    """All rows of [keys.*] and [names.*], and all of [system.*]; BadFamily lists every row that cannot be read."""
    keys: list[Row] = []
    system: list[SystemRow] = []
    faults: list[Fault] = []
    for table in ("keys", "names", "system"):
        for source, group in document.data.get(table, {}).items():
            for code, value in group.items():
                try:
                    if table == "system":
                        system.append(_system_row(document, source, code, value))
                    else:
                        keys.append(_row(document, table, source, code, value))
                except ValueError as error:
                    faults.append(document.fault(str(error), table, source, code))
    if faults:
        raise BadFamily(faults)
    return tuple(keys), tuple(system)


def replaced(document: Document) -> frozenset[Code]:
    """The codes of the base that a variant says it gives another meaning."""
    return frozenset(_code_or_name(entry) for entry in document.data.get("replaces", []))


def _code_or_name(entry: Code) -> Code:
    try:
        return parse_code(str(entry))[0]
    except ValueError:
        return entry


def conditions(document: Document, field: str) -> tuple[Condition, ...]:
    """The alternatives of `match` or `unless`; BadFamily for unknown or empty ones."""
    found: list[Condition] = []
    for entry in document.data.get(field, []):
        if reason := _condition_fault(entry):
            raise BadFamily([document.fault(f"{field}: {reason}", field)])
        texts = {name: value for name, value in entry.items() if name != "objects"}
        found.append(Condition(**texts, objects=tuple(entry.get("objects", ()))))
    return tuple(found)


def _condition_fault(entry: Mapping[str, Any]) -> str:
    known = {field.name for field in fields(Condition)}
    if unknown := set(entry) - known:
        return f"unknown {sorted(unknown)}"
    for name, value in entry.items():
        if not value or not (_is_texts(value) if name == "objects" else _is_text(value)):
            return f"{name} must be {'a list of texts' if name == 'objects' else 'text'} and not empty"
    return "" if entry else "an empty alternative would hold for every box"
