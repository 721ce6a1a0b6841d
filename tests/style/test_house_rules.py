"""House rules that can be measured: sizes of functions and files, broad excepts, stray references."""

import ast
import re
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("middleware", "epg", "vod", "keymap", "portal_pages")


def tracked(*folders: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def sources(*folders: str) -> list[Path]:
    return [path for path in tracked(*folders) if path.suffix == ".py"]


def function_sizes(path: Path) -> list[tuple[int, str]]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [
        ((node.end_lineno or node.lineno) - node.body[0].lineno + 1, f"{path.name}:{node.name}")
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_functions_read_at_a_glance() -> None:
    sizes = sorted(size for path in sources(*PRODUCT) for size in function_sizes(path))
    lengths = [size for size, _ in sizes]

    assert statistics.median(lengths) <= 8
    assert lengths[int(len(lengths) * 0.9)] <= 28
    assert [name for size, name in sizes if size > 80] == []


def test_no_file_is_over_500_lines() -> None:
    long = {path.name: n for path in sources() if (n := len(path.read_text(encoding="utf-8").splitlines())) > 500}

    assert long == {}


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes whatever comes and, as ruff's BLE001 asks, does not raise again."""
    broad = isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    return handler.type is None or (broad and not any(isinstance(node, ast.Raise) for node in ast.walk(handler)))


def test_broad_excepts_give_their_reason() -> None:
    bare = []
    for path in sources(*PRODUCT):
        text = path.read_text(encoding="utf-8")
        handlers = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ExceptHandler))
        lines = [text.splitlines()[node.lineno - 1].strip() for node in handlers if swallows(node)]
        bare += [f"{path.name}: {line}" for line in lines if not re.search(r"# noqa: BLE001 \S+ ", line)]

    assert bare == []


def test_only_the_program_imports_the_reactor() -> None:
    pattern = re.compile(r"from twisted\.internet import .*\breactor\b|import twisted\.internet\.reactor")
    found = [path.name for path in sources(*PRODUCT) if pattern.search(path.read_text(encoding="utf-8"))]

    assert found == ["cli.py"]


def test_no_work_is_left_for_later_and_nothing_names_the_workshop() -> None:
    stray = re.compile("TO" + r"DO|FIX" + r"ME|XX" + r"X\b|/work" + r"/|\.\./sha" + "red")
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".html", ".js", ".css", ".sh", ""}
        and (match := stray.search(path.read_text(encoding="utf-8", errors="replace")))
    ]

    assert found == []
