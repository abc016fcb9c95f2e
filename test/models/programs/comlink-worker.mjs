import { parentPort } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";

expose({ call: (f) => f(), size: (buffer) => buffer.byteLength }, nodeEndpoint(parentPort));
