// What becomes of a message, in facts as JSON.
import { MessageChannel, Worker } from "node:worker_threads";

const { port1, port2 } = new MessageChannel();
const refused = (value, transfer) => {
  try {
    port1.postMessage(value, transfer);
    return "posted";
  } catch (error) {
    return error.name;
  }
};
const facts = {};
const [moved, copied, shared] = [new Uint8Array(4), new Uint8Array(4), new Int32Array(new SharedArrayBuffer(4))];
port1.postMessage({ moved, copied, shared }, [moved.buffer]);
facts.left = [moved.length, copied.length, shared.length];
const option = new ArrayBuffer(4);
port1.postMessage(option, { transfer: [option] });
facts.byOption = option.byteLength;
facts.values = [() => 1, Symbol("s"), Promise.resolve(1), new WeakMap(), { deep: { f() {} } }].map((value) =>
  refused(value),
);
const given = new ArrayBuffer(4);
const worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData: given, transferList: [given] });
facts.givenAtStart = given.byteLength;
await worker.terminate();
try {
  new Worker(new URL("worker.mjs", import.meta.url), { workerData: { f: () => 1 } });
  facts.workerData = "started";
} catch (error) {
  facts.workerData = error.name;
}
port1.close();
port2.close();
process.stdout.write(JSON.stringify(facts));
