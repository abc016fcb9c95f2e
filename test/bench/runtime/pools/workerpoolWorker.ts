import workerpool from "workerpool";
import { add, burn, touch } from "../work.js";

workerpool.worker({
  add,
  burn,
  echo: (value: unknown) => value,
  bounce: (bytes: Uint8Array<ArrayBuffer>) => new workerpool.Transfer(touch(bytes), [bytes.buffer]),
});
