"""The errors of this layer.

::

    ProactiveError             everything this project raises on purpose
    ├── BadEventError          a value that is not an event
    ├── JournalError           the journal cannot be opened, read or written
    └── SourceError            something that reports events cannot be reached or understood

The message is one sentence for the user, with the next step where there is one.
"""


class ProactiveError(Exception):
    """The base of every error this project raises on purpose."""


class BadEventError(ProactiveError, ValueError):
    """A value that is not an event."""


class JournalError(ProactiveError):
    """The journal cannot be opened, read or written."""


class SourceError(ProactiveError):
    """A source of events cannot be reached, or says something that makes no sense."""
