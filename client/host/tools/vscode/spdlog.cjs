// Stands in for VS Code's native logger, which the npm package leaves unbuilt. Output channels are files that it
// writes, so without it they would all be empty.
"use strict";
const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

const names = ["trace", "debug", "info", "warning", "error", "critical", "off"];

class Logger {
  #file;
  #level = 2;
  #formatted = true;
  #waiting = "";
  #timer;

  constructor(_type, _name, file) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, "");
  }

  #log(level, message) {
    if (level < this.#level) return;
    const time = new Date().toISOString().replace("T", " ").replace("Z", "");
    this.#waiting += this.#formatted ? `${time} [${names[level]}] ${message}\n` : message;
    this.#timer ??= setTimeout(() => this.flush(), 20);
  }

  trace(message) {
    this.#log(0, message);
  }
  debug(message) {
    this.#log(1, message);
  }
  info(message) {
    this.#log(2, message);
  }
  warn(message) {
    this.#log(3, message);
  }
  error(message) {
    this.#log(4, message);
  }
  critical(message) {
    this.#log(5, message);
  }
  getLevel() {
    return this.#level;
  }
  setLevel(level) {
    this.#level = level;
  }
  setPattern() {
    this.#formatted = true;
  }
  clearFormatters() {
    this.#formatted = false;
  }
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#waiting;
    this.#waiting = "";
    if (text === "") return;
    try {
      appendFileSync(this.#file, text);
    } catch {
      // The folder is gone: the server is ending.
    }
  }
  drop() {
    this.flush();
  }
}

async function createLogger(name, file) {
  return new Logger("rotating", name, file);
}

// One by one, since VS Code imports them by name.
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
