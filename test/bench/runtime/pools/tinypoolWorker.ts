import { Tinypool } from "tinypool";
import { touch } from "../work.js";

export { add, burn } from "../work.js";
export const echo = (value: unknown) => value;
export const bounce = (bytes: Uint8Array) => Tinypool.move(touch(bytes));
