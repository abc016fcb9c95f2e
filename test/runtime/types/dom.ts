// Compiled by types.test.ts with the types of a page, never run.
import { move } from "fearless-threads";

move(document.body); // no: a part of the page stays in the page; send the data it holds
move({ at: { node: document.createElement("a") } }); // no: at.node: a part of the page stays in the page; send the data it holds
move(window); // no: a part of the page stays in the page; send the data it holds
declare const handle: FileSystemFileHandle;
declare const frame: VideoFrame;
move(new File([], "a"), handle, frame, new OffscreenCanvas(1, 1), new OffscreenCanvas(1, 1).transferToImageBitmap());
move(new DOMRect(), new DOMPoint(), new DOMMatrix(), { deep: [new DOMQuad()] });
move({ at: { size: new ResizeObserver(() => {}) } }); // no: at.size: its methods stay in the thread that made it; send its data, or register the class with static [thread.send]
move(new MessageChannel().port1, new Blob(), new ReadableStream(), new AbortController().signal, new ImageData(1, 1));
