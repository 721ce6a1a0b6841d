"""All key families: load, check, and read a code as a key."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from keymap.keys import WORDS, Action, Key, SystemEvent
from keymap.lint import Draft, lint
from keymap.model import ALT, SHIFT, BadFamily, Code, Family, Fault, Row
from keymap.reading import Document, conditions, parse, replaced, rows

Families = Mapping[str, Family]

DEFAULT = "pc"
"""The family of a box that nothing else fits."""

INHERITED = ("kind", "modifiers", "hooks", "repeat_ms", "digit_bounce_ms", "quirks", "has", "labels", "no_back")


@cache
def shipped() -> Families:
    """The families of keymap/families, checked; BadFamily lists every fault with file and line."""
    folder = files("keymap") / "families"
    texts = {entry.name[:-5]: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")}
    return load(texts)


def load(texts: Mapping[str, str]) -> Families:
    """Read family files, given as name -> text; BadFamily lists the faults of all of them."""
    faults: list[Fault] = []
    documents: dict[str, Document] = {}
    found: dict[str, Family] = {}
    for name in sorted(texts):
        try:
            documents[name] = parse(name, texts[name])
        except BadFamily as error:
            faults.extend(error.faults)
    for document in sorted(documents.values(), key=lambda d: ("extends" in d.data, d.name)):
        try:
            found[document.name] = _family(document, documents, found)
        except BadFamily as error:
            faults.extend(error.faults)
    if faults:
        raise BadFamily(faults)
    return MappingProxyType({name: found[name] for name in sorted(found)})


def _family(document: Document, documents: Mapping[str, Document], found: Families) -> Family:
    base = _base(document, found)
    above = documents[base.name].data if base else {}
    header = {name: above[name] for name in INHERITED if name in above} | dict(document.data)
    for table in ("has", "labels"):
        header[table] = {**above.get(table, {}), **document.data.get(table, {})}
    own, system = rows(document)
    keys = {**(base.keys if base else {}), **_stated(own)}
    for row in own:
        if row.action is None:
            keys.pop(row.code, None)
    events = {**(base.system if base else {}), **{row.code: row.event for row in system}}
    draft = Draft(document, header, own, system, base, replaced(document), keys, events)
    if faults := lint(draft):
        raise BadFamily(faults)
    return _built(draft)


def _base(document: Document, found: Families) -> Family | None:
    name = document.data.get("extends", "")
    if not name:
        return None
    if name not in found:
        raise BadFamily([document.fault(f"extends: no sound family {name!r}", "extends")])
    if found[name].extends:
        raise BadFamily([document.fault(f"extends: {name!r} is a variant itself; one level only", "extends")])
    return found[name]


def _stated(own: tuple[Row, ...]) -> dict[Code, Action]:
    return {row.code: row.action for row in own if row.action is not None}


def _built(draft: Draft) -> Family:
    header = draft.header
    return Family(
        name=draft.document.name,
        title=header["title"],
        kind=header["kind"],
        keys=draft.keys,
        system=draft.events,
        extends=header.get("extends", ""),
        modifiers=header["modifiers"],
        hooks=tuple(header["hooks"]),
        repeat_ms=header["repeat_ms"],
        digit_bounce_ms=header["digit_bounce_ms"],
        quirks=tuple(header["quirks"]),
        match=conditions(draft.document, "match"),
        unless=conditions(draft.document, "unless"),
        labels={Key[name]: words for name, words in header["labels"].items()},
        no_back=header.get("no_back", ""),
    )


def compose(family: Family, code: int, *, shift: bool = False, alt: bool = False) -> int:
    """Add held modifiers to a code, in families that do so."""
    if family.modifiers == "none":
        return code
    return code + SHIFT * shift + ALT * alt


def resolve(
    family: Family, code: Code, *, shift: bool = False, alt: bool = False, hook: str = "keydown"
) -> Action | SystemEvent | None:
    """Read a code as a logical key, NOOP (swallow it), a system event, or None for an unknown code.

    Codes from the hook `systemevent` are looked up among the events first. From any other hook keys come first;
    events still count there, because telecom boxes report some (39170) through onkeydown.
    """
    if isinstance(code, int):
        code = compose(family, code, shift=shift, alt=alt)
    event = family.system.get(code) if isinstance(code, int) else None
    key = family.keys.get(code)
    if hook == "systemevent":
        return event or key
    return key or event


def label(family: Family, key: Key) -> str:
    """What is printed on the key of this family's remote, for hints and the teach-in; the name if nothing is known."""
    return family.labels.get(key) or WORDS.get(key, key.value)


def codes_of(family: Family, key: Key) -> Iterator[Code]:
    """Every code of one key, in the order of the file."""
    return (code for code, action in family.keys.items() if action is key)
