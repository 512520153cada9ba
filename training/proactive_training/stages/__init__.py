"""The stages of training a language model: examples, tokens, batches, the run itself."""
