"""The errors of this layer.

::

    ProactiveError             everything this project raises on purpose
    └── GateError              a gate's weights cannot be used
"""

from proactive_collectors.errors import ProactiveError


class GateError(ProactiveError):
    """A gate's weights cannot be used."""
