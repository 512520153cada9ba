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
  readonly arguments?: { readonly threadId?: number };
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

interface Open {
  readonly reason: Stop["reason"];
  readonly threadId: number | undefined;
  readonly said: string;
  readonly timer: NodeJS.Timeout;
  info: string | undefined;
  frame: Stop["frame"];
}

/** Milliseconds that VS Code may take to ask for frames and exception. */
const PATIENCE = 6000;

export class StopListener {
  private readonly asked = new Map<number, number | undefined>();
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
    if (this.open !== undefined) this.asked.set(message.seq, message.arguments?.threadId);
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
    this.open = { reason: stopped, threadId: body.threadId, said, timer, info: undefined, frame: undefined };
  }

  private response({ command, request_seq: request, success, body }: Message): void {
    if (command === "initialize") this.givesInfo = body?.supportsExceptionInfoRequest === true;
    if (request === undefined || !this.asked.has(request) || this.open === undefined) return;
    const threadId = this.asked.get(request);
    this.asked.delete(request);
    if (this.open.threadId !== undefined && threadId !== this.open.threadId) return;
    if (command === "exceptionInfo") this.open.info = (success === true && body ? infoOf(body) : undefined) ?? "";
    else if (success === true) this.open.frame ??= this.frameOf(body ?? {});
    const isExplained = this.open.reason !== "exception" || !this.givesInfo || this.open.info !== undefined;
    if (isExplained && this.open.frame !== undefined) this.settle();
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
      frame: open.frame,
    });
  }
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
