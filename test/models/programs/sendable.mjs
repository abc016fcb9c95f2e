// What a copy, and a message, make of a value of each class of the host, in facts as JSON.
import { AsyncLocalStorage, AsyncResource, createHook } from "node:async_hooks";
import { ChildProcess } from "node:child_process";
import * as crypto from "node:crypto";
import { Resolver } from "node:dns";
import { EventEmitter } from "node:events";
import fs from "node:fs";
import { open } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { createHistogram, monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { Duplex, PassThrough, Readable, Transform, Writable } from "node:stream";
import tls from "node:tls";
import { MIMEType } from "node:util";
import v8 from "node:v8";
import { BroadcastChannel, MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";

const certificate = `-----BEGIN CERTIFICATE-----
MIIBbzCCARWgAwIBAgIUL/ylQoPPTe3fGQnNEQSZzFhdtMowCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBYTAgFw0yNjExMjMxMDA2MzFaGA8yMTI2MTAzMDEwMDYzMVow
DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCxTCqfkNLeg
qR2XefQnXPX6bRveQTtUpOc0nVVBNAS6C4M9fF1yyavIl10J+OnOoGr5gY1H+v7A
xCIKIBiTFwijUzBRMB0GA1UdDgQWBBSfEj01aunYBg9LYSH8jhUyJloMdDAfBgNV
HSMEGDAWgBSfEj01aunYBg9LYSH8jhUyJloMdDAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0gAMEUCIQCz9KMzZXAlv7ROSeL7Eks6Dbpl0BK2zS+PleKhY8oI
lwIgP3b4sKlnt6uqaRKuhfIOeCiUgnqGS2TcNDIOmn5WDaY=
-----END CERTIFICATE-----`;

const here = new URL(import.meta.url);
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const { subtle } = crypto.webcrypto;
const global = (name, ...args) => [name, () => new globalThis[name](...args)];
const errors = "Error EvalError RangeError ReferenceError SyntaxError TypeError URIError".split(" ");
const arrays =
  "Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array " +
  "Float64Array BigInt64Array BigUint64Array";

/** How a value of each class is made. What this version of Node does not have throws. */
const makers = new Map([
  ...errors.map((name) => global(name, "message")),
  ...arrays.split(" ").map((name) => global(name, 2)),
  global("AggregateError", [new Error("one")], "message"),
  global("SuppressedError", 1, 2, "message"),
  global("Array", 1),
  global("Map", [[1, 2]]),
  global("Set", [1]),
  global("Date", 0),
  global("RegExp", "a"),
  global("String", "a"),
  global("Number", 1),
  global("Boolean", true),
  ["Object", () => ({ a: 1 })],
  global("SharedArrayBuffer", 4),
  global("ArrayBuffer", 4),
  global("DataView", new ArrayBuffer(4)),
  ["Buffer", () => Buffer.from("ab")],
  ["WebAssembly.Module", () => new WebAssembly.Module(wasm)],
  ["WebAssembly.Memory", () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })],
  ["WebAssembly.Instance", () => new WebAssembly.Instance(new WebAssembly.Module(wasm))],
  ["WebAssembly.Table", () => new WebAssembly.Table({ initial: 1, element: "anyfunc" })],
  ["WebAssembly.Global", () => new WebAssembly.Global({ value: "i32" }, 1)],
  ["KeyObject", () => crypto.createSecretKey(Buffer.alloc(16))],
  ["X509Certificate", () => new crypto.X509Certificate(certificate)],
  ["CryptoKey", () => subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"])],
  ["RecordableHistogram", () => createHistogram()],
  ["IntervalHistogram", () => monitorEventLoopDelay()],
  ["BlockList", () => new net.BlockList()],
  ["SocketAddress", () => new net.SocketAddress()],
  ["Stats", () => fs.statSync(here)],
  ["BigIntStats", () => fs.statSync(here, { bigint: true })],
  ["Dirent", () => fs.readdirSync(new URL(".", here), { withFileTypes: true })[0]],
  global("Blob", ["a"]),
  global("File", ["a"], "name"),
  global("DOMException", "message", "DataError"),
  ["MessagePort", () => new MessageChannel().port1],
  global("ReadableStream"),
  global("WritableStream"),
  global("TransformStream"),
  ["FileHandle", () => open(here)],
  ["Promise", () => [Promise.resolve(1)]],
  global("WeakMap"),
  global("WeakSet"),
  global("WeakRef", {}),
  global("FinalizationRegistry", () => {}),
  ["Function", () => () => 1],
  ["Symbol", () => Symbol("s")],
  ["Generator", () => (function* () {})()],
  ["AsyncGenerator", () => (async function* () {})()],
  ["IteratorObject", () => Iterator.from([1]).map((one) => one)],
  ["ArrayIterator", () => [1].values()],
  ["MapIterator", () => new Map().keys()],
  ["SetIterator", () => new Set().keys()],
  ["StringIterator", () => ""[Symbol.iterator]()],
  ["RegExpStringIterator", () => "".matchAll(/a/g)],
  [
    "IArguments",
    () =>
      (function () {
        // biome-ignore lint/complexity/noArguments: what is tried
        return arguments;
      })(1),
  ],
  global("DisposableStack"),
  global("AsyncDisposableStack"),
  ...["Collator", "DateTimeFormat", "NumberFormat", "PluralRules", "ListFormat", "Segmenter", "DurationFormat"].map(
    (name) => [`Intl.${name}`, () => new Intl[name]()],
  ),
  ["Intl.Locale", () => new Intl.Locale("en")],
  ["Intl.RelativeTimeFormat", () => new Intl.RelativeTimeFormat("en")],
  ["Intl.DisplayNames", () => new Intl.DisplayNames("en", { type: "region" })],
  ["Intl.Segments", () => new Intl.Segmenter("en").segment("a")],
  global("AbortController"),
  ["AbortSignal", () => new AbortController().signal],
  global("URL", "http://localhost/"),
  global("URLSearchParams", "a=b"),
  global("URLPattern", { pathname: "/a" }),
  global("Headers"),
  global("FormData"),
  global("Request", "http://localhost/"),
  global("Response", "a"),
  global("TextEncoder"),
  global("TextDecoder"),
  global("TextEncoderStream"),
  global("TextDecoderStream"),
  global("CompressionStream", "gzip"),
  global("DecompressionStream", "gzip"),
  global("EventTarget"),
  global("Event", "a"),
  global("CustomEvent", "a"),
  ["BroadcastChannel", () => new BroadcastChannel("a")],
  ["MessageChannel", () => new MessageChannel()],
  ["ReadableStreamDefaultReader", () => new ReadableStream().getReader()],
  ["ReadableStreamBYOBReader", () => new ReadableStream({ type: "bytes" }).getReader({ mode: "byob" })],
  ["WritableStreamDefaultWriter", () => new WritableStream().getWriter()],
  global("ByteLengthQueuingStrategy", { highWaterMark: 1 }),
  global("CountQueuingStrategy", { highWaterMark: 1 }),
  ["Performance", () => performance],
  ["PerformanceObserver", () => new PerformanceObserver(() => {})],
  ["PerformanceEntry", () => performance.mark("a")],
  ["Crypto", () => crypto.webcrypto],
  ["SubtleCrypto", () => subtle],
  ["Socket", () => new net.Socket()],
  ["Readable", () => Readable.from(["a"])],
  ["Writable", () => new Writable()],
  ["Duplex", () => new Duplex()],
  ["PassThrough", () => new PassThrough()],
  ["Transform", () => new Transform()],
  ["Server", () => net.createServer()],
  ["ServerResponse", () => new http.ServerResponse({ method: "GET" })],
  ["ClientRequest", () => http.request("http://localhost:1").on("error", () => {})],
  ["Timeout", () => setTimeout(() => {}, 0)],
  ["Immediate", () => setImmediate(() => {})],
  ["Worker", () => new Worker("", { eval: true })],
  ["Interface", () => createInterface({ input: new PassThrough() })],
  ["Resolver", () => new Resolver()],
  ["SecureContext", () => tls.createSecureContext()],
  ["Serializer", () => new v8.Serializer()],
  ["Deserializer", () => new v8.Deserializer(v8.serialize(1))],
  ["StatWatcher", () => fs.watchFile(new URL("none", here), { persistent: false }, () => {})],
  ["DatabaseSync", () => new (process.getBuiltinModule("node:sqlite").DatabaseSync)(":memory:")],
  ["AsyncLocalStorage", () => new AsyncLocalStorage()],
  ["AsyncHook", () => createHook({})],
  ["FSWatcher", () => fs.watch(new URL(".", here), { persistent: false })],
  ["ChildProcess", () => new ChildProcess()],
  ["Agent", () => new http.Agent()],
  ["IncomingMessage", () => new http.IncomingMessage(new net.Socket())],
  ["AsyncResource", () => new AsyncResource("a")],
  ["Hash", () => crypto.createHash("sha256")],
  ["Hmac", () => crypto.createHmac("sha256", "a")],
  ["Sign", () => crypto.createSign("sha256")],
  ["Verify", () => crypto.createVerify("sha256")],
  ["ECDH", () => crypto.createECDH("prime256v1")],
  ["Dir", () => fs.opendirSync(new URL(".", here))],
  ["MIMEType", () => new MIMEType("a/b")],
  ["Console", () => console],
  ["Process", () => process],
  // Not of a class, or of one that a program writes.
  ["a proxy", () => new Proxy({}, {})],
  [
    "a getter",
    () => ({
      get a() {
        return 1;
      },
    }),
  ],
  [
    "an error of one's own",
    () =>
      new (class Own extends Error {
        code = 1;
      })("message"),
  ],
  ["an emitter", () => new EventEmitter()],
]);

const { port1, port2 } = new MessageChannel();

function posted(value, transfer) {
  port1.postMessage(value, transfer);
  const arrived = receiveMessageOnPort(port2);
  if (arrived === undefined) throw new Error("nothing arrived");
  return arrived.message;
}

/** What became of a value: `refused`, `emptied` where nothing of it arrives, else `arrives`. */
function outcome(value, send) {
  let arrived;
  try {
    arrived = send(value);
  } catch {
    return "refused";
  }
  const isEmpty = Object.getPrototypeOf(arrived) === Object.prototype && Object.keys(arrived).length === 0;
  if (isEmpty && Object.getPrototypeOf(value) !== Object.prototype) return "emptied";
  // Fields of its own without the class they belong to, as of a hash.
  const isData =
    Object.getPrototypeOf(arrived) === Object.prototype && Object.getPrototypeOf(value) !== Object.prototype;
  return isData ? "fields" : "arrives";
}

const facts = {};
for (const [name, make] of makers) {
  try {
    const [value, other] = [await make(), await make()];
    facts[name] = {
      cloned: outcome(value, structuredClone),
      posted: outcome(value, (one) => posted(one)),
      // Of a view its memory is what is in the list.
      transferred: outcome(other, (one) => posted(one, [ArrayBuffer.isView(one) ? one.buffer : one])),
    };
  } catch {
    // This version of Node does not have it.
  }
}
process.stdout.write(JSON.stringify(facts), () => process.exit(0));
