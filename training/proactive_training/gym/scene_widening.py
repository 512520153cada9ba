"""Widens scenes: a language model writes new ones after them; what is no scene or told before is set aside.

What was answered is kept beside the new file, so that a run that was killed goes on where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import orjson
from attrs import Factory, define, evolve

from proactive_inference.models.chat import ChatModel
from proactive_training.answer_cache import AnswerCache
from proactive_training.errors import DataError
from proactive_training.gym.scene import Scene
from proactive_training.gym.scene_check import NearScenes
from proactive_training.gym.scene_file import scenes_text
from proactive_training.gym.scene_form import FormError, plain_of, schema_of
from proactive_training.gym.scene_prompt import draw, question, read_answer
from proactive_training.kept_lines import KeptLines, key_of
from proactive_training.progress import Progress

TRIES = 3
"""A model is asked at most so many times for each scene that is wanted."""

MOST_TOKENS = 1600
"""How long an answer may be."""

TEMPERATURE = 0.8

INVALID = "invalid"
CUT_OFF = "cut off"
NEAR = "near duplicate"


@define
class Widened:
    """What came of it."""

    scenes: list[Scene] = Factory(list)
    set_aside: Counter[str] = Factory(Counter)  #: by :data:`INVALID`, :data:`CUT_OFF`, :data:`NEAR`
    reasons: Counter[str] = Factory(Counter)  #: what was invalid, by place
    asked: int = 0  #: answers in all
    kept: int = 0  #: of these, from an earlier run
    prompt_tokens: int = 0  #: of all answers
    tokens: int = 0  #: generated, of all answers


def aside_path(out: Path) -> Path:
    """Where what was set aside is written, a line of JSON each."""
    return out.with_name(f"{out.name}.set-aside.jsonl")


def answers_path(out: Path) -> Path:
    """Where the answers are kept."""
    return out.with_name(f"{out.name}.answers.jsonl")


def widen(
    seeds: Sequence[Scene],
    model: ChatModel,
    out: Path,
    count: int,
    *,
    others: Sequence[Scene] = (),
    seed: int = 0,
    temperature: float = TEMPERATURE,
    max_tokens: int = MOST_TOKENS,
    told: Progress | None = None,
) -> Widened:
    """Write up to ``count`` new scenes to a file.

    Args:
        seeds: taken in turn as examples.
        model: asked at most :data:`TRIES` times for each scene.
        out: the new YAML file; answers and what was set aside are kept beside it.
        count: how many scenes are wanted.
        others: further scenes that must not be told again; countries are drawn from them too.
        seed: draws persons, and is handed to the model.
        temperature: of the answers.
        max_tokens: of each answer.
        told: hears how many scenes there are, of how many.

    Raises:
        DataError: there are no seeds, or the file is there and was not made by the same run.
        ModelError: the model cannot be asked; the same call goes on from there.
        TrainingError: the extra ``[bench]`` is not installed.
    """
    if not seeds:
        raise DataError("there are no seeds; give a file of scenes with --seeds")
    run = key_of([[plain_of(one) for one in [*seeds, *others]], model.fingerprint, seed, temperature, max_tokens])
    _begin(out, run)
    answers = AnswerCache(answers_path(out))
    known = NearScenes()
    before = {one.id: one for one in [*others, *seeds]}
    for scene in before.values():
        known.add(scene)
    places = sorted({(one.persona.country, one.persona.language) for one in [*seeds, *others]})
    found = Widened()
    aside: list[bytes] = []
    for number in range(TRIES * count):
        if len(found.scenes) == count:
            break
        if told is not None:
            told(len(found.scenes), count)
        drawn = draw(seeds, places, number, seed)
        ((answer,),) = answers.complete(
            model, [question(drawn)], schema=schema_of(drawn.seed.domain), max_tokens=max_tokens,
            temperature=temperature, seed=seed + number,
        )  # fmt: skip
        found.asked += 1
        found.prompt_tokens += answer.prompt_tokens
        found.tokens += answer.tokens
        reason = ""
        try:
            scene = read_answer(answer.text, drawn, number, model.name)
        except FormError as error:
            sort, reason = INVALID if answer.finished else CUT_OFF, str(error)
            found.reasons[".".join(str(step) for step in error.place if isinstance(step, str)) or reason] += 1
        else:
            if scene.id in before:  # what was widened is widened again
                scene = evolve(scene, id=f"{scene.id}-of-{seed}-{key_of(scene.goal)[:6]}")
            near = known.add(scene)
            if not near:
                found.scenes.append(scene)
                _write(out, scenes_text(found.scenes).encode())
                continue
            sort, reason = NEAR, f"{near[0].similarity:.2f} like {near[0].one}"
        found.set_aside[sort] += 1
        line = {"number": number, "seed": drawn.seed.id, "sort": sort, "reason": reason, "text": answer.text}
        aside.append(orjson.dumps(line) + b"\n")
        _write(aside_path(out), b"".join(aside))
    found.kept = answers.found
    if told is not None:
        told(count, count)
    return found


def _begin(out: Path, run: str) -> None:
    """Look whether the file may be written: it is not there, or the same run has begun it."""
    if not answers_path(out).exists():
        if out.exists():
            raise DataError(f"{out} exists already; give a new file with --out, or delete it first")
        KeptLines(answers_path(out)).keep({"run": run})
        return
    kept = KeptLines(answers_path(out))
    if "run" not in kept or kept["run"] != run:
        raise DataError(
            f"{answers_path(out)} holds answers of a run with other seeds, another model or other settings; "
            "give a new file with --out, or delete both first"
        )


def _write(path: Path, content: bytes) -> None:
    """Replace a file at once, so that whoever is killed leaves a whole one."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}; free some space") from error
