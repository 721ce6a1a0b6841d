"""The OpenAPI 3.1 document of the interface, made from the table that calls are answered by."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from middleware.portal.rest.operations import Operation, Resource
from middleware.portal.rest.wire import MOST_IDS

ROOTS: Final = ("/api", "/stalker_portal/api")
VERSION: Final = "1.0.0"
_FORM: Final = "application/x-www-form-urlencoded"
_BYTES: Final = "application/octet-stream"
_ABOUT: Final = (
    "Accounts, boxes, messages, tariffs and channels for the operator's billing, and films that wait to be packaged. "
    "Every call shows a login and a secret "
    "of the token table (`nanhu-tv api add`). A call that was understood but cannot be done is answered with HTTP 200 "
    'and status "ERROR". In this interface status 1 means on. Identifiers are MAC addresses, account numbers, or both, '
    "separated by commas. A film is sent in parts: video_uploads begins it, video_parts takes its bytes, video_uploads "
    "tells what is missing and finishes it into video_jobs; bodies of more than 64 KiB are read only from a login that "
    "has made another call to this server within the hour."
)
_REFUSALS: Final[dict[str, str]] = {
    "401": "Login, secret or address are not known",
    "403": "This login may not do that",
    "404": "There is no such resource, or the interface is switched off",
    "405": "The resource does not take this verb",
    "413": "The body is too long",
    "414": "The address is too long: name fewer identifiers",
    "431": "The address or the headers of a further call on a connection are too long",
    "429": "Too many calls, or too many wrong secrets; Retry-After says when to come again",
    "503": "The store cannot do its work now; try again",
}
_AT_ONCE: Final = frozenset({"403", "413", "414", "431"})
"""May be told before the body has come, then in plain text."""


def document(resources: Sequence[Resource]) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "nanhu-tv REST v1", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": root} for root in ROOTS],
        "security": [{"basic": []}],
        "tags": [{"name": one.name, "description": one.about} for one in resources],
        "paths": _paths(resources),
        "components": {
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
            "schemas": {"Failure": _failure()},
            "responses": {f"R{code}": _refusal(code, about) for code, about in _REFUSALS.items()},
            "parameters": {"ids": _ids()},
        },
    }


def _paths(resources: Sequence[Resource]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for resource in resources:
        for path, verb, described in _described(resource):
            paths.setdefault(path, {})[verb] = described
    return paths


def _described(resource: Resource) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for one in resource.operations:
        if one.ids in {"none", "any"}:
            yield f"/{resource.name}", one.verb.lower(), _operation(resource, one, named=False)
        if one.ids != "none":
            yield f"/{resource.name}/{{ids}}", one.verb.lower(), _operation(resource, one, named=True)


def _operation(resource: Resource, one: Operation, *, named: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{one.id}{'Named' if named and one.ids == 'any' else ''}",
        "tags": [resource.name],
        "summary": one.about,
        "responses": {"200": _answer(one)} | {code: _reference("responses", f"R{code}") for code in _REFUSALS},
    }
    if named:
        described["parameters"] = [_reference("parameters", "ids")]
    if one.takes:
        described["requestBody"] = {"required": True, "content": {_BYTES: {"schema": {"maxLength": one.takes}}}}
    elif one.fields:
        described["requestBody"] = _body(one)
    return described


def _body(one: Operation) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {each.name: each.schema() for each in one.fields}}
    required = [each.name for each in one.fields if each.required]
    if required:
        schema["required"] = required
    return {"required": True, "content": {_FORM: {"schema": schema}}}


def _answer(one: Operation) -> dict[str, Any]:
    done = {
        "type": "object",
        "properties": {"status": {"const": "OK"}, "results": one.results},
        "required": ["status", "results"],
        "additionalProperties": False,
    }
    return _json("Done, or the reason why not", {"oneOf": [done, _reference("schemas", "Failure")]})


def _failure() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "status": {"const": "ERROR"},
            "error": {"type": "string", "minLength": 1},
            "results": {"type": "null"},
        },
        "required": ["status", "error", "results"],
        "additionalProperties": False,
    }


def _refusal(code: str, about: str) -> dict[str, Any]:
    found = _json(about, _reference("schemas", "Failure"))
    if code in _AT_ONCE:
        found["content"]["text/plain; charset=utf-8"] = {"schema": {"type": "string"}}
    if code == "401":
        found["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return found


def _json(about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": about, "content": {"application/json": {"schema": schema}}}


def _ids() -> dict[str, Any]:
    return {
        "name": "ids",
        "in": "path",
        "required": True,
        "description": f"MAC addresses or account numbers (films, tariffs and itv: their ids), at most {MOST_IDS}",
        "schema": {"type": "array", "items": {"type": "string", "maxLength": 64}, "maxItems": MOST_IDS},
        "style": "simple",
        "explode": False,
    }


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
