/** A real Chromium, the one that the tests inside VS Code use too, and a server for its pages. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { launchChromium } from "../../client/host/chromium.js";
import { browserTools } from "../../client/host/tools.js";

export type Browser = Awaited<ReturnType<typeof launchChromium>>;
export type Page = Awaited<ReturnType<Browser["newPage"]>>;

/** Starts Chromium; what it takes is installed on first use. */
export async function startBrowser(): Promise<Browser> {
  return await launchChromium(await browserTools(console.log), console.log);
}

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** The headers with which a page may share memory with its workers. */
export const isolated = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
} as const;

/** Serves files by path, all with these headers. */
export async function serveSite(
  files: (path: string) => string | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Site> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const text = files(path);
    response.statusCode = text === undefined ? 404 : 200;
    response.setHeader("Content-Type", path.endsWith(".js") ? "text/javascript" : "text/html");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(text ?? "not found");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
