// Stands in for VS Code's native log writer, which would want a compiler: without one, no log and no output channel
// of an extension would hold a word. Same face, plain appends, no rotation.
const fs = require("node:fs");
const path = require("node:path");

const LEVELS = ["trace", "debug", "info", "warning", "error", "critical"];

class Logger {
  #level = 0;
  #formatted = true;
  #file;

  constructor(_kind, _name, file) {
    this.#file = file;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.appendFileSync(file, "");
  }

  getLevel() { return this.#level; }
  setLevel(level) { this.#level = level; }
  setPattern() {}
  clearFormatters() { this.#formatted = false; }
  flush() {}
  drop() {}

  trace(message) { this.#write(0, message); }
  debug(message) { this.#write(1, message); }
  info(message) { this.#write(2, message); }
  warn(message) { this.#write(3, message); }
  error(message) { this.#write(4, message); }
  critical(message) { this.#write(5, message); }

  #write(level, message) {
    if (level < this.#level) return;
    const time = new Date().toISOString().replace("T", " ").replace("Z", "");
    fs.appendFileSync(this.#file, this.#formatted ? `${time} [${LEVELS[level]}] ${message}\n` : message);
  }
}

async function create(name, file) {
  return new Logger("rotating_async", name, file);
}

// Assigned one by one: only so are they found by an import of named exports.
exports.version = 0;
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
