"""Writes the checked parts of README.md: commands and settings, as the program itself states them.

`python -m tools.docs` rewrites them; tests/style/test_docs.py fails while they differ.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from middleware.cli import main
from middleware.config import settings

README = Path(__file__).resolve().parents[1] / "README.md"


def commands(group: click.Command = main, path: str = "nanhu-tv") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups left out."""
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in list(group.commands) or group.list_commands(context):  # as written, not sorted
            found = group.get_command(context, name)
            assert found is not None
            yield from commands(found, f"{path} {name}")
    else:
        yield path, group


def command_lines() -> str:
    """A table row per command: how it is called, and what it does."""
    rows = [f"| `{_usage(path, command)}` | {_about(command)} |" for path, command in commands()]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def setting_lines() -> str:
    rows = [f"| `{path}` | `{default}` | {about} |" for path, default, about in settings()]
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows])


def _usage(path: str, command: click.Command) -> str:
    words = [_word(parameter) for parameter in command.params]
    return " ".join([path.removeprefix("nanhu-tv "), *words])


def _word(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        return parameter.make_metavar(click.Context(click.Command("x")))
    name = parameter.opts[0]
    flag = isinstance(parameter, click.Option) and parameter.is_flag
    shown = name if flag else f"{name} {(parameter.metavar or parameter.name or '').upper()}"
    return shown if parameter.required else f"[{shown}]"


def _about(command: click.Command) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split()).replace("|", "/")


def filled(text: str) -> str:
    """README's text with both parts written anew."""
    for name, lines in (("commands", command_lines()), ("settings", setting_lines())):
        start, end = f"<!-- {name}: checked by tests/style/test_docs.py -->", f"<!-- end of {name} -->"
        head, _, rest = text.partition(start)
        text = f"{head}{start}\n{lines}\n{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
