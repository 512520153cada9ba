"""The errors of this layer.

::

    ProactiveError             everything this project raises on purpose
    ├── GateError              a gate's weights cannot be used
    ├── JudgeError             a judge cannot be opened
    ├── ModelError             a language model cannot be opened or asked
    │   └── UnwantedError      a question was taken back before it was answered
    └── AnswerError            what a language model answered cannot be read
"""

from proactive_collectors.errors import ProactiveError


class GateError(ProactiveError):
    """A gate's weights cannot be used."""


class JudgeError(ProactiveError):
    """A judge cannot be opened."""


class ModelError(ProactiveError):
    """A language model cannot be opened or asked."""


class UnwantedError(ModelError):
    """A question was taken back before it was answered; nothing is wrong with the model."""


class AnswerError(ProactiveError):
    """What a language model answered cannot be read."""
