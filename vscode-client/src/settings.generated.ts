// Made from the server's table of settings by `proactive settings --write-vscode`; do not edit.

/** The section `proactive` of the settings. */
export interface ISettings {
  /** Make suggestions. Switched off, events are still kept in the journal. */
  enable: boolean;
  /** What an unwanted suggestion costs you, where one that you take is worth the rest up to 1: the probability above which it speaks. Raise it for fewer suggestions. */
  interruptionCost: number;
  /** The gate that decides whether help is wanted: a folder or file that `proactive train gate` wrote; empty for the one that ships. */
  gate: string;
  /** How long you must have been quiet after an edit or a save before it may speak. */
  quietSeconds: number;
  /** The least time between two suggestions. Each dismissal doubles it for a while. */
  minimumPauseSeconds: number;
  /** How long that pause may become by dismissals. */
  pauseCapMinutes: number;
  /** How long no suggestion of a kind follows after one of that kind was dismissed. */
  dismissedKindPauseMinutes: number;
  /** After how long an unanswered suggestion goes away. */
  expireMinutes: number;
  /** Language identifiers in which to stay silent, such as `markdown`. */
  disabledLanguages: string[];
  /** Speak also while you are writing a comment. */
  inComments: boolean;
  /** Files that are never read, as globs in the manner of `.gitignore`, beside those that are always left out (environment files, keys, what git ignores). */
  exclude: string[];
  surfaces: {
    /** A hint diagnostic at the spot, the quietest of all severities. */
    hints: boolean;
    /** A code lens above the line. */
    codeLens: boolean;
    /** A message with buttons; it interrupts, so it is off unless you want it. */
    notifications: boolean;
  };
  model: {
    /** Ask the language model, if one is named. */
    enable: boolean;
    /** The language model: the address of an OpenAI-compatible server (`http://localhost:8080/v1#NAME`), or a model on this machine by its folder, GGUF file or name (needs the extra `local`); empty for none. */
    name: string;
    /** A judge of what it offers: a folder that `proactive train reward` wrote, or a language model named as above; empty for none. */
    judge: string;
    /** Where it is a close call whether to speak, ask the language model itself whether you would accept. */
    secondThought: boolean;
    /** How many answers are drawn each time, of which the best is kept. */
    bestOf: number;
    /** How often it may be asked in an hour, without being told to. */
    callsPerHour: number;
    /** How many tokens it may read and write in an hour, without being told to. */
    tokensPerHour: number;
    /** How many tokens a question about the last events has at most; what does not fit is shortened, then the oldest events go. */
    questionTokens: number;
    /** After how long an answer comes too late to be a suggestion. */
    patienceSeconds: number;
    /** How long it may write at an edit that you have asked for. */
    writingSeconds: number;
    /** How much memory a model on this machine may take. */
    memoryMegabytes: number;
    /** After how long without a question a model on this machine is put away. */
    idleMinutes: number;
  };
  journal: {
    /** Keep the journal. */
    enabled: boolean;
    /** How many days an event is kept. */
    retentionDays: number;
  };
  sources: {
    /** Commands run in terminals, with exit code and the end of their output: those that `proactive exec` reports, and those that an editor's plug-in sees. */
    terminal: boolean;
    /** The editor's own tasks (a build, `:make`): name, exit code and what the editor gives of the output. */
    tasks: boolean;
    /** Results of test runs that the editor started, and reports that test runners leave in the workspace (JUnit XML, pytest's list of what failed): which tests failed, where, and with what message. */
    tests: boolean;
    /** Stops of the debugger: where, and the exception's message; no variables. */
    debug: boolean;
    /** Errors and warnings of other language servers and linters. */
    diagnostics: boolean;
    /** Commits, branch switches and conflicts: names and the message's first line, from the repository's files and from the editor. */
    git: boolean;
    /** Which document is in front in the editor; no other window. */
    focus: boolean;
    /** That you paused, and that you came back; no keys. */
    idle: boolean;
    activityWatch: {
      /** Ask ActivityWatch. */
      enabled: boolean;
      /** Where it listens. */
      url: string;
    };
  };
  /** How much is written to the log. */
  logLevel: "debug" | "info" | "warning" | "error";
}

/** Every setting's default. */
export const DEFAULTS: ISettings = {
  enable: true,
  interruptionCost: 0.25,
  gate: "",
  quietSeconds: 5.0,
  minimumPauseSeconds: 20.0,
  pauseCapMinutes: 30.0,
  dismissedKindPauseMinutes: 240.0,
  expireMinutes: 10.0,
  disabledLanguages: [],
  inComments: false,
  exclude: [],
  surfaces: {
    hints: true,
    codeLens: false,
    notifications: false,
  },
  model: {
    enable: true,
    name: "",
    judge: "",
    secondThought: true,
    bestOf: 1,
    callsPerHour: 120,
    tokensPerHour: 300000,
    questionTokens: 2000,
    patienceSeconds: 30.0,
    writingSeconds: 120.0,
    memoryMegabytes: 4000,
    idleMinutes: 10.0,
  },
  journal: {
    enabled: true,
    retentionDays: 30,
  },
  sources: {
    terminal: true,
    tasks: true,
    tests: true,
    debug: true,
    diagnostics: true,
    git: true,
    focus: true,
    idle: true,
    activityWatch: {
      enabled: false,
      url: "http://127.0.0.1:5600",
    },
  },
  logLevel: "warning",
};
