"""How far a long command is, for the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_STEPS = 1000


@contextmanager
def bar(label: str) -> Iterator[Callable[[str, float], None]]:
    """A progress bar to be told a title and the part that is done, 0 to 1."""
    with click.progressbar(length=_STEPS, label=label, item_show_func=lambda title: title or "", width=30) as shown:

        def tell(title: str, part: float) -> None:
            shown.update(int(part * _STEPS) - shown.pos, title)

        yield tell
