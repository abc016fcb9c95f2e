// Compiled by types.test.ts with the types of a page, never run.
import { move } from "fearless-threads";

move(document.body); // no: a part of the page stays in the page; send the data it holds
move({ at: { node: document.createElement("a") } }); // no: at.node: a part of the page stays in the page; send the data it holds
move(window); // no: a part of the page stays in the page; send the data it holds
move(new MessageChannel().port1, new Blob(), new ReadableStream(), new AbortController().signal, new ImageData(1, 1));
