"""Which language a file is in, by the identifiers of the Language Server Protocol, and how it writes comments."""

from __future__ import annotations

from attrs import frozen

from proactive_collectors.uris import name

_BY_SUFFIX = {
    "adoc": "asciidoc", "asciidoc": "asciidoc", "bash": "shellscript", "bat": "bat", "bib": "bibtex", "c": "c",
    "cc": "cpp", "cfg": "ini", "cjs": "javascript", "clj": "clojure", "cljs": "clojure", "cmake": "cmake",
    "cmd": "bat", "conf": "ini", "cpp": "cpp", "cs": "csharp", "css": "css", "csv": "csv", "cts": "typescript",
    "cxx": "cpp", "dart": "dart", "diff": "diff", "el": "lisp", "erl": "erlang", "ex": "elixir", "exs": "elixir",
    "fish": "fish", "fs": "fsharp", "go": "go", "gql": "graphql", "gradle": "groovy", "graphql": "graphql",
    "groovy": "groovy", "h": "c", "hh": "cpp", "hpp": "cpp", "hs": "haskell", "htm": "html", "html": "html",
    "hxx": "cpp", "ini": "ini", "ipynb": "json", "java": "java", "jl": "julia", "js": "javascript",
    "json": "json", "json5": "json5", "jsonc": "jsonc", "jsonl": "jsonl", "jsx": "javascriptreact",
    "kt": "kotlin", "kts": "kotlin", "latex": "latex", "less": "less", "lua": "lua", "m": "objective-c",
    "markdown": "markdown", "md": "markdown", "mdx": "mdx", "mjs": "javascript", "mk": "makefile",
    "ml": "ocaml", "mli": "ocaml", "mts": "typescript", "nim": "nim", "nix": "nix", "org": "org",
    "patch": "diff", "php": "php", "pl": "perl", "pm": "perl", "properties": "properties", "proto": "proto",
    "ps1": "powershell", "psm1": "powershell", "py": "python", "pyi": "python", "pyw": "python", "r": "r",
    "rake": "ruby", "rb": "ruby", "rs": "rust", "rst": "restructuredtext", "sass": "sass", "scala": "scala",
    "scss": "scss", "sh": "shellscript", "sql": "sql", "svelte": "svelte", "svg": "xml", "swift": "swift",
    "tex": "latex", "text": "plaintext", "tf": "terraform", "toml": "toml", "ts": "typescript",
    "tsx": "typescriptreact", "txt": "plaintext", "vim": "viml", "vue": "vue", "xml": "xml", "xsd": "xml",
    "yaml": "yaml", "yml": "yaml", "zig": "zig", "zsh": "shellscript",
}  # fmt: skip

_BY_NAME = {
    ".bash_profile": "shellscript", ".bashrc": "shellscript", ".editorconfig": "ini", ".gitattributes": "ignore",
    ".gitconfig": "ini", ".gitignore": "ignore", ".profile": "shellscript", ".zshrc": "shellscript",
    "changelog": "plaintext", "cmakelists.txt": "cmake", "commit_editmsg": "git-commit",
    "containerfile": "dockerfile", "dockerfile": "dockerfile", "gemfile": "ruby", "gnumakefile": "makefile",
    "go.mod": "go.mod", "justfile": "just", "license": "plaintext", "makefile": "makefile",
    "merge_msg": "git-commit", "rakefile": "ruby", "readme": "plaintext", "vagrantfile": "ruby",
}  # fmt: skip

# What editors call a language in their own way (mostly Neovim's file types), and what the protocol calls it.
_ALIASES = {
    "bash": "shellscript", "c++": "cpp", "conf": "ini", "cs": "csharp", "dosini": "ini", "gitcommit": "git-commit",
    "gitignore": "ignore", "gomod": "go.mod", "javascript.jsx": "javascriptreact", "js": "javascript",
    "jsx": "javascriptreact", "make": "makefile", "ps1": "powershell", "py": "python", "python3": "python",
    "rst": "restructuredtext", "sh": "shellscript", "tex": "latex", "text": "plaintext", "ts": "typescript",
    "tsx": "typescriptreact", "typescript.tsx": "typescriptreact", "vim": "viml", "yml": "yaml",
    "zsh": "shellscript",
}  # fmt: skip

_PROSE = frozenset({"asciidoc", "git-commit", "latex", "markdown", "mdx", "org", "plaintext", "restructuredtext"})


@frozen
class CommentStyle:
    """How a language marks its comments."""

    line: tuple[str, ...] = ()  #: what begins a comment that goes to the line's end
    block: tuple[str, str] | None = None  #: what begins and what ends one that may span lines
    trailing: bool = True  #: whether a line's mark may also stand behind something else


_C_LIKE = CommentStyle(("//",), ("/*", "*/"))
_HASH = CommentStyle(("#",))
_MARKUP = CommentStyle((), ("<!--", "-->"))
_SEMICOLON = CommentStyle((";",))

_COMMENTS = {
    **dict.fromkeys(
        ("c", "cpp", "csharp", "dart", "fsharp", "go", "go.mod", "groovy", "java", "javascript",
         "javascriptreact", "json5", "jsonc", "kotlin", "less", "objective-c", "php", "proto", "rust", "sass",
         "scala", "scss", "swift", "typescript", "typescriptreact", "zig"), _C_LIKE),
    **dict.fromkeys(
        ("cmake", "dockerfile", "elixir", "fish", "git-commit", "graphql", "ignore", "julia", "just", "makefile",
         "nim", "nix", "perl", "powershell", "python", "r", "ruby", "shellscript", "terraform", "toml", "yaml"),
        _HASH),
    **dict.fromkeys(("html", "markdown", "svelte", "vue", "xml"), _MARKUP),
    **dict.fromkeys(("clojure", "lisp"), _SEMICOLON),
    "asciidoc": CommentStyle(("//",), trailing=False),
    "bat": CommentStyle(("REM ", "rem ", "::"), trailing=False),
    "bibtex": CommentStyle(("%",)),
    "css": CommentStyle((), ("/*", "*/")),
    "erlang": CommentStyle(("%",)),
    "haskell": CommentStyle(("--",), ("{-", "-}")),
    "ini": CommentStyle(("#", ";")),
    "latex": CommentStyle(("%",)),
    "lua": CommentStyle(("--",), ("--[[", "]]")),
    "mdx": CommentStyle((), ("{/*", "*/}")),
    "ocaml": CommentStyle((), ("(*", "*)")),
    "properties": CommentStyle(("#", "!")),
    "sql": CommentStyle(("--",), ("/*", "*/")),
    "viml": CommentStyle(('"',), trailing=False),
}  # fmt: skip

_NO_COMMENTS = CommentStyle()


def language_of(uri_or_path: str) -> str | None:
    """The language of a file, by its name alone; ``None`` if the name does not tell."""
    file = name(uri_or_path.replace("\\", "/")).lower()
    if file in _BY_NAME:
        return _BY_NAME[file]
    stem, dot, suffix = file.rpartition(".")
    if dot and suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    # Dockerfile.dev, Makefile.local
    return _BY_NAME.get(stem.partition(".")[0]) if dot else None


def normalized(language: str) -> str:
    """The protocol's identifier for a language that an editor names in its own way (``sh``, ``rst``)."""
    language = language.lower()
    return _ALIASES.get(language, language)


def is_prose(language: str | None) -> bool:
    """Whether files in the language are mainly text for people."""
    return language is not None and normalized(language) in _PROSE


def comment_style(language: str | None) -> CommentStyle:
    """How the language marks comments; one that is not known, or has none, marks none."""
    return _COMMENTS.get(normalized(language), _NO_COMMENTS) if language is not None else _NO_COMMENTS
