"""Writes a dataset as conversations for fine-tuning elsewhere: chat messages, and LLaMA-Factory's two forms.

One conversation for each moment of which the right answer is known: *silence* where help was not needed, else each
offer that was, or would have been, accepted. Moments where help was needed and no welcome offer is known are left
out: they say what is wrong and not what is right. Question and answer are in the form in which the agent asks a
model; of purpose and thoughts the labels know nothing, so that they stay empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.agent_prompt import AGENT_SYSTEM, agent_messages
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.example import Example
from proactive_training.bench.folders import new_folder
from proactive_training.errors import DataError


class ChatForm(StrEnum):
    """The ways to write a conversation."""

    CHAT = "chat"  #: ``messages`` of ``role`` and ``content``
    SHAREGPT = "sharegpt"  #: LLaMA-Factory's ``conversations`` of ``from`` and ``value``
    ALPACA = "alpaca"  #: LLaMA-Factory's ``instruction``, ``input``, ``output``


@frozen
class Conversation:
    """What a model is told, and what it should answer."""

    told: str
    answer: str
    system: str = AGENT_SYSTEM

    def row(self, form: ChatForm) -> dict[str, Any]:
        """The conversation in one of the forms."""
        if form is ChatForm.CHAT:
            turns = (("system", self.system), ("user", self.told), ("assistant", self.answer))
            return {"messages": [{"role": role, "content": content} for role, content in turns]}
        if form is ChatForm.SHAREGPT:
            spoken = (("human", self.told), ("gpt", self.answer))
            return {"conversations": [{"from": who, "value": v} for who, v in spoken], "system": self.system}
        return {"instruction": self.told, "input": "", "output": self.answer, "system": self.system}


def export_chat(dataset: Dataset, form: ChatForm, out: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Write ``SPLIT.jsonl`` for each split, and ``dataset_info.json``, by which LLaMA-Factory finds them.

    Returns how many conversations each file has, and how many moments were left out, by reason.

    Raises:
        DataError: ``out`` is in the way, the dataset cannot be read, or no answer is known of any moment.
    """
    written: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    with new_folder(out) as folder:
        for split in dataset.splits:
            path = folder / f"{split}.jsonl"
            with path.open("wb") as stream:
                for record in dataset.records(split):
                    for conversation in conversations(record, left_out):
                        stream.write(orjson.dumps(conversation.row(form)) + b"\n")
                        written[path.name] += 1
            if not written[path.name]:
                path.unlink()
        found = {name: count for name, count in written.items() if count}
        if not found:
            raise DataError(
                f"of no moment in {dataset.folder} is the right answer known; there is nothing to teach"
            )
        info = {f"proactive_bench_{Path(name).stem}": _info(form, name) for name in found}
        (folder / "dataset_info.json").write_bytes(orjson.dumps(info, option=orjson.OPT_INDENT_2) + b"\n")
    return found, dict(left_out)


def conversations(record: Record, left_out: Counter[str] | None = None) -> Iterator[Conversation]:
    """The conversations of one sitting, by moment."""
    moments: dict[int, list[Example]] = {}
    for example in record.examples:
        moments.setdefault(example.index, []).append(example)
    for index, examples in sorted(moments.items()):
        answers = _answers(examples)
        if not answers and left_out is not None:
            left_out["help was needed, or may have been, and no welcome offer is known"] += 1
        for proposal in answers:
            system, told = agent_messages(record.sitting.trace.window(index))
            answer = AgentAnswer(task=proposal, response=proposal or "")
            yield Conversation(told.content, answer.to_json(), system.content)


def _answers(examples: list[Example]) -> list[str | None]:
    need = [example.label.need for example in examples if example.label.need is not None]
    if need and not any(need):
        return [None]
    welcome = (e.offer.task for e in examples if e.offer and e.label.accepted)
    return list(dict.fromkeys(welcome))


def _info(form: ChatForm, file: str) -> dict[str, Any]:
    """As LLaMA-Factory's data/README.md describes dataset_info.json."""
    if form is ChatForm.ALPACA:
        columns = {"prompt": "instruction", "query": "input", "response": "output", "system": "system"}
        return {"file_name": file, "columns": columns}
    if form is ChatForm.SHAREGPT:
        columns = {"messages": "conversations", "system": "system"}
        return {"file_name": file, "formatting": "sharegpt", "columns": columns}
    tags = {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
        "system_tag": "system",
    }
    return {"file_name": file, "formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags}
