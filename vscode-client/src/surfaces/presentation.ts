// How it stands, in the words and the icon of the status bar; a pure function.

import type { Health } from "../connection";
import type { Snooze, Status } from "../protocol";
import { isPaused } from "./contextKeys";
import { modelAway, modelLine } from "./languageModel";
import { clock, counted, fileName, place, plain } from "./text";

export interface Presentation {
  /** What the status bar shows: a codicon, and words only where there is something to say. */
  readonly text: string;
  /** Plain text of some lines; never rendered as Markdown. */
  readonly tooltip: string;
  /** What a screen reader says. */
  readonly label: string;
  readonly background?: "statusBarItem.errorBackground";
}

/** The presentation of a state. `now` decides whether a snooze's end is named with its day. */
export function present(health: Health, status: Status | undefined, now: Date): Presentation {
  switch (health.kind) {
    case "missing":
      return {
        text: "$(plug) Set up Proactive",
        tooltip: `Proactive is offline: ${plain(health.problem)}\nClick to set the server up.`,
        label: `Proactive: offline. ${plain(health.problem)} Press to set the server up.`,
      };
    case "failed":
      return {
        text: "$(error) Proactive",
        tooltip: `${plain(health.problem, 300)}\nClick to restart the server or to read its log.`,
        label: `Proactive: error. ${plain(health.problem, 300)} Press to restart the server or to read its log.`,
        background: "statusBarItem.errorBackground",
      };
    case "stopped":
      return {
        text: "$(debug-disconnect) Proactive",
        tooltip: "Proactive is offline: the server is not running.\nClick to start it.",
        label: "Proactive: offline. The server is not running. Press to start it.",
      };
    case "starting":
      return starting;
    case "running":
      return status === undefined ? starting : running(status, now);
  }
}

const starting: Presentation = {
  text: "$(eye-closed)",
  tooltip: "Proactive is starting.",
  label: "Proactive: starting",
};

function running(status: Status, now: Date): Presentation {
  switch (status.state) {
    case "off":
      return {
        text: "$(eye-closed) Paused",
        tooltip: "Proactive is paused: no suggestions. What happens is still kept in the journal on this machine.",
        label: "Proactive: paused",
      };
    case "snoozed": {
      const until = status.snoozedUntil === undefined ? "" : ` until ${clock(new Date(status.snoozedUntil), now)}`;
      return {
        text: `$(bell-slash)${until || " Snoozed"}`,
        tooltip: `Proactive is snoozed${until}.\nClick to end the snooze.`,
        label: `Proactive: snoozed${until}`,
      };
    }
    case "suggestion":
      return waiting(status, now);
    case "thinking":
      return { text: "$(ellipsis)", tooltip: lines("Proactive is thinking.", status, now), label: "Proactive: thinking" };
    case "watching":
      return watching(status, now);
  }
}

function watching(status: Status, now: Date): Presentation {
  const away = modelAway(status.model);
  return {
    // A second, small icon is all there is to see of a model that does not answer: the rest goes on without it.
    text: status.model?.state === "offline" ? "$(eye)$(debug-disconnect)" : "$(eye)",
    tooltip: lines("Proactive is watching.", status, now),
    label: `Proactive: watching${away && `; ${away}`}`,
  };
}

function waiting(status: Status, now: Date): Presentation {
  const { suggestions } = status;
  const number = counted(suggestions.length, "suggestion");
  const titles = suggestions.map((one) => `${plain(one.title)} (${place(one)})`).reverse();
  const verb = suggestions.length === 1 ? "waits" : "wait";
  return {
    text: `$(lightbulb) ${suggestions.length === 1 ? "Suggestion" : number}`,
    tooltip: lines(titles.join("\n"), status, now),
    label: `Proactive: ${number} ${verb}: ${titles.join("; ")}`,
  };
}

/** The first line, and below it where else there is quiet, and how it stands with the language model. */
function lines(first: string, status: Status, now: Date): string {
  return [first, ...quiet(status, now), ...(status.model === undefined ? [] : [modelLine(status.model)])].join("\n");
}

/** Where there is quiet and until when, a sentence each. */
function quiet(status: Status, now: Date): string[] {
  return (status.snoozes ?? []).map((snooze) => `Quiet in ${reach(snooze)} until ${clock(new Date(snooze.until), now)}.`);
}

/** Why suggestions may be missing now, in one line; empty if nothing holds them back. */
export function holdingBack(status: Status, now: Date): string {
  if (isPaused(status) || status.state === "snoozed") return running(status, now).tooltip.split("\n", 1)[0] ?? "";
  return quiet(status, now).join(" ");
}

/** What a snooze is about, in words. */
export function reach(snooze: Snooze): string {
  if (snooze.scope === "all") return "all files";
  if (typeof snooze.uri !== "string") return snooze.scope === "file" ? "one file" : "this workspace";
  return snooze.scope === "file" ? fileName(snooze.uri) : `the folder ${plain(folderName(snooze.uri))}`;
}

function folderName(uri: string): string {
  return decodeURIComponent(uri.replace(/\/+$/, "").split("/").at(-1) ?? uri);
}
