#!/usr/bin/env bash
# Runs a command with no network but loopback and in a process namespace of its own, and fails if a process outlives it.
# Usage: scripts/offline.sh COMMAND [ARGUMENT…]
#
# The exit status is the command's own; 97 if it succeeded but left a process running (each is named on standard
# error); 128 + N after signal N. Whatever the command started is gone when this ends, however it ends.
# Needs Linux namespaces: as root, or where users may have namespaces of their own. Elsewhere it says so and runs the
# command plainly, unless PROACTIVE_REQUIRE_OFFLINE=1: then it fails with 2.
# PROACTIVE_OFFLINE_GRACE: seconds that processes have to end after the command, or after a signal (5).
set -uo pipefail

grace="${PROACTIVE_OFFLINE_GRACE:-5}"
say() { printf 'offline: %s\n' "$*" >&2; }

# Puts the processes of this namespace that still run into the array `left`, apart from process 1, which is this script.
# It must fork nothing, or it would find itself.
look_for_left_over() {
    local folder pid stat words
    left=()
    for folder in /proc/[0-9]*; do
        pid="${folder#/proc/}"
        [ "$pid" -ne 1 ] || continue
        { read -r stat <"$folder/stat"; } 2>/dev/null || continue # it has ended meanwhile
        case "${stat##*) }" in [ZX]*) continue ;; esac
        words=()
        { mapfile -d '' -t words <"$folder/cmdline"; } 2>/dev/null
        [ "${#words[@]}" -gt 0 ] || words=("${stat%%)*})")
        printf -v words '%q ' "${words[@]}" # quoted, since a command line may hold control characters
        left+=("$pid: $words")
    done
}

# Waits for a background job whatever signals come in between; its status is in `status` then.
wait_for() {
    signalled=yes
    while [ -n "$signalled" ]; do
        signalled=
        wait "$1"
        status=$?
    done
}

# Process 1 of the namespace: when it ends, the kernel kills whatever is left.
inside() {
    local command until
    ip link set lo up || exit 2
    # A shell's background job ignores Ctrl-C and has no input unless told otherwise.
    env --default-signal=INT,QUIT "$@" <&0 &
    command=$!
    trap 'signalled=yes' INT # the terminal has told the command as well
    trap 'signalled=yes; kill -TERM "$command" 2>/dev/null' TERM
    wait_for "$command"
    until=$((SECONDS + grace))
    look_for_left_over
    while [ "${#left[@]}" -gt 0 ] && [ "$SECONDS" -lt "$until" ]; do
        sleep 0.1
        look_for_left_over
    done
    if [ "${#left[@]}" -gt 0 ]; then
        say "still running $grace s after the command had ended:"
        printf '    %s\n' "${left[@]}" >&2
        [ "$status" -ne 0 ] || status=97
    fi
    exit "$status"
}

# A signal: what runs inside has the grace to end in an orderly way, then all of it is killed.
on_signal() {
    local number=$1 until=$((SECONDS + grace)) first
    trap '' INT TERM HUP
    if [ "$number" -ne 2 ]; then # Ctrl-C has reached the command already
        { read -r first _ <"/proc/$space/task/$space/children"; } 2>/dev/null # a line without an end
        [ -z "${first:-}" ] || kill -TERM "$first" 2>/dev/null
    fi
    while kill -0 "$space" 2>/dev/null && [ "$SECONDS" -lt "$until" ]; do sleep 0.1; done
    kill -KILL "$space" 2>/dev/null
    wait "$space" 2>/dev/null
    exit $((128 + number))
}

case "${1-}" in
    '') say "name a command: scripts/offline.sh COMMAND [ARGUMENT…]"; exit 2 ;;
    --inside) shift; inside "$@" ;;
esac

namespaces=(unshare --net --pid --fork --mount-proc --kill-child=KILL)
[ "$(id -u)" -eq 0 ] || namespaces+=(--map-root-user)
reason=
for program in unshare ip setpriv; do
    [ -n "$(command -v "$program")" ] || reason="$program is not installed (Debian: util-linux, iproute2)"
done
[ -n "$reason" ] || "${namespaces[@]}" -- ip link set lo up 2>/dev/null || reason="no namespaces here"
if [ -n "$reason" ]; then
    [ "${PROACTIVE_REQUIRE_OFFLINE:-}" != 1 ] || { say "cannot cut the network off: $reason"; exit 2; }
    say "running with the network as it is: $reason"
    exec "$@"
fi

# The death signal: should this script be killed outright, what it started goes with it.
setpriv --pdeathsig KILL "${namespaces[@]}" -- "${BASH:-bash}" "$0" --inside "$@" <&0 &
space=$!
trap 'on_signal 2' INT
trap 'on_signal 15' TERM
trap 'on_signal 1' HUP
wait "$space"
