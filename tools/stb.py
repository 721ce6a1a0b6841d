#!/usr/bin/env python3
"""A set-top box in a terminal: ./tools/stb.py --help. It finds the project's own Python by itself."""

import os
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
PYTHON = TOP / ".venv" / "bin" / "python"


def main() -> None:
    """Go on as `python -m tools.stb` in the project's environment, wherever this was called from."""
    if not PYTHON.exists():
        sys.exit("stb: needs the project's environment; type: ./tools/run")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(TOP), os.environ.get("PYTHONPATH", ""))))
    os.execv(PYTHON, [str(PYTHON), "-m", "tools.stb", *sys.argv[1:]])


if __name__ == "__main__":
    main()
