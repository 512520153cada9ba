"""Adapters go into a model's layers and not into its head, whatever family it is of."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft")

from proactive_training.errors import TrainingError  # noqa: E402 - as above
from proactive_training.stages.adapters import lora_config  # noqa: E402 - what it needs is there
from proactive_training.stages.reward_recipe import RewardRecipe  # noqa: E402

SMALL = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2}


def tiny(family: str, kind: str) -> Any:
    config = getattr(transformers, f"{family}Config")(**SMALL, vocab_size=50, num_labels=1, pad_token_id=0)
    name = f"{family}LMHeadModel" if kind == "LMHead" else f"{family}For{kind}"
    return getattr(transformers, name)(config)


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")  # peft's name for it
@pytest.mark.parametrize("layers", [None, 2])
@pytest.mark.parametrize(
    ("family", "kind", "task", "head", "in_a_layer"),
    [
        ("Llama", "CausalLM", "CAUSAL_LM", "lm_head", 7),
        ("Llama", "SequenceClassification", "SEQ_CLS", "score", 7),
        ("OPT", "CausalLM", "CAUSAL_LM", "lm_head", 6),
        ("GPT2", "LMHead", "CAUSAL_LM", "lm_head", 4),  # with layers of transformers' own class
        ("GPT2", "SequenceClassification", "SEQ_CLS", "score", 4),
        ("Bert", "SequenceClassification", "SEQ_CLS", "classifier", 6),
        ("Roberta", "SequenceClassification", "SEQ_CLS", "classifier", 6),  # its head has a layer named as others
    ],
)
def test_adapters_are_in_the_layers_and_not_in_the_head(
    family: str, kind: str, task: str, head: str, in_a_layer: int, layers: int | None
) -> None:
    model = tiny(family, kind)
    options = RewardRecipe(lora_rank=2, lora_layers=layers, dropout=0.0)
    adapted = peft.get_peft_model(model, lora_config(model, options, task=task))
    places = [name for name, _ in adapted.named_parameters() if "lora_A" in name]
    numbers = {part for name in places for part in name.split(".") if part.isdigit()}
    assert not [name for name in places if f".{head}." in name]
    in_layers = [name for name in places if any(part.isdigit() for part in name.split("."))]
    assert len(in_layers) == in_a_layer * (layers or 3)
    assert numbers == ({"1", "2"} if layers else {"0", "1", "2"})
    learns = {name for name, value in adapted.named_parameters() if value.requires_grad and "lora_" not in name}
    assert bool(learns) == (task == "SEQ_CLS") and all(f".{head}." in name for name in learns)


def test_a_model_without_linear_layers_is_refused() -> None:
    class Embeddings(transformers.PreTrainedModel):  # type: ignore[misc]  # the library has no types
        config_class = transformers.BertConfig

        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.words = torch.nn.Embedding(config.vocab_size, config.hidden_size)

        def get_output_embeddings(self) -> None:
            return None

    with pytest.raises(TrainingError, match="no linear layers"):
        lora_config(Embeddings(transformers.BertConfig(**SMALL, vocab_size=50)), RewardRecipe(lora_rank=2))
