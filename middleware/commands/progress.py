"""How far a long command is, for the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_STEPS = 1000


@contextmanager
def bar(label: str) -> Iterator[Callable[[str, float], None]]:
    """A progress bar to be told a title and the part that is done, 0 to 1; where no terminal is, a line per title."""
    if not sys.stdout.isatty():
        click.echo(label)
        yield _titles()
        return
    with click.progressbar(length=_STEPS, label=label, item_show_func=lambda title: title or "", width=30) as shown:

        def tell(title: str, part: float) -> None:
            shown.update(int(part * _STEPS) - shown.pos, title)

        yield tell


def _titles() -> Callable[[str, float], None]:
    told = {""}

    def tell(title: str, part: float) -> None:
        if (title or "") not in told:
            told.add(title)
            click.echo(f"  {part:4.0%}  {title}")

    return tell
