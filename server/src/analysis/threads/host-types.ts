/**
 * What the structured clone algorithm does with the classes of JavaScript's hosts, by the names that TypeScript's libraries
 * and Node's types give them: HTML standard, 2.7 ("serializable objects", "transferable objects"), where other standards
 * say which of their interfaces are `[Serializable]` and `[Transferable]`, and Node's "port.postMessage()". `test/models` compares
 * this with what happens.
 */

/** What is in the way of a value of such a class. */
export type HostObstacle = "function" | "symbol" | "promise" | "weak" | "host";

export type HostType =
  /** A copy arrives. */
  | "copied"
  /** It is moved along by who asks for that, and copied otherwise. */
  | "transferable"
  /** It is moved along by who asks for that, and copied otherwise; nothing makes a second one before. */
  | "movable"
  /** It can only be moved. */
  | "given"
  /** It can only be moved, in the transfer list of a message; `move` of this library refuses it. */
  | "listed"
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
  ...named("RTCEncodedVideoFrame RTCEncodedAudioFrame CropTarget RestrictionTarget FencedFrameConfig", "copied"),
  ...named("ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array", "transferable"),
  ...named("Int32Array Uint32Array Float16Array Float32Array Float64Array", "transferable"),
  ...named("BigInt64Array BigUint64Array Buffer", "transferable"),
  ...named("ImageBitmap VideoFrame AudioData", "movable"),
  ...named("MessagePort ReadableStream WritableStream TransformStream", "given"),
  ...named("OffscreenCanvas RTCDataChannel MediaSourceHandle MediaStreamTrack", "given"),
  ...named("FileHandle", "listed"),
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
  ...named("Intl.Locale Intl.RelativeTimeFormat Intl.DisplayNames Intl.DurationFormat", "host"),
  ...named("Intl.Segmenter Intl.Segments", "host"),
  ...named("AbortController URL URLSearchParams URLPattern Headers FormData Request Response", "host"),
  ...named("TextEncoder TextDecoder TextEncoderStream TextDecoderStream CompressionStream DecompressionStream", "host"),
  ...named("EventTarget Event CustomEvent BroadcastChannel MessageChannel WebSocket EventSource", "host"),
  ...named("XMLHttpRequest ReadableStreamDefaultReader ByteLengthQueuingStrategy CountQueuingStrategy", "host"),
  // Of pages, those that others extend; all others are told by having a constructor and no standard that has them copied.
  ...named("NodeList HTMLCollection", "host"),
  ...named("ReadableStreamBYOBReader WritableStreamDefaultWriter", "host"),
  ...named("Performance PerformanceEntry PerformanceObserver Crypto SubtleCrypto Storage Worker", "host"),
  // Node's, as `stream.Readable` and the like: those that keep nothing of use, whatever they are given.
  ...named("Socket Readable Writable Duplex PassThrough FSWatcher ChildProcess Agent IncomingMessage", "host"),
  ...named("Server Timeout Immediate ServerResponse ClientRequest Transform StatWatcher", "host"),
  ...named("AsyncResource AsyncLocalStorage AsyncHook Sign Verify ECDH Dir MIMEType Console Process", "host"),
  ...named("Interface Resolver SecureContext Serializer Deserializer DatabaseSync", "host"),
]);

/** What a transfer list hands over since Node 24, a server that listens, and what older versions refuse. */
export const handedOverByNewNode: ReadonlySet<string> = new Set(["Socket", "Server"]);

/** @param name As in a `SymbolKey`. */
export function hostTypeOf(name: string): HostType | undefined {
  return hostTypes.get(name) ?? hostTypes.get(name.replace(/^.*\./, ""));
}

/** All names, for who compares them with what happens. */
export function knownHostTypes(): readonly string[] {
  return [...hostTypes.keys()];
}
