/**
 * What the structured clone algorithm does with the classes of JavaScript's hosts (HTML standard, 2.7, and Node's
 * "Port.postMessage"), by the names that TypeScript's libraries and Node's types give them. `test/models` compares this with
 * what happens.
 */

/** What is in the way of a value of such a class. */
export type HostObstacle = "function" | "symbol" | "promise" | "weak" | "host";

export type HostType =
  /** A copy arrives. */
  | "copied"
  /** It is moved along by who asks for that, and copied otherwise. */
  | "transferable"
  /** It can only be moved. */
  | "given"
  /** Structured clone leaves an empty object of it, where it does not refuse it; `move` of this library carries it over. */
  | "bridged"
  /** It is refused, or an empty object arrives. */
  | HostObstacle;

function named(names: string, type: HostType): readonly (readonly [string, HostType])[] {
  return names.split(" ").map((name) => [name, type] as const);
}

/** By the last part of a name, or by the whole of one that has several. */
const hostTypes: ReadonlyMap<string, HostType> = new Map([
  ...named(
    "Array ReadonlyArray Map ReadonlyMap Set ReadonlySet Date RegExp String Number Boolean Object Record",
    "copied",
  ),
  ...named(
    "Error EvalError RangeError ReferenceError SyntaxError TypeError URIError AggregateError SuppressedError",
    "copied",
  ),
  ...named("SharedArrayBuffer WebAssembly.Module WebAssembly.Memory", "copied"),
  // Node's own.
  ...named(
    "KeyObject X509Certificate Histogram RecordableHistogram IntervalHistogram BlockList SocketAddress Stats BigIntStats Dirent",
    "copied",
  ),
  // The web's: until Node 24 a `File` arrives as a `Blob`, and a `DOMException` was an empty object before Node 22.
  ...named("Blob File FileList CryptoKey DOMException ImageData RTCCertificate FileSystemHandle", "copied"),
  ...named("FileSystemFileHandle FileSystemDirectoryHandle EncodedVideoChunk EncodedAudioChunk", "copied"),
  ...named("DOMRect DOMPoint DOMMatrix DOMQuad DOMRectReadOnly DOMPointReadOnly DOMMatrixReadOnly", "copied"),
  ...named("ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array", "transferable"),
  ...named("Int32Array Uint32Array Float16Array Float32Array Float64Array", "transferable"),
  ...named("BigInt64Array BigUint64Array Buffer", "transferable"),
  ...named("MessagePort ReadableStream WritableStream TransformStream FileHandle", "given"),
  ...named(
    "ImageBitmap OffscreenCanvas VideoFrame AudioData RTCDataChannel MediaSourceHandle MediaStreamTrack",
    "given",
  ),
  ...named("AbortSignal", "bridged"),
  ...named("Promise PromiseLike", "promise"),
  ...named("WeakMap WeakSet WeakRef FinalizationRegistry", "weak"),
  ...named("Function CallableFunction NewableFunction", "function"),
  ...named("Symbol", "symbol"),
  ...named("Generator AsyncGenerator Iterator IteratorObject AsyncIteratorObject ArrayIterator MapIterator", "host"),
  ...named(
    "SetIterator StringIterator RegExpStringIterator IterableIterator AsyncIterableIterator AsyncIterator",
    "host",
  ),
  ...named("IArguments DisposableStack AsyncDisposableStack", "host"),
  ...named("WebAssembly.Instance WebAssembly.Table WebAssembly.Global", "host"),
  ...named("Intl.Collator Intl.DateTimeFormat Intl.NumberFormat Intl.PluralRules Intl.ListFormat", "host"),
  ...named("AbortController URL URLSearchParams URLPattern Headers FormData Request Response", "host"),
  ...named("TextEncoder TextDecoder TextEncoderStream TextDecoderStream CompressionStream DecompressionStream", "host"),
  ...named("EventTarget Event CustomEvent BroadcastChannel MessageChannel WebSocket EventSource", "host"),
  ...named("XMLHttpRequest ReadableStreamDefaultReader ByteLengthQueuingStrategy CountQueuingStrategy", "host"),
  ...named("Performance PerformanceObserver Crypto SubtleCrypto Storage", "host"),
  // Node's, as `stream.Readable` and the like: those that keep nothing of use, whatever they are given.
  ...named("Socket Readable Writable Duplex PassThrough FSWatcher ChildProcess Agent IncomingMessage", "host"),
  ...named("AsyncResource Sign Verify ECDH Dir MIMEType Console Process", "host"),
]);

/** @param name As in a `SymbolKey`. */
export function hostTypeOf(name: string): HostType | undefined {
  return hostTypes.get(name) ?? hostTypes.get(name.replace(/^.*\./, ""));
}

/** What these extend is part of a page, or happens in one: an element, a key that was pressed. All are refused. */
export const ofPages: ReadonlySet<string> = new Set(["EventTarget", "Event"]);

/** All names, for who compares them with what happens. */
export function knownHostTypes(): readonly string[] {
  return [...hostTypes.keys()];
}
