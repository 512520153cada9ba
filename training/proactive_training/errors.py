"""The errors of this layer.

::

    ProactiveError             everything this project raises on purpose
    └── TrainingError          training or evaluation cannot start or go on
        └── DataError          data that is missing, or of which nothing can be used
"""

from proactive_collectors.errors import ProactiveError


class TrainingError(ProactiveError):
    """Training or evaluation cannot start or go on."""


class DataError(TrainingError):
    """Data that is missing, or of which nothing can be used."""
