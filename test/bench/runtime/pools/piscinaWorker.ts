import { move } from "piscina";
import { touch } from "../work.js";

export { add, burn } from "../work.js";
export const echo = (value: unknown) => value;
export const bounce = (bytes: Uint8Array): unknown => move(touch(bytes));
