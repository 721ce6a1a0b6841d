# Sourced by tools/run and tools/test: finds Python, makes the virtual environment, installs what is missing.
# Every function says in one line what it does and, where it may not, the exact line to type instead.
set -euo pipefail
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=$TOP/.venv
# A script started from a clone must not depend on where pip or npm were told to look before.
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
# Without bytecode on disk every start of the program compiles all of it again, which takes a second.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*"; }
stop() { printf 'nanhu-tv: %s\n' "$*" >&2; exit 1; }

as_root() { # run as root, or fail when that needs a password
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
may_install() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

debian() { # debian PACKAGE…: install those that are missing
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  may_install || stop "missing Debian packages; type: sudo apt-get install --no-install-recommends ${missing[*]}"
  say "Installing Debian packages: ${missing[*]}"
  if ! { as_root apt-get -q update && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y install --no-install-recommends "${missing[@]}"; } >"$TOP/.setup.log" 2>&1; then
    tail -n 3 "$TOP/.setup.log" >&2
    stop "that failed; type: sudo apt-get install --no-install-recommends ${missing[*]}"
  fi
  rm -f "$TOP/.setup.log"
}

any_python() { [ -n "${PYTHON:-}" ] || command -v python3.13 python3.12 python3.11 python3 >/dev/null; }

find_python() { # prints a Python of at least 3.11
  local candidate
  for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"; return
    fi
  done
  stop "needs Python 3.11 or newer (found: $(python3 --version 2>&1 || true)); on Debian 12 type: sudo apt-get install python3 python3-venv"
}

stamp() { cat "$TOP/pyproject.toml" "$TOP/constraints.txt" "$TOP/package-lock.json" "$TOP/tools/setup.sh" | sha256sum | cut -c1-32; }

basics() { # prints the Debian packages of Python and npm that are missing; both may also come from elsewhere
  local python
  if ! any_python; then
    printf 'python3 python3-venv ' # a minimal Debian has none
  else
    python=$(find_python) || exit
    "$python" -c 'import ensurepip' 2>/dev/null || printf 'python3-venv '
  fi
  command -v npm >/dev/null || printf 'nodejs npm'
}

environment() { # environment EXTRAS PACKAGE…: packages, .venv with the project, hls.js; nothing to do when unchanged
  local mark="$VENV/.ready-$1" now; now=$(stamp)
  if [ -f "$mark" ] && [ "$(cat "$mark")" = "$now" ] && [ -f "$TOP/portal_pages/static/vendor/hls.min.js" ]; then return; fi
  local python basics
  basics=$(basics)
  # shellcheck disable=SC2086 # a list of words
  debian $basics "${@:2}" # all at once: one line to type for who may not install
  python=$(find_python)
  [ -w "$TOP" ] || stop "cannot write to $TOP: clone the project to a folder of your own"
  [ -x "$VENV/bin/python" ] || "$python" -m venv "$VENV" || stop "could not make a virtual environment in $VENV"
  say "Installing Python packages into .venv"
  "$VENV/bin/python" -m pip install -q -c "$TOP/constraints.txt" -e "$TOP[$1]" 2>&1 | grep -v -e WARNING -e notice || true
  "$VENV/bin/python" -c 'import twisted, lxml, sqlalchemy, middleware' 2>/dev/null ||
    stop "pip could not install the packages; type: $VENV/bin/python -m pip install -c constraints.txt -e '.[$1]'"
  vendor
  printf '%s' "$now" >"$mark"
}

vendor() { # npm packages of package.json, put where pages and wheels find them; hls.js whole: its light build has no subtitles
  say "Installing hls.js by npm"
  (cd "$TOP" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || stop "npm could not install; type: npm ci"
  mkdir -p "$TOP/portal_pages/static/vendor"
  cp "$TOP/node_modules/hls.js/dist/hls.min.js" "$TOP/portal_pages/static/vendor/hls.min.js"
  cp "$TOP/node_modules/hls.js/LICENSE" "$TOP/portal_pages/static/vendor/hls.LICENSE.txt"
}

tellyget() { # PyPI's IPTV client, GPLv3: a program of its own in .venv-tellyget, for the tests only
  local venv="$TOP/.venv-tellyget" python
  [ -x "$venv/bin/tellyget" ] && return 0
  python=$(find_python)
  command -v gcc >/dev/null || debian gcc libc6-dev
  "$python" -c 'import os, sysconfig; raise SystemExit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' ||
    debian gcc libc6-dev python3-dev
  say "Installing tellyget into .venv-tellyget"
  "$python" -m venv "$venv" && "$venv/bin/python" -m pip install -q tellyget==1.0.0 2>&1 | grep -v -e WARNING -e notice || true
  [ -x "$venv/bin/tellyget" ] || stop "pip could not install tellyget; type: $venv/bin/python -m pip install tellyget==1.0.0"
}
