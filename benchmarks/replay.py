"""How fast real histories are replayed, on one core, and whether memory grows with the history.

    python benchmarks/replay.py REPO [--sittings 200,800] [--no-diagnostics] [--typescript PATH] [--python PATH]
                                     [--seed 0] [--json]

REPO is any git directory, bare or not; nothing of it is run unless --python names an interpreter for its tests.
For each number, so many of the newest sittings are made into a dataset with labels, as 'proactive bench replay
--jobs 1' does, in a process of its own. CPU is that of the process and of all that it started (git, linters), so
that other work on the machine counts little; the start is in it, and reading the history for the newest sittings.
The peak is the process's resident memory; some 64 million characters of texts that were read are held at most.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

GOALS = {"events_per_cpu_second": 1_000.0, "growth_mb": 100.0}


def one(repo: Path, count: int, options: argparse.Namespace) -> dict[str, float]:
    """Replay in this process and say what it took."""
    from proactive_training.gym.linters.typescript_program import tsserver
    from proactive_training.gym.replay_run import Options, replay

    typescript = tsserver(options.typescript) if options.typescript else None
    asked = Options(
        seed=options.seed, diagnostics=not options.no_diagnostics, typescript=str(typescript or ""),
        python=str(options.python or ""), limit=count,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        figures = replay([repo], Path(folder) / "replayed", asked, jobs=1)
    own, started = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime
    children = started.ru_utime + started.ru_stime
    return {
        "sittings": figures.sittings,
        "events": figures.events,
        "examples": figures.examples,
        "seconds": round(figures.seconds, 2),
        "cpu_seconds": round(cpu + children, 2),
        "of_these_started": round(children, 2),
        "events_per_cpu_second": round(figures.events / (cpu + children), 1),
        "peak_mb": round(own.ru_maxrss / 1024, 1),  # of the others it would be that of this one before they began
    }


def apart(count: int) -> dict[str, float]:
    """The same in a process of its own: peaks never go down."""
    done = subprocess.run(
        [sys.executable, __file__, *sys.argv[1:], "--one", str(count)], check=True, stdout=subprocess.PIPE
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def show(found: list[dict[str, float]], growth: float) -> None:
    for name in found[0]:
        print(f"{name:24}" + "".join(f"{figures[name]:>12,.1f}" for figures in found))
    print(f"{'growth of the peak, MB':24}{growth:>12,.1f}   goal: at most {GOALS['growth_mb']:.0f}")
    print(f"goal: at least {GOALS['events_per_cpu_second']:,.0f} events a CPU second, without test runs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repo", type=Path)
    parser.add_argument("--sittings", default="200,800")
    parser.add_argument("--no-diagnostics", action="store_true")
    parser.add_argument("--typescript", type=Path)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(one(options.repo, options.one, options)))
        return
    found = [apart(int(count)) for count in options.sittings.split(",")]
    growth = found[-1]["peak_mb"] - found[0]["peak_mb"]
    if options.json:
        print(json.dumps({"runs": found, "growth_mb": round(growth, 1), "goals": GOALS}))
    else:
        show(found, growth)


if __name__ == "__main__":
    main()
