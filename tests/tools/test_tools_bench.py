"""Benches are judged by ratios within a round, by their best round, and milliseconds only on an idle machine."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.bench.__main__ import BENCHES, command
from tools.bench.side_by_side import Target, interleave, judge, report

ROOT = Path(__file__).resolve().parents[2]


def test_every_variant_runs_once_a_round_and_each_round_begins_with_another() -> None:
    order: list[str] = []

    def variant(name: str, figure: float) -> Callable[[], float]:
        return lambda: order.append(name) or figure  # type: ignore[func-returns-value]

    figures = interleave({"a": variant("a", 1.0), "b": variant("b", 2.0)}, rounds=2)

    assert order == ["a", "b", "b", "a"]
    assert figures == {"a": [1.0, 1.0], "b": [2.0, 2.0]}


def test_a_ratio_is_taken_within_its_round_and_the_best_round_counts() -> None:
    figures = {"ours": [10.0, 30.0], "bare": [10.0, 20.0]}

    (verdict,) = judge(figures, [Target("pages", "ours", "bare", at_least=1.5)])

    assert verdict.rounds == (1.0, 1.5)
    assert verdict.met is True


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (Target("t", "ours", at_least=31), 1),
        (Target("t", "ours", at_least=30), 0),
        (Target("t", "ours", at_most=9), 1),
        (Target("t", "ours", at_most=10), 0),
        (Target("t", "ours", at_least=31, goal=True), 0),
    ],
)
def test_a_missed_target_is_the_exit_code_and_a_later_goal_is_not(target: Target, code: int) -> None:
    assert report(judge({"ours": [10.0, 30.0]}, [target])) == code


def test_milliseconds_are_not_judged_on_a_loaded_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target("p99", "ours", at_most=25, unit="ms", absolute=True)

    monkeypatch.setattr(os, "getloadavg", lambda: (64.0, 64.0, 64.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    loaded = judge({"ours": [80.0]}, [target])[0].met
    monkeypatch.setattr(os, "getloadavg", lambda: (0.1, 0.1, 0.1))
    idle = judge({"ours": [80.0]}, [target])[0].met

    assert (loaded, idle) == (None, False)


def test_each_bench_is_known_and_says_what_it_measures() -> None:
    files = {path.stem for path in (ROOT / "tools" / "bench").glob("*.py")}
    helpers = {
        "__main__",
        "side_by_side",
        "http_load",
        "signins_server",
        "boot_load",
        "fuzz_requests",
        "fuzz_words",
        "channel_story",
        "players",
        "short_programmes",
    }

    assert files - helpers == set(BENCHES)
    for name in BENCHES:
        done = subprocess.run([*command(name, quick=False), "--help"], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_bench_that_is_not_there_is_refused() -> None:
    words = [sys.executable, "-m", "tools.bench", "nothing"]

    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "there is no bench nothing" in done.stderr
