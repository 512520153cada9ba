// One debug session's messages, overheard: where it stops, and at what. Nothing is ever asked of the session.
//
// The words are the Debug Adapter Protocol's: https://microsoft.github.io/debug-adapter-protocol/specification

/** A stop, told once it is known what VS Code itself asked about it. Lines and characters count from zero. */
export interface Stop {
  readonly reason: "exception" | "breakpoint";
  readonly message: string | null;
  /** The innermost frame that lies in one of the workspace's files. */
  readonly frame: { readonly path: string; readonly line: number; readonly character: number } | undefined;
}

interface Message {
  readonly type?: string;
  readonly seq?: number;
  readonly request_seq?: number;
  readonly command?: string;
  readonly event?: string;
  readonly success?: boolean;
  readonly arguments?: { readonly threadId?: number; readonly startFrame?: number };
  readonly body?: Body;
}

interface Body {
  readonly reason?: string;
  readonly description?: string;
  readonly text?: string;
  readonly threadId?: number;
  readonly supportsExceptionInfoRequest?: boolean;
  readonly exceptionId?: string;
  readonly stackFrames?: readonly {
    readonly source?: { readonly path?: string; readonly sourceReference?: number };
    readonly line?: number;
    readonly column?: number;
  }[];
}

/** Some of a stop's frames, of which VS Code asks for one first and for the others later. */
interface Page {
  /** The number of its first frame; 0 is the innermost. */
  readonly start: number;
  /** The number of the frame after its last. */
  readonly end: number;
  /** The innermost of them that lies in one of the workspace's files. */
  readonly frame: Stop["frame"];
}

interface Asked {
  readonly threadId: number | undefined;
  readonly start: number;
}

interface Open {
  readonly reason: Stop["reason"];
  readonly threadId: number | undefined;
  readonly said: string;
  readonly timer: NodeJS.Timeout;
  readonly pages: Page[];
  info: string | undefined;
}

/** Milliseconds that VS Code may take to ask for frames and exception. */
const PATIENCE = 6000;

export class StopListener {
  private readonly asked = new Map<number, Asked>();
  private open: Open | undefined;
  private givesInfo = false;

  /**
   * @param isOurs whether a path is of a file that a stop is worth telling of.
   * @param tell called for each stop at an exception or breakpoint.
   */
  constructor(
    private readonly isOurs: (path: string) => boolean,
    private readonly tell: (stop: Stop) => void,
  ) {}

  /** What VS Code sends to the debugger. */
  request(message: Message): void {
    if (message.type !== "request" || message.seq === undefined) return;
    if (message.command !== "stackTrace" && message.command !== "exceptionInfo") return;
    if (this.open === undefined) return;
    const { threadId, startFrame = 0 } = message.arguments ?? {};
    this.asked.set(message.seq, { threadId, start: startFrame });
  }

  /** What the debugger sends. */
  receive(message: Message): void {
    if (message.type === "event") this.event(message);
    else if (message.type === "response") this.response(message);
  }

  /** The session has ended. */
  end(): void {
    this.settle();
  }

  private event({ event, body }: Message): void {
    if (event === "stopped") this.stopped(body ?? {});
    else if (event === "continued" || event === "terminated" || event === "exited") this.settle();
  }

  private stopped(body: Body): void {
    this.settle();
    const stopped = reasonOf(body.reason ?? "");
    if (stopped === undefined) return;
    const said = [body.text, body.description].find((text) => text !== undefined && text !== "") ?? "";
    const timer = setTimeout(() => {
      this.settle();
    }, PATIENCE);
    this.open = { reason: stopped, threadId: body.threadId, said, timer, pages: [], info: undefined };
  }

  private response({ command, request_seq: request, success, body }: Message): void {
    if (command === "initialize") this.givesInfo = body?.supportsExceptionInfoRequest === true;
    const asked = request === undefined ? undefined : this.asked.get(request);
    if (request === undefined || asked === undefined || this.open === undefined) return;
    this.asked.delete(request);
    if (this.open.threadId !== undefined && asked.threadId !== this.open.threadId) return;
    if (command === "exceptionInfo") this.open.info = (success === true && body ? infoOf(body) : undefined) ?? "";
    else if (success === true) this.open.pages.push(this.pageOf(asked.start, body ?? {}));
    const isExplained = this.open.reason !== "exception" || !this.givesInfo || this.open.info !== undefined;
    if (isExplained && innermost(this.open.pages) !== undefined) this.settle();
  }

  private pageOf(start: number, body: Body): Page {
    return { start, end: start + (body.stackFrames?.length ?? 0), frame: this.frameOf(body) };
  }

  private frameOf({ stackFrames = [] }: Body): Stop["frame"] {
    for (const { source, line, column } of stackFrames) {
      const path = source?.path;
      if (path === undefined || (source?.sourceReference ?? 0) > 0 || !this.isOurs(path)) continue;
      return { path, line: Math.max((line ?? 1) - 1, 0), character: Math.max((column ?? 1) - 1, 0) };
    }
    return undefined;
  }

  private settle(): void {
    const { open } = this;
    if (open === undefined) return;
    this.open = undefined;
    this.asked.clear();
    clearTimeout(open.timer);
    const message = firstLine(open.info ?? "") || firstLine(open.said);
    this.tell({
      reason: open.reason,
      message: open.reason === "exception" && message !== "" ? message : null,
      frame: nearest(open.pages),
    });
  }
}

/** The innermost of the workspace's frames, if all frames within it are known. */
function innermost(pages: readonly Page[]): Stop["frame"] {
  let known = 0;
  for (const { start, end, frame } of sorted(pages)) {
    if (start > known) return undefined; // VS Code asked for these as it went on from an earlier stop
    if (frame !== undefined) return frame;
    known = Math.max(known, end);
  }
  return undefined;
}

/** The innermost that is known, though there may be nearer ones. */
function nearest(pages: readonly Page[]): Stop["frame"] {
  return sorted(pages).find(({ frame }) => frame !== undefined)?.frame;
}

function sorted(pages: readonly Page[]): readonly Page[] {
  return [...pages].sort((one, other) => one.start - other.start);
}

/** Steps, pauses and entries are by the person's own hand. */
function reasonOf(said: string): Stop["reason"] | undefined {
  if (said === "exception") return "exception";
  return said.endsWith("breakpoint") ? "breakpoint" : undefined;
}

function infoOf({ exceptionId = "", description = "" }: Body): string {
  const said = firstLine(description);
  if (said === "" || exceptionId === "" || said.includes(exceptionId)) return said || exceptionId;
  return `${exceptionId}: ${said}`;
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]?.trim() ?? "";
}
