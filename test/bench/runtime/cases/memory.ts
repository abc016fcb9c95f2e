import type { Case } from "../harness.js";
import { rust } from "../rust.js";
import { timesRaw } from "./bars.js";
import { inOwnProcess } from "./ownProcess.js";

export const memory: Case = {
  id: "memory",
  title: "Memory of an idle thread, of eight",
  unit: "MB",
  better: "less",
  rounds: 7,
  bar: timesRaw("≤", 1.1, "a raw worker"),
  contenders: [...inOwnProcess("memory"), ...rust("Rust, std::thread", "memory", () => 8)],
};
