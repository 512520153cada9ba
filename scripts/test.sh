#!/usr/bin/env bash
# Sets up an environment in .venv, checks the code, runs every test, and plays the demo from a fresh, light install.
# Usage: bash scripts/test.sh [pytest arguments]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python="${PYTHON:-python3}"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "proactive-lsp needs Python 3.11 or newer; name one: PYTHON=/path/to/python bash scripts/test.sh" >&2; exit 2; }

step() { printf '\n== %s\n' "$1"; }

step "environment"
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'

step "format, lint, types, layers"
.venv/bin/ruff format --check .
.venv/bin/ruff check .
.venv/bin/mypy
.venv/bin/lint-imports

step "light install and demo"
# As a stranger would have it: a wheel, without the test extra.
[ -x .artifacts/light/bin/python ] || "$python" -m venv .artifacts/light
.artifacts/light/bin/python -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps .
.artifacts/light/bin/python -m pip install --quiet --disable-pip-version-check .
.artifacts/light/bin/proactive demo --json | tail -n 1
.artifacts/light/bin/proactive doctor

step "tests"
.venv/bin/pytest "$@"
