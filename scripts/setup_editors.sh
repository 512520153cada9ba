#!/usr/bin/env bash
# Installs what the tests in real editors need beside the Python packages, on Debian or Ubuntu; quick when all is there.
# Usage: scripts/setup_editors.sh
set -euo pipefail

# A package is there if its program is, or, without a program of its own, if dpkg knows it. (Neovim comes from PyPI.)
declare -A program=(
    [chromium]=chromium # drives VS Code in the browser
    [emacs-nox]=emacs
    [vim-nox]=vim.nox
    [tmux]=tmux          # the terminal that the tests type into
    [iproute2]=ip        # scripts/offline.sh
    [util-linux]=unshare # the same
    [git]=git
    [zsh]=zsh            # shells whose runs Neovim's terminal tells of
    [fish]=fish
    [lua-check]=luacheck # looks over nvim-client
)
packages=(chromium emacs-nox elpa-eglot vim-nox vim-ale tmux iproute2 util-linux git zsh fish lua-check)

is_there() {
    if [ -n "${program[$1]:-}" ]; then
        [ -n "$(command -v "${program[$1]}")" ]
    else
        [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
    fi
}

missing=()
for package in "${packages[@]}"; do
    is_there "$package" || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || { echo "editors: all there"; exit 0; }

if [ -z "$(command -v apt-get)" ]; then
    echo "editors: this script knows only Debian and Ubuntu; please install Chromium, Emacs with eglot, Vim with ALE" \
        "as a package, tmux, iproute2, util-linux, git, zsh, fish and luacheck yourself" >&2
    exit 2
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    [ -n "$(command -v sudo)" ] ||
        { echo "editors: as root, run: apt-get install --no-install-recommends ${missing[*]}" >&2; exit 2; }
    as_root=(sudo)
fi

apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 "$@" >/dev/null; }

apt update
known=() unknown=()
for package in "${missing[@]}"; do
    if apt-cache show "$package" >/dev/null 2>&1; then known+=("$package"); else unknown+=("$package"); fi
done
[ "${#known[@]}" -eq 0 ] || { echo "editors: installing ${known[*]}"; apt install --yes --no-install-recommends "${known[@]}"; }
[ "${#unknown[@]}" -eq 0 ] ||
    { echo "editors: not among this release's packages (Ubuntu has Chromium as a snap): ${unknown[*]}" >&2; exit 2; }
