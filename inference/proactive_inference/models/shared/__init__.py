"""One process per model and user that holds the model in memory, for all the editors of that user.

`model.SharedModel` is what the language server asks; the first question starts the process (`worker`). Nothing on
the asking side imports torch or transformers.
"""
