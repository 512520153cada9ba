"""A user who does a sitting's commits again, and answers suggestions as the history bears them out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from proactive_collectors.text import split_lines
from proactive_inference.proposal import FileEdit, Suggestion
from proactive_training.bench.example import Verdict
from proactive_training.gym.acts import Act, Commit, Type
from proactive_training.gym.hindsight import Judgement, judge
from proactive_training.gym.loop import Answer, Reply
from proactive_training.gym.plan import plan
from proactive_training.gym.replay_environment import ReplayEnvironment
from proactive_training.gym.replay_workspace import path_of
from proactive_training.gym.work import CommitWork, SittingWork

DISMISSAL_SECONDS = (2.0, 8.0)
ACCEPTANCE_SECONDS = (2.0, 10.0)


class ReplayingUser:
    """Works through the commits, one after the other.

    An offer that the rest of the sitting bears out in full or nearly so is taken, one that it does not bear out at
    all is dismissed, and all else is left unanswered.

    Args:
        work: the sitting.
        environment: where it is done.
        rng: draws.
        tests: the command that runs the tests; empty: none are run.
    """

    def __init__(
        self, work: SittingWork, environment: ReplayEnvironment, rng: random.Random, tests: str = ""
    ) -> None:
        self._environment = environment
        self._rng = rng
        self._tests = tests
        self._left = list(work.commits)
        self._acts: Iterator[Act] | None = None
        self.slips: set[tuple[str, str]] = set()  #: paths and lines that the history does not have, as written

    @property
    def commit(self) -> CommitWork | None:
        """The commit under way."""
        return self._left[0] if self._left else None

    def act(self) -> Act | None:
        """The next act."""
        while self._left:
            if self._acts is None:
                self._acts = plan(self._left[0], self._read, self._environment.opened, self._rng, self._tests)
            act = next(self._acts, None)
            if act is None or isinstance(act, Commit):
                self._left.pop(0)
                self._acts = None
            if isinstance(act, Type) and act.slip:
                lines = (line.strip() for change in act.changes for line in change.new_text.splitlines())
                after = self._after(act.path)
                self.slips.update((act.path, line) for line in lines if line and line not in after)
            if act is not None:
                return act
        return None

    def still_means(self, act: Act) -> bool:
        """An edit was applied meanwhile: plan anew, but for a commit, which comes as planned."""
        if isinstance(act, Commit):
            return True
        self._acts = None
        return False

    def judge(self, suggestion: Suggestion) -> Judgement:
        """What the rest of the sitting says of a suggestion with edits."""
        return judge(suggestion.proposal.edits, self.now, self.then)

    def reply(self, suggestion: Suggestion) -> Reply:
        """Take, dismiss, or leave it."""
        if not suggestion.proposal.edits:
            return Reply(Answer.IGNORE)
        judged = self.judge(suggestion)
        if judged.mostly:
            return Reply(Answer.ACCEPT, self._rng.uniform(*ACCEPTANCE_SECONDS))
        if judged.verdict is Verdict.NONE:
            return Reply(Answer.DISMISS, self._rng.uniform(*DISMISSAL_SECONDS))
        return Reply(Answer.IGNORE)

    def is_history(self, path: str, text: str) -> bool:
        """Whether the history has these lines of a file, before or after the commit under way.

        Of a file that the commit leaves alone, all that stands is history.
        """
        files = [file for file in self.commit.files if file.path == path] if self.commit else []
        return not files or any(text in (file.before or "") or text in (file.after or "") for file in files)

    def _after(self, path: str) -> str:
        return next((file.after or "" for one in self._left for file in one.files if file.path == path), "")

    def planted(self, edits: Iterable[FileEdit]) -> bool:
        """Whether edits touch only lines that the history never had: slips and half-lines of the replay's own."""
        for file in edits:
            path = path_of(file.uri)
            lines = split_lines(self._read(path) or "")
            for edit in file.edits:
                touched = "".join(lines[edit.range.start.line : edit.range.end.line + 1]).strip()
                if self.is_history(path, touched):
                    return False
        return True

    def then(self, uri: str) -> str | None:
        """A file's text at the end of the sitting; ``None`` if it is gone or cannot be told."""
        path = path_of(uri)
        for commit in reversed(self._left):
            if path in commit.unreadable:
                return None
            for file in commit.files:
                if file.path == path:
                    return file.after
                if file.renamed_from == path:
                    return None
        return self._read(path)

    def now(self, uri: str) -> str | None:
        """A file's text as it stands."""
        return self._read(path_of(uri))

    def _read(self, path: str) -> str | None:
        return self._environment.workspace.text(path)
