"""Measure variants side by side in one run, and judge ratios instead of milliseconds.

One variant spreads by 20-30 % from run to run on a shared machine, so a figure alone says little. Three functions:

``interleave(variants, rounds=5)``
    calls every variant once a round, in rotated order, and returns ``{name: [figure per round]}``. A variant is a
    callable without arguments that returns one figure (by habit requests per CPU-second of the server, or seconds).
``judge(figures, targets)``
    returns one ``Verdict`` per ``Target``: the figure (or its ratio to another variant of the *same* round) as min,
    median, max, judged by its best round. A target marked ``absolute`` (milliseconds, seconds) that is missed while
    the load of the machine is not below its cores is reported as "not judged".
``report(verdicts)``
    prints a line per verdict and returns the exit code: 1 when a judged target is missed.

    from tools.bench.side_by_side import Target, interleave, judge, report
    figures = interleave({"bare": run_bare, "edge": run_edge})
    sys.exit(report(judge(figures, [Target("G1 shared page", "edge", against="bare", at_least=1.5)])))
"""

import os
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from attrs import frozen

Figures = dict[str, list[float]]


@frozen
class Target:
    """What a variant must reach: its figure, or its ratio to ``against``, at least or at most so much.

    A ``goal`` is a later target: reported, but missing it is no fault.
    """

    name: str
    variant: str
    against: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    absolute: bool = False
    goal: bool = False


@frozen
class Verdict:
    """A target with the figure of each round, the best of them, and whether it is met (None: not judged)."""

    target: Target
    rounds: tuple[float, ...]
    best: float
    met: bool | None


def interleave(variants: Mapping[str, Callable[[], float]], rounds: int = 5) -> Figures:
    """Run every variant once per round, starting each round with another one; figures per variant in round order."""
    names = list(variants)
    figures: Figures = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            figures[name].append(variants[name]())
    return figures


def judge(figures: Mapping[str, Sequence[float]], targets: Sequence[Target]) -> list[Verdict]:
    """Compare each target with the figures of the run; ratios are taken within a round."""
    return [_verdict(figures, target) for target in targets]


def report(verdicts: Sequence[Verdict]) -> int:
    """Print the verdicts as a table and return the exit code, 1 when a judged target is missed."""
    for verdict in verdicts:
        print(_line(verdict))
    return 1 if any(verdict.met is False and not verdict.target.goal for verdict in verdicts) else 0


def _verdict(figures: Mapping[str, Sequence[float]], target: Target) -> Verdict:
    rounds = tuple(figures[target.variant])
    if target.against is not None:
        rounds = tuple(a / b for a, b in zip(rounds, figures[target.against], strict=True))
    best = min(rounds) if target.at_most is not None else max(rounds)
    met = _reached(best, target)
    if not met and target.absolute and os.getloadavg()[0] >= (os.cpu_count() or 1):
        return Verdict(target, rounds, best, None)
    return Verdict(target, rounds, best, met)


def _reached(best: float, target: Target) -> bool:
    if target.at_least is not None and best < target.at_least:
        return False
    return target.at_most is None or best <= target.at_most


def _line(verdict: Verdict) -> str:
    target = verdict.target
    of = f"{target.variant} ÷ {target.against}" if target.against else target.variant
    sign, limit = ("≥", target.at_least) if target.at_least is not None else ("≤", target.at_most)
    low, mid, high = min(verdict.rounds), median(verdict.rounds), max(verdict.rounds)
    word = {True: "met", False: "not yet" if target.goal else "MISSED", None: "not judged (machine is loaded)"}[
        verdict.met
    ]
    return (
        f"{target.name:<28} {of:<28} min {low:8.2f}  median {mid:8.2f}  max {high:8.2f} {target.unit:<4}"
        f" target {sign} {limit:g}: {word}"
    )
