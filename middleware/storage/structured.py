"""Frozen values as plain JSON and back: instants and days as ISO text, spans as seconds, tuples and sets as lists."""

from datetime import timedelta
from typing import Final

from cattrs.preconf.json import make_converter

structured: Final = make_converter(omit_if_default=True)
structured.register_unstructure_hook(timedelta, lambda span: span.total_seconds())
structured.register_structure_hook(timedelta, lambda seconds, _type: timedelta(seconds=seconds))
