"""Whose question is next: each asker in turn, so that one with many questions does not keep the others waiting."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """Waiting questions; filled and emptied from different threads."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()  # by asker, whose turn it is first
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        with self._changed:
            return sum(map(len, self._waiting.values()))

    def add(self, asker: str, question: T) -> bool:
        """Let a question wait, behind the asker's own others; whether there is anybody left to answer."""
        with self._changed:
            if not self._closed:
                self._waiting.setdefault(asker, deque()).append(question)
                self._changed.notify()
            return not self._closed

    def remove(self, question: T) -> None:
        """Do not answer a question any more, if it still waits."""
        with self._changed:
            for asker, questions in list(self._waiting.items()):
                left = deque(one for one in questions if one is not question)
                if left:
                    self._waiting[asker] = left
                else:
                    del self._waiting[asker]

    def take(self) -> T | None:
        """The next question, once there is one; ``None`` after :meth:`close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            asker, questions = self._waiting.popitem(last=False)
            question = questions.popleft()
            if questions:
                self._waiting[asker] = questions  # behind all others
            return question

    def close(self) -> list[T]:
        """Take no more, and wake who waits; what is left over."""
        with self._changed:
            self._closed = True
            left = [one for questions in self._waiting.values() for one in questions]
            self._waiting.clear()
            self._changed.notify_all()
            return left
