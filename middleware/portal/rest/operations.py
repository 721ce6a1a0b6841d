"""What the interface can do, as values: resources, their operations, the fields and results of each. Pure."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from attrs import field, frozen

from middleware.domain.operators import Right
from middleware.portal.rest.fields import Field, Given
from middleware.portal.rest.wire import Refused
from middleware.services.ports import UnitOfWork
from middleware.services.uploads import Uploads

Verb = Literal["GET", "POST", "PUT", "DELETE"]
Ids = Literal["none", "any", "one", "some"]
"""How many ids a call takes: none, any number also none, exactly one, one or more."""

Schema = Mapping[str, Any]


@frozen
class Call:
    """One call as it is performed: the ids as they were sent, the fields read, who asks (for the audit log).

    `progress` tells how far films are that are packaged now, 0 to 1 by job. `body` is that of an operation that takes
    bytes.
    """

    ids: tuple[str, ...]
    given: Given
    actor: str
    now: datetime
    progress: Mapping[int, float] = field(factory=dict)
    body: bytes = field(default=b"", repr=False)

    def has(self, name: str) -> bool:
        """Whether a field was sent, be it empty."""
        return name in self.given


Perform = Callable[[UnitOfWork, Call], object]


@frozen
class AtUploads:
    """Done where films are kept that come in parts, not in one transaction."""

    do: Callable[[Uploads, Call], Awaitable[object]]


@frozen
class Operation:
    """One verb of a resource. `results` is the schema of what it gives, `id` its name in the document.

    With `takes` the body is no form but up to so many bytes as they are. What is `prompt` is stamped inside its
    transaction, which is given up when it takes longer than a second.
    """

    id: str
    verb: Verb
    about: str
    ids: Ids
    right: Right
    perform: Perform | AtUploads
    results: Schema
    fields: tuple[Field, ...] = ()
    takes: int = 0
    prompt: bool = False

    def check_ids(self, ids: tuple[str, ...]) -> None:
        """Raise Refused when there are more or fewer ids than the operation takes."""
        if self.ids in {"one", "some"} and not ids:
            raise Refused("Identifier required")
        if self.ids == "none" and ids:
            raise Refused("No identifier allowed")
        if self.ids == "one" and len(ids) > 1:
            raise Refused("Only one identifier allowed")


@frozen
class Resource:
    """A noun of the interface with its operations by verb."""

    name: str
    about: str
    operations: tuple[Operation, ...]

    def operation(self, verb: str) -> Operation:
        """The operation of a verb. Raises Refused."""
        found = next((one for one in self.operations if one.verb == verb), None)
        if found is None:
            allowed = ", ".join(one.verb for one in self.operations)
            raise Refused(f"{self.name} takes {allowed} only", 405, (("Allow", allowed),))
        return found


DONE: Final[Schema] = {"const": True}
"""The results of a call that tells nothing but that it was done."""


def record(**properties: Schema) -> Schema:
    """The schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def listed(item: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": item}


TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "integer", "enum": [0, 1]}
WHOLE: Final[Schema] = {"type": "integer", "minimum": 0}
MOMENT: Final[Schema] = {
    "type": "string",
    "pattern": r"^([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})?$",
    "description": "on the town's clock (UTC+8); empty for none",
}
