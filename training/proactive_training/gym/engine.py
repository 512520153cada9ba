"""Where the gym's work is done."""

from enum import StrEnum


class Engine(StrEnum):
    """Either comes to the same, to the byte."""

    LOCAL = "local"  #: in processes, or threads, of this machine
    RAY = "ray"  #: on a Ray cluster that runs
