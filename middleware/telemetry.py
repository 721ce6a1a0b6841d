"""The log: plain English lines on stderr, one per event, an error's traceback below its line."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Any

from twisted.logger import LogLevel, eventAsText, globalLogBeginner

Event = dict[str, Any]
_QUIET = ("twisted.web", "twisted.internet", "log_legacy")
"""Namespaces of which only warnings and worse are of use to an operator."""


def begin_logging(stream: IO[str]) -> None:
    """Write the log of this process to a stream from now on."""
    observers: list[Any] = [observer(stream)]  # ILogObserver is an interface that mypy cannot see in a function
    globalLogBeginner.beginLoggingTo(observers, redirectStandardIO=False, discardBuffer=True)


def observer(stream: IO[str]) -> Callable[[Event], None]:
    """A Twisted log observer that writes lines to a stream."""

    def observe(event: Event) -> None:
        text = line(event)
        if text:
            stream.write(text)
            stream.flush()

    return observe


def line(event: Event) -> str:
    """`2026-11-25T11:30:00Z info portal.push: words`; empty for what nobody needs to read."""
    level = event.get("log_level") or LogLevel.info
    namespace = str(event.get("log_namespace") or "log")
    if level is LogLevel.debug or (level is LogLevel.info and namespace.startswith(_QUIET)):
        return ""
    words = eventAsText(event, includeTimestamp=False, includeSystem=False)
    if not words.strip():
        return ""
    at = datetime.fromtimestamp(event.get("log_time", 0.0), UTC)
    return f"{at:%Y-%m-%dT%H:%M:%SZ} {level.name} {namespace.removeprefix('middleware.')}: {words.rstrip()}\n"
