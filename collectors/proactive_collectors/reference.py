"""Writes the pages on events: ``python -m proactive_collectors.reference [FOLDER]`` (``docs``, if not given).

These are ``events.md`` and ``proactive-event.schema.json``. Meanings and fields come from the event classes and
their comments, sentences from `proactive_collectors.sentences`.
"""

from __future__ import annotations

import inspect
import re
import sys
import typing
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import orjson

from proactive_collectors.client_schema import CLIENT_KINDS, DIAGNOSTICS, json_schema
from proactive_collectors.event_json import from_dict
from proactive_collectors.events import PAYLOADS, Failure, Payload, Source, Where, json_name

_FAILURE = {
    "message": "NameError: name 'np' is not defined",
    "path": "src/stats.py",
    "line": 11,
    "test": "tests/test_stats.py::test_mean",
    "error": "NameError",
    "symbol": "mean",
}
_FILE = {"uri": "file:///home/ada/app/src/stats.py", "workspace": "file:///home/ada/app", "language": "python"}
_FOLDER = {"workspace": "file:///home/ada/app"}
_DIAGNOSTIC = {
    "message": '"np" is not defined',
    "code": "reportUndefinedVariable",
    "tool": "basedpyright",
}
_COMMIT = "4f2a9c1e0b7d5a3c8e6f1d2b9a0c7e5f3d1b8a6c"
_OFFER = {
    "suggestion": "s-17",
    "play": "failed_run.missing_import",
    "key": "failed_run.missing_import:np",
    "title": "Import numpy as np",
}
_EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "document.opened": (_FILE, {"lines": 240}),
    "document.closed": (_FILE, {}),
    "document.saved": (_FILE, {}),
    "document.focused": (_FILE, {}),
    "edit.burst": (
        {**_FILE, "range": [11, 4, 11, 4], "symbol": "mean"},
        {
            "changes": [{"range": [11, 4, 11, 4], "old_text": "", "new_text": "return np.mean(values)"}],
            "keystrokes": 22,
            "seconds": 4.5,
        },
    ),
    "selection.changed": ({**_FILE, "range": [11, 4, 12, 0]}, {"selecting": True}),
    "diagnostic.appeared": ({**_FILE, "range": [11, 11, 11, 13]}, _DIAGNOSTIC),
    "diagnostic.lingering": ({**_FILE, "range": [11, 11, 11, 13]}, {**_DIAGNOSTIC, "seconds": 12.0}),
    "diagnostic.resolved": ({**_FILE, "range": [11, 11, 11, 13]}, {**_DIAGNOSTIC, "seconds": 47.0}),
    "terminal.run": (
        _FOLDER,
        {
            "command": "pytest -q",
            "cwd": "/home/ada/app",
            "exit_code": 1,
            "seconds": 2.4,
            "output": "E   NameError: name 'np' is not defined\n1 failed, 12 passed in 2.1s\n",
            "failures": [_FAILURE],
        },
    ),
    "task.run": (
        _FOLDER,
        {
            "name": "stats",
            "kind": "test",
            "cwd": "/home/ada/app",
            "exit_code": 1,
            "seconds": 8.0,
            "failures": [_FAILURE],
        },
    ),
    "debug.stopped": ({**_FILE, "range": [11, 0, 11, 0]}, {"reason": "exception", "message": "NameError: np"}),
    "git.committed": (_FOLDER, {"commit": _COMMIT, "subject": "Add the mean", "branch": "main"}),
    "git.switched": (_FOLDER, {"branch": "release", "previous": "main"}),
    "git.conflicted": (_FOLDER, {"operation": "rebase", "paths": ["src/stats.py"]}),
    "web.visited": (
        {},
        {"url": "https://numpy.org/doc/stable/", "title": "NumPy documentation", "seconds": 35.0},
    ),
    "web.searched": ({}, {"query": "numpy mean axis", "engine": "duckduckgo.com"}),
    "window.focused": ({}, {"app": "firefox", "title": "NumPy documentation"}),
    "idle.began": ({}, {}),
    "idle.ended": ({}, {"seconds": 420.0}),
    "observed": ({}, {"sentence": "The user opened the file 'stats.py'."}),
    "suggestion.shown": (_FILE, _OFFER),
    "suggestion.accepted": (_FILE, _OFFER),
    "suggestion.dismissed": (_FILE, _OFFER),
    "suggestion.ignored": (_FILE, _OFFER),
    "suggestion.superseded": (_FILE, _OFFER),
    "suggestion.done_alone": (_FILE, _OFFER),
    "agent.snoozed": (_FOLDER, {"scope": "workspace", "minutes": 60.0}),
}
_DIAGNOSTICS_EXAMPLE = {
    "kind": DIAGNOSTICS,
    "where": {"uri": _FILE["uri"]},
    "data": {"items": [{"range": [11, 11, 11, 13], "severity": "error", **_DIAGNOSTIC}]},
}

_SOURCES = {
    "document": Source.LSP,
    "edit": Source.LSP,
    "observed": Source.DATASET,
    "suggestion": Source.AGENT,
    "agent": Source.AGENT,
}  # of kinds that an editor does not report; by the first part

_HEAD = """\
# Events

Everything that is observed is an event: one JSON object with a time (UTC), the kind, where it took place, and
the kind's own data. Fields that hold their default are left out. `proactive events export` writes one such
object a line, and with `--decisions` what was decided, one object a line as in
[the timeline](protocol.md#the-timeline), without `order`, `fate` and `text`.

An editor sees more than the Language Server Protocol carries: terminals, tasks, the debugger, the diagnostics of
all servers. It reports them with the notification **`proactive/event`**, whose parameters are one event:

- `time` may be left out; then the time of arrival counts, as it does where the client's clock is off.
- `source` is not needed and not believed.
- Lines and characters count from zero; characters in UTF-16 code units, as the protocol counts by default.
  (In what is kept and exported, they are code points.)
- Send a run's `output` as the terminal received it, escape sequences included; some 64 KiB from its end are
  plenty. The failures are read out of it unless you send some.
- Leave out this server's own diagnostics.
- Unknown kinds and malformed events are logged and ignored; unknown fields are passed over.

The form is defined by [proactive-event.schema.json](proactive-event.schema.json) (JSON Schema, draft 2020-12).

## Sending them

VS Code, with the package `vscode-languageclient`:

```typescript
const outputs = new WeakMap<vscode.TerminalShellExecution, { started: number; text: string }>();

vscode.window.onDidStartTerminalShellExecution(async ({ execution }) => {
  const output = { started: Date.now(), text: "" };
  outputs.set(execution, output);
  for await (const chunk of execution.read()) output.text = (output.text + chunk).slice(-65536);
});

vscode.window.onDidEndTerminalShellExecution(({ execution, exitCode }) => {
  const output = outputs.get(execution);
  void client.sendNotification("proactive/event", {
    kind: "terminal.run",
    data: {
      command: execution.commandLine.value,
      cwd: execution.cwd?.fsPath ?? null,
      exit_code: exitCode ?? null,
      seconds: output ? (Date.now() - output.started) / 1000 : null,
      output: output?.text ?? "",
    },
  });
});
```

Neovim 0.11:

```lua
local severities = { "error", "warning", "information", "hint" }

local function utf16(buffer, line, byte)
  local text = vim.api.nvim_buf_get_lines(buffer, line, line + 1, false)[1] or ""
  return vim.str_utfindex(text, "utf-16", math.min(byte, #text), false)
end

vim.api.nvim_create_autocmd("DiagnosticChanged", {
  callback = function(change)
    local items = {}
    for _, d in ipairs(vim.diagnostic.get(change.buf)) do
      if d.source ~= "proactive" then
        local last = d.end_lnum or d.lnum
        local from, to = utf16(change.buf, d.lnum, d.col), utf16(change.buf, last, d.end_col or d.col)
        table.insert(items, {
          range = { d.lnum, from, last, to },
          message = d.message,
          severity = severities[d.severity],
          code = d.code,
          tool = d.source,
        })
      end
    end
    for _, client in ipairs(vim.lsp.get_clients({ name = "proactive" })) do
      client:notify("proactive/event", {
        kind = "diagnostics",
        where = { uri = vim.uri_from_bufnr(change.buf) },
        data = { items = items },
      })
    end
  end,
})
```

Emacs, with Eglot:

```elisp
(defun my-report-compilation (buffer how)
  (when-let ((server (eglot-current-server)))
    (jsonrpc-notify
     server :proactive/event
     `(:kind "task.run"
       :data (:name ,compile-command
              :cwd ,(expand-file-name default-directory)
              :exit_code ,(if (string-prefix-p "finished" how) 0 1)
              :output ,(with-current-buffer buffer
                         (buffer-substring-no-properties
                          (max (point-min) (- (point-max) 65536)) (point-max))))))))
(add-hook 'compilation-finish-functions #'my-report-compilation)
```
"""


def examples() -> dict[str, dict[str, Any]]:
    """One event of each kind, in its JSON form."""
    made: dict[str, dict[str, Any]] = {}
    for kind in PAYLOADS:
        where, data = _EXAMPLES[kind]
        source = _SOURCES.get(kind.partition(".")[0], Source.CLIENT)
        made[kind] = {"time": "2026-01-31T09:30:00.000000Z", "source": source.value, "kind": kind}
        made[kind] |= {name: part for name, part in (("where", where), ("data", data)) if part}
    return made


def client_examples() -> dict[str, dict[str, Any]]:
    """One message of each kind that an editor may report."""
    made = {kind: {k: v for k, v in example.items() if k != "source"} for kind, example in examples().items()}
    return {kind: made[kind] for kind in CLIENT_KINDS} | {DIAGNOSTICS: _DIAGNOSTICS_EXAMPLE}


def events_page() -> str:
    """The whole of docs/events.md."""
    clients = ["## What an editor may report", *(_section(kind) for kind in CLIENT_KINDS), _diagnostics()]
    others = [kind for kind in PAYLOADS if kind not in CLIENT_KINDS]
    rest = ["## What the server finds out itself", *(_section(kind) for kind in others)]
    shared = ["## Where, and failures", _table(Where, "`where`"), _table(Failure, "each of `failures`")]
    return "\n\n".join([_HEAD.rstrip(), *clients, *rest, *shared]) + "\n"


def _section(kind: str) -> str:
    cls = PAYLOADS[kind]
    example = (client_examples() if kind in CLIENT_KINDS else examples())[kind]
    parts = [f"### {kind}", _markdown(inspect.cleandoc(cls.__doc__ or "")), _table(cls, "`data`")]
    parts += [_json(example), f"> {_sentence(example)}"]
    return "\n\n".join(part for part in parts if part)


def _diagnostics() -> str:
    return "\n\n".join(
        [
            f"### {DIAGNOSTICS}",
            "All that the servers and linters of the editor say of one document, each time it changes. Not an "
            "event itself: the server makes out what appeared, what lingers and what is gone. A `code` may be a "
            "number.",
            _json(_DIAGNOSTICS_EXAMPLE),
        ]
    )


def _sentence(example: dict[str, Any]) -> str:
    from proactive_collectors.sentences import sentence

    return sentence(from_dict(example))


def _table(cls: type[Any], title: str) -> str:
    comments, hints = field_comments(cls), typing.get_type_hints(cls)
    rows = []
    for field in attrs.fields(cls):
        default = "" if field.default in (attrs.NOTHING, None, "", ()) else f"`{_plain(field.default)}`"
        rows.append(
            f"| `{json_name(field)}` | {_type(hints[field.name])} | {default} | {comments.get(field.name, '')} |"
        )
    return "\n".join([f"| {title} | type | default | |", "|---|---|---|---|", *rows]) if rows else ""


def _type(hint: Any) -> str:
    """A field's type in the words of JSON."""
    arguments = typing.get_args(hint)
    if type(None) in arguments:
        return f"{_type(arguments[0])} or null"
    if arguments:
        return f"list of {_type(arguments[0])}s"
    if issubclass(hint, Enum):
        return ", ".join(f"`{member.value}`" for member in hint)
    names = {str: "string", int: "integer", float: "number", bool: "boolean"}
    return names.get(hint) or str(hint.__name__).lower()


def field_comments(cls: type[Any]) -> dict[str, str]:
    """What the ``#:`` comments in the source say of a class's fields, those it inherits included."""
    comments: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base not in (object, Payload):
            source = inspect.getsource(base)
            comments |= dict(re.findall(r"^    (\w+): [^\n]*?#: ?([^\n]*)$", source, re.MULTILINE))
    return {name: _markdown(comment) for name, comment in comments.items()}


def _markdown(text: str) -> str:
    return text.replace("``None``", "null").replace("``", "`").replace("|", "\\|")


def _plain(value: Any) -> str:
    return orjson.dumps(value).decode()


def _json(value: Any) -> str:
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    text = re.sub(
        r"\[[\d,\s]+\]", lambda range_: " ".join(range_[0].split()).replace("[ ", "[").replace(" ]", "]"), text
    )
    return f"```json\n{text}\n```"


def schema_text() -> str:
    """The whole of docs/proactive-event.schema.json."""
    return orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2).decode() + "\n"


def main(folder: Path) -> None:
    """Write both files into ``folder``."""
    (folder / "events.md").write_text(events_page(), encoding="utf-8")
    (folder / "proactive-event.schema.json").write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
