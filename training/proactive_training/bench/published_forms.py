"""A reward row and an item of a trace as plain JSON values, made from examples: what reading and writing share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from proactive_collectors.events import Event, Observed
from proactive_collectors.sentences import sentence
from proactive_training.bench.example import Example, Sitting
from proactive_training.bench.json_style import LINE_STYLES, JsonStyle, style_of_line
from proactive_training.bench.published_files import truth_of

_ITEM = ("observation", "agent_response")


def time_of(sitting: Sitting, index: int) -> str:
    """An event's time as published, or else in unix seconds, as short as they go: ``"1717338347.59"``."""
    if sitting.times:
        return sitting.times[index]
    return f"{sitting.trace.events[index].time.timestamp():.6f}".rstrip("0").rstrip(".")


def texts_of(sitting: Sitting) -> list[str]:
    """The texts of all events."""
    return [text_of(event) for event in sitting.trace.events]


def text_of(event: Event) -> str:
    """An observed event's own text, any other's sentence."""
    return event.data.sentence if isinstance(event.data, Observed) else sentence(event)


def observations_of(sitting: Sitting) -> list[dict[str, Any]]:
    """All events in the published form."""
    return [_observation(sitting, index) for index in range(len(sitting.trace.events))]


def reward_row(observations: Sequence[dict[str, Any]], example: Example) -> dict[str, Any]:
    """An example of a sitting with these events in the form of the reward data, in the published order of keys."""
    category = example.category
    return {
        "obs": list(observations[: example.index + 1]),
        "pred_task": example.offer.task if example.offer else None,
        "valid": example.label.accepted,
        "help_needed": example.label.need,
        "annotation": list(example.label.votes),
        "category": category.value if category else None,
    }


def rest_of_row(text: str, row: dict[str, Any]) -> str:
    """What has to be kept of a line that ``row`` was made of, so that :func:`row_text` gives it back."""
    style = style_of_line(text, row)
    if style == LINE_STYLES[0]:
        return ""
    kept = {"style": LINE_STYLES.index(style)} if style else {"text": text}
    return orjson.dumps(kept).decode()


def row_text(row: dict[str, Any], rest: str) -> str:
    """The line of a row, as it was written where that is known and the row still says the same."""
    kept = orjson.loads(rest) if rest else {}
    if (text := kept.get("text")) is not None and _agree(orjson.loads(text), row):
        return str(text)
    number = kept.get("style", 0)
    return LINE_STYLES[number if number in range(len(LINE_STYLES)) else 0].dumps(row)


def _agree(written: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether a line says what the row says; what the line has besides, or says in its own way, is no matter."""
    events = [(str(event["time"]), event["event"]) for event in written["obs"]]
    return (
        events == [(event["time"], event["event"]) for event in row["obs"]]
        and task_of(written) == row["pred_task"]
        and accepted_of(written) == row["valid"]
        and written["help_needed"] == row["help_needed"]
        and list(votes_of(written)) == row["annotation"]
    )


def task_of(row: dict[str, Any]) -> str | None:
    """The task of a reward row; a blank one is silence, one that is no string is told in JSON."""
    task = row.get("pred_task")
    if task is None or isinstance(task, str):
        return task if task and task.strip() else None
    return orjson.dumps(task).decode()


def need_of(row: dict[str, Any]) -> bool:
    """Whether help was needed."""
    return bool(truth_of(row["help_needed"]))


def accepted_of(row: dict[str, Any]) -> bool | None:
    """Whether the task, or the silence, was right by the majority; ``None`` if the row does not say.

    In all published rows with a task ``valid`` is the majority of the votes, which stands for it where it is
    missing; of silences it is not.
    """
    valid, votes = truth_of(row.get("valid")), votes_of(row)
    if valid is None and task_of(row) is not None and sum(votes) * 2 != len(votes):
        return sum(votes) * 2 > len(votes)
    return valid


def votes_of(row: dict[str, Any]) -> tuple[bool, ...]:
    """The annotators' votes."""
    votes = row.get("annotation")
    found = map(truth_of, votes) if isinstance(votes, list) else ()
    return tuple(vote for vote in found if vote is not None)


def tasks_of(item: dict[str, Any]) -> tuple[str, ...]:
    """What an item of a trace offers: candidate tasks, or a model's answers; nothing is silence."""
    response = item.get("agent_response")
    if isinstance(response, dict):
        response = response.get("candidate_task")
    if isinstance(response, str):
        response = [response]
    if not isinstance(response, list):
        return ()
    return tuple(task for task in response if isinstance(task, str) and task.strip())


def response_problem(item: dict[str, Any]) -> str:
    """Why a model's response is neither tasks nor silence; empty if it is one of them."""
    if "agent_response" not in item:
        return "no 'agent_response'"
    response = item["agent_response"]
    if isinstance(response, dict):
        response = response.get("candidate_task", response)
    parts = response if isinstance(response, list) else [response]
    known = all(part is None or isinstance(part, str) for part in parts)
    return "" if known else "'agent_response' is no list of tasks"


def trace_item(
    sitting: Sitting, index: int, tasks: Sequence[str], rest: str, *, candidates: bool
) -> dict[str, Any]:
    """An item of a trace (``candidates``) or of a model's answers, in the published order of keys."""
    kept = orjson.loads(rest) if rest else {}
    if "whole" in kept and tasks_of(kept["whole"]) == tuple(tasks):
        whole: dict[str, Any] = kept["whole"]
        return whole
    kept.pop("whole", None)
    observation = kept.pop("observation", None) or _observation(sitting, index)
    response: Any = kept.pop("agent_response", None)
    if response is None or tasks_of({"agent_response": response}) != tuple(tasks):
        response = {"candidate_task": list(tasks)} if candidates else list(tasks)
    return {"observation": observation, "agent_response": response, **kept}


def rest_of_item(
    item: dict[str, Any], sitting: Sitting, index: int, tasks: Sequence[str], *, candidates: bool
) -> str:
    """What has to be kept of an item, so that :func:`trace_item` gives it back, keys in order."""
    plain = trace_item(sitting, index, tasks, "", candidates=candidates)
    kept = {key: value for key, value in item.items() if key not in _ITEM or value != plain[key]}
    # In the order in which they stand, so that the item's own order comes back where it is the usual one.
    rest = orjson.dumps(kept).decode() if kept else ""
    plain_style = JsonStyle()
    if plain_style.dumps(trace_item(sitting, index, tasks, rest, candidates=candidates)) == plain_style.dumps(
        item
    ):
        return rest
    return orjson.dumps({"whole": item}).decode()


def _observation(sitting: Sitting, index: int) -> dict[str, Any]:
    return {"time": time_of(sitting, index), "event": text_of(sitting.trace.events[index])}
