"""Whether a script keeps to ECMAScript 3, the language of the oldest boxes: esprima parses it, this looks closer."""

from collections.abc import Iterator
from typing import Any

import esprima


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RESERVED = _words(
    "abstract boolean break byte case catch char class const continue debugger default delete do double else enum "
    "export extends false final finally float for function goto if implements import in instanceof int interface long "
    "native new null package private protected public return short static super switch synchronized this throw throws "
    "transient true try typeof var void volatile while with"
)
_LATER = _words(
    "ArrowFunctionExpression TemplateLiteral TaggedTemplateExpression ClassDeclaration ClassExpression SpreadElement "
    "RestElement ForOfStatement YieldExpression AwaitExpression ArrayPattern ObjectPattern AssignmentPattern "
    "ImportDeclaration ExportNamedDeclaration MetaProperty"
)
_METHODS = _words(
    "forEach map filter reduce some every bind trim addEventListener querySelector querySelectorAll classList assign "
    "includes startsWith padStart repeat find entries getElementsByClassName"
)
"""Members that browsers of the time lack; unguarded, each is a crash."""
_GLOBALS = _words("Promise fetch Map Set Symbol Proxy URL let alert history localStorage")


def faults(source: str) -> list[str]:
    """Everything in the script that came after ECMAScript 3."""
    tree = esprima.parseScript(source, loc=True).toDict()
    return [f"line {node['loc']['start']['line']}: {fault}" for node in _nodes(tree) if (fault := _fault(node))]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if "type" in tree and "loc" in tree:
            yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _fault(node: dict[str, Any]) -> str:
    kind = node["type"]
    if kind in _LATER:
        return kind
    if kind == "VariableDeclaration" and node["kind"] != "var":
        return f"{node['kind']} declaration"
    if kind == "Property":
        return _property(node)
    if kind == "MemberExpression" and not node["computed"]:
        name = node["property"]["name"]
        return f"member {name}" if name in _RESERVED | _METHODS else ""
    if kind == "Identifier" and node["name"] in _GLOBALS:
        return f"global {node['name']}"
    return ""


def _property(node: dict[str, Any]) -> str:
    if node["kind"] != "init" or node.get("method") or node.get("shorthand") or node.get("computed"):
        return "a property that is no plain name and value"
    reserved = node["key"]["type"] == "Identifier" and node["key"]["name"] in _RESERVED
    return f"reserved word as a name: {node['key']['name']}" if reserved else ""
