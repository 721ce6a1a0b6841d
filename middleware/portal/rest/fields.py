"""The form fields of a call: read from this table, and described by it in the OpenAPI document. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from attrs import frozen

from middleware.domain.devices import parse_mac
from middleware.domain.errors import BadValue
from middleware.portal.rest.wire import Refused, read_moment

Kind = Literal["text", "flag", "number", "bytes", "moment", "mac", "macs"]
Given = Mapping[str, Any]
"""Fields that were sent, by name: str, bool for flags, int for numbers and bytes, datetime or None, tuple for macs."""

_TRUE: Final = frozenset({"1", "true", "on"})
_FALSE: Final = frozenset({"0", "false", "off", ""})
_SHOWN: Final[Mapping[Kind, Mapping[str, Any]]] = {
    "text": {"type": "string"},
    "flag": {"type": "string", "enum": ["0", "1", "true", "false", "on", "off", ""]},
    "number": {"type": "string", "pattern": "^[0-9]{0,9}$"},
    "bytes": {"type": "string", "pattern": "^[0-9]{0,12}$"},
    "moment": {"type": "string", "examples": ["2026-12-31 00:00:00", "2026-12-31", ""]},
    "mac": {"type": "string", "examples": ["00:1A:79:00:00:01"]},
    "macs": {"type": "string", "examples": ["00:1A:79:00:00:01", "00:1A:79:00:00:01,00:1A:79:00:00:02", ""]},
}


@frozen
class Field:
    """One field of a form. `most` bounds characters, or the value of a number; `words` are all that it may be."""

    name: str
    about: str
    kind: Kind = "text"
    most: int = 64
    required: bool = False
    words: tuple[str, ...] = ()

    def schema(self) -> dict[str, Any]:
        """The field as JSON Schema has it: forms carry text only."""
        shown: dict[str, Any] = {**_SHOWN[self.kind], "description": self.about}
        if self.words:
            shown["enum"] = list(self.words)
        elif self.kind == "text":
            shown["maxLength"] = self.most
        return shown

    def read(self, text: str) -> Any:
        """The value of what was sent. Raises Refused."""
        if self.kind in {"number", "bytes"}:
            return self._number(text.strip() or "0")
        if len(text.strip()) > self.most:
            raise Refused(f"{self.name} has more than {self.most} characters")
        if self.words and text not in self.words:
            raise Refused(f"{self.name} should be one of {', '.join(self.words)}")
        return self._read(text)

    def _read(self, text: str) -> Any:
        match self.kind:
            case "flag":
                return self._flag(text.strip().lower())
            case "moment":
                return self._moment(text)
            case "mac":
                return self._mac(text)
            case "macs":
                return tuple(self._mac(one) for one in text.split(",") if one.strip())
            case _:
                return text.strip()

    def _flag(self, text: str) -> bool:
        if text not in _TRUE | _FALSE:
            raise Refused(f"{self.name} should be 1 or 0")
        return text in _TRUE

    def _number(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) <= self.most):
            raise Refused(f"{self.name} should be a whole number up to {self.most}")
        return int(text)

    def _moment(self, text: str) -> Any:
        try:
            return read_moment(text)
        except ValueError:
            raise Refused(f"{self.name} should be written as 2026-12-31 00:00:00") from None

    def _mac(self, text: str) -> str:
        try:
            return parse_mac(text)
        except BadValue:
            raise Refused("Not valid mac address") from None


def read_fields(fields: Sequence[Field], sent: Mapping[str, str]) -> Given:
    """Read what a call may carry; other fields are left alone. Raises Refused."""
    given = {one.name: one.read(sent[one.name]) for one in fields if one.name in sent}
    missing = [one.name for one in fields if one.required and not given.get(one.name)]
    if missing:
        raise Refused(f"{missing[0]} required")
    return given
