"""Log lines: one plain line per event, tracebacks below, nothing that nobody needs."""

import io
from typing import Any

from twisted.logger import LogLevel
from twisted.python.failure import Failure

from middleware.telemetry import line, observer


def _event(words: str, level: LogLevel = LogLevel.info, namespace: str = "middleware.portal", **more: Any) -> Any:
    return {"log_format": words, "log_level": level, "log_namespace": namespace, "log_time": 1_764_066_600.0, **more}


def test_a_line_says_when_how_bad_where_and_what() -> None:
    assert line(_event("{count} boxes", count=3)) == "2025-11-25T10:30:00Z info portal: 3 boxes\n"


def test_a_failure_is_followed_by_its_traceback() -> None:
    told = line(_event("a page failed", LogLevel.critical, log_failure=Failure(ValueError("no page"))))

    assert told.startswith("2025-11-25T10:30:00Z critical portal: a page failed\n")
    assert "ValueError: no page" in told


def test_what_twisted_says_of_its_own_work_is_left_out() -> None:
    assert line(_event("Port closed", namespace="log_legacy")) == ""
    assert line(_event("details", LogLevel.debug)) == ""
    assert line(_event("")) == ""
    assert line(_event("odd", LogLevel.warn, "twisted.internet.base")) != ""


def test_lines_go_out_at_once() -> None:
    out = io.StringIO()

    observer(out)(_event("one"))
    observer(out)(_event("two"))

    assert out.getvalue().count("\n") == 2
