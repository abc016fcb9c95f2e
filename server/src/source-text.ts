/** Source files as bytes and as text. */
import { lstatSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

export interface SourceText {
  /** Without the byte order mark, as the compiler counts offsets. */
  readonly text: string;
  readonly byteOrderMark: boolean;
  /** False where writing the text back would not give the same bytes: such a file is not fixed. */
  readonly faithful: boolean;
}

/** @throws the file system's error where it cannot be read. */
export function readSource(file: string): SourceText {
  return decode(readFileSync(file));
}

function decode(bytes: Buffer): SourceText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    return { text: bytes.subarray(2).toString("utf16le"), byteOrderMark: true, faithful: false };
  }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    const even = bytes.subarray(2, bytes.length - (bytes.length % 2));
    return { text: Buffer.from(even).swap16().toString("utf16le"), byteOrderMark: true, faithful: false };
  }
  const byteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const text = bytes.subarray(byteOrderMark ? 3 : 0).toString("utf8");
  return { text, byteOrderMark, faithful: !text.includes("\ufffd") || isUtf8(bytes) };
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Puts a new text in place of a file in one step, keeping its mode; a link keeps leading to it. */
export function replaceSource(file: string, text: string, options: { readonly byteOrderMark: boolean }): void {
  const target = lstatSync(file).isSymbolicLink() ? realpathSync(file) : file;
  const temporary = `${target}.${process.pid}.fearless-threads.tmp`;
  try {
    writeFileSync(temporary, options.byteOrderMark ? `\uFEFF${text}` : text, {
      mode: statSync(target).mode,
      flag: "wx",
    });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
