"""Rules 3, 4 and 10 of tv-pages §3 over all pages together: targets exist, everything is in reach, BACK leads home."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from portal_pages.findings import Finding, with_layers
from portal_pages.states import Open, Page, Submit, Target

HOME: Final = "home"
STEPS: Final = 4
ARROWS: Final = frozenset({"UP", "DOWN", "LEFT", "RIGHT"})
ARROWS_AND_BACK: Final = ARROWS | {"BACK"}

Forms = Mapping[str, Iterable[str]]


def check_graph(
    pages: Iterable[Page], forms: Forms | None = None, exists: Callable[[str], bool] | None = None
) -> tuple[Finding, ...]:
    """Every fault of the graph of `pages`.

    `forms` names the pages each form may answer with; `exists` says of a page id outside `pages` that it is served
    (another article of the same kind), so that a sample of pages can be checked.
    """
    known = {page.id: page for page in pages}
    forms = forms or {}
    there = exists or (lambda _: False)
    reached = _reach(HOME, {i: [*_onward(page, forms)] for i, page in known.items()})
    found = [
        *(finding for page in known.values() for finding in _targets(page, known, forms, there)),
        *(Finding(3, i, "", "cannot be reached from home by arrows and OK") for i in known if i not in reached),
        *(finding for page in known.values() for finding in _way_home(page, known)),
        *(finding for page in known.values() for finding in _shortcuts(page, known, reached)),
    ]
    return tuple(dict.fromkeys(found))


def _by_ok(page: Page) -> Iterator[tuple[str, Target]]:
    """Item and target of everything OK does on a page and in its layers."""
    for scope in with_layers(page):
        for f in scope.focusables:
            if f.ok is not None and f.disabled is not True:
                yield f.id, f.ok


def _by_key(page: Page) -> Iterator[tuple[str, Target]]:
    for scope in with_layers(page):
        yield from scope.keys.items()


def _leads(target: Target, forms: Forms) -> Iterable[str]:
    """The pages a target may lead to."""
    if isinstance(target, Open):
        return (target.page,)
    form = target.form if isinstance(target, Submit) else target.act.removeprefix("next:")
    return forms.get(form, ())


def _onward(page: Page, forms: Forms) -> Iterator[str]:
    """The pages that OK, or an arrow with a meaning of its own, may lead to."""
    arrows = [(key, target) for key, target in _by_key(page) if key in ARROWS]
    for _, target in (*_by_ok(page), *arrows):
        yield from _leads(target, forms)


def _reach(start: str, ways: Mapping[str, Iterable[str]]) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        fresh = [other for other in ways.get(todo.pop(), ()) if other not in seen]
        seen.update(fresh)
        todo.extend(fresh)
    return seen


# --- 3: targets exist ---------------------------------------------------------------------------------------------


def _targets(page: Page, known: Mapping[str, Page], forms: Forms, there: Callable[[str], bool]) -> Iterator[Finding]:
    timers = (("idle", page.timers.idle_to), ("leave", page.timers.leave_to))
    for item, target in (*_by_ok(page), *_by_key(page), *timers):
        if isinstance(target, Open) and target.page not in known and not there(target.page):
            yield Finding(3, page.id, item, f"leads to the page {target.page}, which is missing")
        elif isinstance(target, Open) and target.focus and target.page in known:
            if target.focus not in {f.id for f in known[target.page].focusables}:
                yield Finding(3, page.id, item, f"asks for {target.focus} on {target.page}, which is missing there")
        elif isinstance(target, Submit) and target.form not in forms:
            yield Finding(3, page.id, item, f"posts the form {target.form}, which is missing")
    yield from _next_forms(page, forms)


def _next_forms(page: Page, forms: Forms) -> Iterator[Finding]:
    for item, target in (*_by_ok(page), *_by_key(page)):
        act = getattr(target, "act", "")
        if act.startswith("next:") and act.removeprefix("next:") not in forms:
            yield Finding(3, page.id, item, f"posts the form {act.removeprefix('next:')}, which is missing")


# --- 4: BACK leads home -------------------------------------------------------------------------------------------


def _way_home(page: Page, known: Mapping[str, Page]) -> Iterator[Finding]:
    yield from _chain(page.id, page.id, known, 0)
    for layer in page.layers:
        if layer.parent:
            yield from _chain(f"{page.id}#{layer.id}", layer.parent, known, 1)


def _chain(start: str, at: str, known: Mapping[str, Page], pressed: int) -> Iterator[Finding]:
    """Follow the declared parents; a page with a digit field takes two presses, because BACK asks first."""
    seen: set[str] = set()
    while at != HOME:
        if at in seen:
            yield Finding(4, start, "BACK", f"BACK runs in a circle through {at}")
            return
        if at not in known:
            yield Finding(4, start, "BACK", f"BACK leads to the page {at}, which is missing")
            return
        seen.add(at)
        pressed += 2 if known[at].field and known[at].layers else 1
        at = HOME if known[at].parent == "tv" or at == "tv" else known[at].parent
    if pressed > STEPS:
        yield Finding(4, start, "BACK", f"BACK needs {pressed} presses to home, more than {STEPS}")


# --- 10: shortcuts have a way by arrows ---------------------------------------------------------------------------


def _shortcuts(page: Page, known: Mapping[str, Page], reached: set[str]) -> Iterator[Finding]:
    for key, target in _by_key(page):
        if not isinstance(target, Open) or key in ARROWS_AND_BACK:
            continue
        if target.page in known and target.page not in reached:
            yield Finding(10, page.id, key, f"opens {target.page}, which arrows and OK do not reach")
