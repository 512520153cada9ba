"""Keeps to itself what the libraries say while models are loaded, taught and saved."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from proactive_inference.models.loading import without_bars


@contextmanager
def quiet() -> Iterator[None]:
    """Without progress bars, and without what the libraries say to one another about names that will change."""
    from transformers.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity_error()  # a head that is new is no news: it is about to be taught
    try:
        with without_bars(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*", category=FutureWarning)
            # Of a base in a GGUF file; no vocabulary is changed.
            warnings.filterwarnings("ignore", message="Could not find a config file", category=UserWarning)
            yield
    finally:
        logging.set_verbosity(level)
