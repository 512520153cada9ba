#!/usr/bin/env bash
# Builds the VS Code extension with the server's wheel in it, and checks what the .vsix holds.
# Usage: bash scripts/build_extension.sh [OUT.vsix]      (default: .artifacts/proactive-lsp-VERSION.vsix)
#
# PYTHON: an interpreter with pip to build the wheel with (.venv's, else python3).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v npm >/dev/null ||
    { echo "build_extension.sh needs npm; install it first: apt-get install nodejs npm" >&2; exit 2; }
python="${PYTHON:-python3}"
[ -n "${PYTHON:-}" ] || [ ! -x .venv/bin/python ] || python=.venv/bin/python
version="$(node --print 'require("./vscode-client/package.json").version')"
out="${1:-.artifacts/proactive-lsp-$version.vsix}"
mkdir -p "$(dirname "$out")"
out="$(cd "$(dirname "$out")" && pwd)/$(basename "$out")"

rm -rf vscode-client/server
"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir vscode-client/server .

cd vscode-client
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --no-audit --no-fund --loglevel=error
fi
npm run --silent check
npm run --silent package -- --out "$out"
node checkVsix.mjs "$out" "$version"
