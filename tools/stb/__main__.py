"""`python -m tools.stb`."""

import sys

from tools.stb.cli import main

if __name__ == "__main__":
    sys.exit(main())
