"""The errors of this layer.

::

    ProactiveError             everything this project raises on purpose
    ├── GateError              a gate's weights cannot be used
    ├── JudgeError             a judge cannot be opened
    ├── ModelError             a language model cannot be opened or asked, and will not be until somebody acts
    │   ├── UnavailableError   it cannot be asked now; that may pass by itself
    │   │   └── MidwayError    its server says in the middle of an answer that it failed
    │   └── UnwantedError      a question was taken back before it was answered
    └── AnswerError            what a language model answered cannot be read
"""

from proactive_collectors.errors import ProactiveError


def first_line(error: BaseException) -> str:
    """What an error of another library says, for a sentence of ours: its first line, or else its kind."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


class GateError(ProactiveError):
    """A gate's weights cannot be used."""


class JudgeError(ProactiveError):
    """A judge cannot be opened."""


class ModelError(ProactiveError):
    """A language model cannot be opened or asked: a wrong address, a missing key, an answer that is none.

    Of the bare class it stays so until somebody acts; of :class:`UnavailableError` it may pass by itself.
    """


class UnavailableError(ModelError):
    """A language model cannot be asked now: not there, too slow, busy, or died; it may come back by itself."""

    def __init__(self, message: str, *, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds  #: how long to wait before it is asked again, where it says so


class MidwayError(UnavailableError):
    """A model's server is there, and says in the middle of an answer that it failed at this one."""


class UnwantedError(ModelError):
    """A question was taken back before it was answered; nothing is wrong with the model."""


class AnswerError(ProactiveError):
    """What a language model answered cannot be read."""
