"""The folder of a training run: what went in, how it went, and at the end a model that can be opened by its path.

::

    run.json               every option, the seed, versions, the data's fingerprints, the model it began from
    metrics.jsonl          a line for each logged step: step, epoch, loss, learning rate, seconds so far; and of
                           each evaluation
    checkpoints/           where an interrupted run goes on; only whole ones count
    adapter_config.json, adapter_model.safetensors     what was learned, or with --merge and --full
    config.json, model.safetensors                     the whole model; beside it the tokenizer
    proactive_model.json   how the model is to be asked, and from which probability on it speaks
    README.md              the model card

``run.json`` is written at the start and ``finished`` put into it at the end, so that a folder tells how far it is.
"""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from proactive_training.errors import DataError, TrainingError

RUN_FILE = "run.json"
METRICS_FILE = "metrics.jsonl"
CHECKPOINTS = "checkpoints"
WHOLE = "whole"
"""An empty file in a checkpoint that was written to its end."""

_BEGUN = frozenset({RUN_FILE, METRICS_FILE, CHECKPOINTS})

_PACKAGES = ("proactive-lsp", "torch", "transformers", "trl", "peft", "accelerate", "datasets")
_FREE_TO_CHANGE = frozenset({"save_every", "micro_batch", "checkpointing", "check_memory"})


@frozen
class RunDirectory:
    """A run's folder; its methods name and read what lies in it."""

    path: Path
    made: bool = False  #: by this process, just now

    @classmethod
    def create(cls, path: Path, description: Mapping[str, Any]) -> RunDirectory:
        """Make the folder of a new run.

        Raises:
            DataError: something is in the way, or the folder cannot be made.
        """
        if path.is_dir() and (path / RUN_FILE).exists():
            run = cls(path)
            state = "is finished" if run.finished else "was interrupted; go on with it by --resume"
            raise DataError(f"{path} holds a run that {state}, or give a new folder with --out")
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise DataError(f"{path} exists already and is no run; give a new folder with --out")
        run = cls(path, made=True)
        try:
            path.mkdir(parents=True, exist_ok=True)
            run.checkpoints.mkdir()
        except OSError as error:
            raise DataError(f"{path} cannot be made: {error.strerror}; give another folder with --out") from error
        try:
            run.write(RUN_FILE, {**description, "versions": versions(), "started": _now(), "finished": None})
        except OSError as error:
            run.discard()
            raise DataError(
                f"{path} cannot be written: {error.strerror}; give another folder with --out"
            ) from error
        return run

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """The folder of a run that was begun.

        Raises:
            DataError: it is none.
        """
        if not (path / RUN_FILE).is_file():
            raise DataError(f"{path} is no run of 'proactive train': it has no {RUN_FILE}; start without --resume")
        run = cls(path)
        _ = run.description
        return run

    @classmethod
    def begin(
        cls, path: Path, description: Mapping[str, Any], *, resume: bool = False, main: bool = True
    ) -> RunDirectory:
        """The folder of a run that begins, or with ``resume`` goes on where it was begun.

        Args:
            path: the folder.
            description: with ``options`` and ``data``, of which a run that goes on must have the same.
            resume: go on if there is a run; else a new one begins.
            main: whether this process makes the folder, of several that train together.

        Raises:
            TrainingError: it was begun with other options, or on other data.
            DataError: something is in the way, or the folder cannot be made.
        """
        if resume and cls(path).begun:
            run = cls.open(path)
            run.check_same(description)
            return run
        return cls.create(path, description) if main else cls(path)

    @property
    def begun(self) -> bool:
        """Whether there is a run."""
        return (self.path / RUN_FILE).is_file()

    @property
    def description(self) -> dict[str, Any]:
        """What ``run.json`` says.

        Raises:
            DataError: it is damaged.
        """
        return dict(self.read(RUN_FILE, missing=True) or {})

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return bool(self.description.get("finished"))

    def check_same(self, description: Mapping[str, Any]) -> None:
        """Look whether a run that goes on by this description would go on as it began.

        Raises:
            TrainingError: an option that matters differs, or the data do.
        """
        before = self.description
        options, then = description["options"], before.get("options", {})
        fixed = {*options, *then} - free_to_change(description)
        changed = sorted(key for key in fixed if _plain(options.get(key)) != _plain(then.get(key)))
        if changed:
            told = ", ".join(f"{key} was {then.get(key)!r}, now {options.get(key)!r}" for key in changed)
            raise TrainingError(
                f"{self.path} was begun otherwise ({told}); resume with the same options, or give a new --out"
            )
        if before.get("data", {}).get("fingerprint") != description["data"]["fingerprint"]:
            raise TrainingError(
                f"{self.path} was begun on other data; resume with the same data, or give a new --out"
            )

    def finish(self, results: Mapping[str, Any]) -> None:
        """Note that the run came to its end, and with what."""
        self.write(RUN_FILE, {**self.description, "results": dict(results), "finished": _now()})

    # -- what there is of it

    @property
    def kept(self) -> bool:
        """Whether there is anything that a run could go on with: more than how it was begun."""
        return self.latest_checkpoint() is not None or any(path.name not in _BEGUN for path in self.path.glob("*"))

    def discard(self) -> None:
        """Take away what a run is begun with, and its folder if there is nothing else in it."""
        shutil.rmtree(self.checkpoints, ignore_errors=True)
        with suppress(OSError):
            for name in (RUN_FILE, f".{RUN_FILE}.part", METRICS_FILE):
                (self.path / name).unlink(missing_ok=True)
            self.path.rmdir()

    # -- steps

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints."""
        return self.path / CHECKPOINTS

    def latest_checkpoint(self) -> Path | None:
        """The last checkpoint that is whole."""
        found = [
            (int(match[1]), path)
            for path in self.checkpoints.glob("checkpoint-*")
            if (match := re.fullmatch(r"checkpoint-(\d+)", path.name)) and (path / WHOLE).exists()
        ]
        return max(found)[1] if found else None

    def log(self, row: Mapping[str, Any]) -> None:
        """Add a line to the metrics."""
        with (self.path / METRICS_FILE).open("ab") as stream:
            stream.write(orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n")

    def metrics(self) -> Iterator[dict[str, Any]]:
        """The lines of the metrics; half a line, of a run that was killed, is left out."""
        path = self.path / METRICS_FILE
        for line in path.read_bytes().splitlines() if path.exists() else ():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                continue

    def forget_after(self, step: int) -> None:
        """Take out the metrics of later steps: they are about to be done again."""
        kept = [row for row in self.metrics() if row.get("step", 0) <= step]
        path = self.path / METRICS_FILE
        part = path.with_suffix(".part")
        part.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in kept))
        part.replace(path)

    def write(self, name: str, value: Mapping[str, Any]) -> None:
        """Write a JSON file, whole or not at all."""
        part = self.path / f".{name}.part"
        part.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY) + b"\n")
        part.replace(self.path / name)

    def read(self, name: str, *, missing: bool = False) -> Any:
        """A JSON file of the folder.

        Raises:
            DataError: it cannot be read, or is not there though it is not said to be ``missing``.
        """
        path = self.path / name
        if missing and not path.exists():
            return None
        try:
            return orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise DataError(f"{path} cannot be read ({error}); start the run anew with another --out") from error


def free_to_change(description: Mapping[str, Any]) -> frozenset[str]:
    """Options of a run that change nothing about what it learns: another machine may go on with it."""
    matters = set()
    if description.get("kind") == "preference":
        matters.add("micro_batch")  # answers of a micro-batch are set against each other
    if description["options"].get("early_stopping"):
        matters.add("save_every")  # as often it is measured whether to stop
    return _FREE_TO_CHANGE - matters


def versions() -> dict[str, str]:
    """Of Python and of the packages that decide what a run does."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _plain(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value, default=str))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
