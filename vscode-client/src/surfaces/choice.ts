// Which suggestion a key is about: the nearest to the caret in the file one is in, else the newest.

import type * as vscode from "vscode";
import type { Suggestion } from "../protocol";
import { sameUri } from "./text";

export interface Caret {
  readonly uri: string;
  /** Zero-based. */
  readonly line: number;
}

/** The suggestion that is meant; none if none waits. `suggestions` are oldest first, as the server tells them. */
export function meant(suggestions: readonly Suggestion[], caret: Caret | undefined): Suggestion | undefined {
  let nearest: Suggestion | undefined;
  for (const one of suggestions) {
    if (caret === undefined || !sameUri(one.uri, caret.uri)) continue;
    if (nearest === undefined || Math.abs(one.line - caret.line) <= Math.abs(nearest.line - caret.line)) nearest = one;
  }
  return nearest ?? suggestions.at(-1);
}

/** Where the caret is. */
export function caretOf(editor: vscode.TextEditor | undefined): Caret | undefined {
  return editor && { uri: editor.document.uri.toString(), line: editor.selection.active.line };
}
