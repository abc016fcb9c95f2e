// What the platform's own objects are to structured clone.

/** Whether a buffer was transferred. */
export function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** Whether a view is a Node `Buffer`, or of another class that extends `Uint8Array`. */
export function isBuffer(value: ArrayBufferView): value is Uint8Array {
  return value instanceof Uint8Array && Object.getPrototypeOf(value) !== Uint8Array.prototype;
}

/** The name of a value's class, for messages. */
export function className(value: object): string {
  const maker: unknown = Reflect.get(value, "constructor");
  return typeof maker === "function" && maker.name !== "" ? maker.name : "a class";
}

/** Whether the platform has a class of this name. */
export function isHostObject(name: string): boolean {
  return Reflect.has(globalThis, name);
}

/** Classes of the platform whose instances structured clone carries as they are; most are a browser's. */
const cloneable = [
  ...["Date", "RegExp", "Boolean", "Number", "String", "BigInt", "Blob", "CryptoKey"],
  ...["FileList", "FileSystemFileHandle", "FileSystemDirectoryHandle", "ImageData", "RTCCertificate"],
  ...["DOMMatrix", "DOMMatrixReadOnly", "DOMPoint", "DOMPointReadOnly", "DOMQuad", "DOMRect", "DOMRectReadOnly"],
];
const wasm = /^\[object WebAssembly\.(Module|Memory)\]$/;
const transferable = [
  ...["MessagePort", "ReadableStream", "WritableStream", "TransformStream"],
  ...["AudioData", "ImageBitmap", "MediaSourceHandle", "OffscreenCanvas", "RTCDataChannel", "VideoFrame"],
];

function isOneOf(names: readonly string[], value: object): boolean {
  return names.some((name) => {
    const known: unknown = Reflect.get(globalThis, name);
    return typeof known === "function" && Object.getPrototypeOf(value) === known.prototype;
  });
}

/** Whether structured clone carries an object as it is. */
export function isCloneable(value: object): boolean {
  return (
    isOneOf(cloneable, value) ||
    (isOneOf(["File"], value) && carriesFiles()) ||
    wasm.test(Object.prototype.toString.call(value))
  );
}

let filesStay: boolean | undefined;

/** Node 20 and 22 make a Blob of a File, without its name. */
function carriesFiles(): boolean {
  filesStay ??= structuredClone(new File([], "name")) instanceof File;
  return filesStay;
}

/** Whether an object is transferred rather than copied. */
export function isTransferable(value: object): boolean {
  return isOneOf(transferable, value);
}
