"""Starts the program that its arguments name and ends at once, so that the program is nobody's child.

An editor that ends with all its children, and their children, does not take a worker with it that others use.
Prints the number of the process. Runs by itself, without any package.
"""

import os
import subprocess
import sys


def main() -> None:
    """Start it."""
    # What goes to the output and to the errors is said outright: Windows hands nothing on by itself.
    if os.name == "nt":
        flags = sum(
            getattr(subprocess, name, 0)
            for name in ("CREATE_NO_WINDOW", "CREATE_NEW_PROCESS_GROUP", "BELOW_NORMAL_PRIORITY_CLASS")
        )
        process = subprocess.Popen(sys.argv[1:], stdout=1, stderr=2, creationflags=flags)
    else:
        process = subprocess.Popen(sys.argv[1:], stdout=1, stderr=2, start_new_session=True)
    print(process.pid, flush=True)  # noqa: T201 - this is the answer
    os._exit(0)


if __name__ == "__main__":
    main()
