"""Run the benches one after another, each in a process of its own; the exit code is 1 when a judged target is missed.

    python -m tools.bench [NAME …] [--quick]

Without names all are run: pages of the edge and of the portal against a bare Resource, sign-ins on SQLite and
PostgreSQL against raw inserts, an invitation to 5,000 televisions, 5,000 boxes that boot at once and 20,000 that poll,
50,000 random requests, packaging, playlists and a day of the scheduled channel, real players on it, XMLTV against its
peers. `--quick` takes fewer rounds: enough to see that all work, too few to judge by.
"""

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

BENCHES: Final[Mapping[str, Sequence[str]]] = {
    "http_pages": ("--rounds", "2", "--seconds", "0.5"),
    "portal_pages": ("--rounds", "2", "--seconds", "0.5"),
    "signins": ("--rounds", "2", "--seconds", "4"),
    "invitation": ("--rounds", "1"),
    "boot_storm": ("--boxes", "150", "--polling", "2000", "--rounds", "1", "--seconds", "2"),
    "fuzz": ("--requests", "3000"),
    "epg_si": ("--rounds", "1", "--services", "20"),
    "carousel": ("--seconds", "12", "--services", "4"),
    "guide_faces": ("--rounds", "1", "--seconds", "2", "--channels", "30"),
    "packaging": ("--rounds", "1", "--seconds", "12", "--copied", "60"),
    "playlists": ("--rounds", "1", "--lists", "300", "--hours", "0.3"),
    "play": ("--tiny", "--seconds", "15"),
    "serving": ("--rounds", "1", "--seconds", "1"),
    "epg_xmltv": ("--rounds", "1", "--channels", "30", "--days", "2", "--long", "40", "--long-days", "2"),
}
"""Every bench with what makes it quick."""


def command(name: str, *, quick: bool) -> list[str]:
    """What starts one bench."""
    return [sys.executable, "-m", f"tools.bench.{name}", *(BENCHES[name] if quick else ())]


def main() -> int:
    """Run the benches asked for; 1 when one of them missed a target or failed."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of {', '.join(BENCHES)}; all without")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: enough to see that all work")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BENCHES]:
        parser.error(f"there is no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    missed = []
    for name in options.names or BENCHES:
        print(f"--- {name}", flush=True)
        if subprocess.run(command(name, quick=options.quick), check=False).returncode:
            missed.append(name)
    print(f"missed or failed: {', '.join(missed)}" if missed else "all targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
