import { parentPort } from "node:worker_threads";
import { order } from "./order.js";

parentPort?.on("message", ({ what, count }: { what: "ints" | "objects"; count: number }) => {
  for (let i = 0; i < count; i++) parentPort?.postMessage(what === "ints" ? i : order(i));
});
