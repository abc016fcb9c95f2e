/** An installation with broken files: what works all the same, what is said, and what to do. Pictures go to screenshots/. */
import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  anotherTry,
  centre,
  giveCommand,
  hangs,
  openByName,
  openWindow,
  picture,
  untilDone,
  type Window,
} from "../support/window.js";

const main = `import { thread } from "fearless-threads";

const numbers = [3, 1, 4];
const handle = thread.spawn(() => Math.max(...numbers));
console.log((await handle.join()).ok ? "ran" : "panicked");
`;

const squiggle = ".editor-instance .cdr.squiggly-error";
const statusItem = ".statusbar-item[id*='fearlessThreads.status']";

/** The notifications in the corner, or in the list of all. */
const notification = ".notification-list-item";

/** Takes a file away, or puts it back. */
async function take(extension: string, file: string): Promise<void> {
  await rename(join(extension, file), join(extension, `${file}.taken`));
}
async function putBack(extension: string, file: string): Promise<void> {
  await rename(join(extension, `${file}.taken`), join(extension, file));
}

const server = "server/dist/server.js";
const compiler = `server/dist/compiler/tsc${process.platform === "win32" ? ".exe" : ""}`;

describe("an extension with broken files", function () {
  this.timeout(hangs);
  let window: Window;

  before(async () => {
    window = await openWindow({ "main.ts": main }, (extension) => take(extension, server));
  });
  after(() => window.close());
  afterEach(async function () {
    if (this.currentTest?.isFailed())
      await picture(window.page, `failed-${this.currentTest.title.replace(/\W+/g, "-")}`);
  });

  it("says once that the server does not start, and shows it in the status item", async () => {
    const { page } = window;
    await page.keyboard.press("Control+B");
    await openByName(page, "main.ts");
    await page.locator(`${statusItem} a[aria-label*='start-failed']`).waitFor();
    const said = page.locator(notification).filter({ hasText: "does not start" });
    await said.first().waitFor();
    // Time for more of them to come.
    await page.waitForTimeout(2000);
    await picture(page, "start-failed");
    assert.equal(await page.locator(notification).count(), 1);
  });

  it("shows why in the log", async () => {
    const { page } = window;
    await page.locator(`${notification} .monaco-button`).filter({ hasText: "Open Log" }).first().click();
    const log = page.locator(".part.panel .view-lines");
    await untilDone("going to the top of the log", async () => {
      const { x, y } = await centre(page, ".part.panel .monaco-editor");
      await page.mouse.click(x, y);
      await page.keyboard.press("Control+Home");
      await log.filter({ hasText: "Cannot find module" }).first().waitFor({ timeout: anotherTry });
    });
    await picture(page, "start-failed-log");
  });

  it("runs files all the same", async () => {
    const { page } = window;
    await openByName(page, "main.ts");
    await giveCommand(page, "Fearless Threads: Run on Real Workers");
    const started = page.locator(".panel .view-line").filter({ hasText: "▶ main.ts" }).first();
    await started.waitFor();
  });

  it("says it again when it is restarted in vain", async () => {
    const { page } = window;
    await giveCommand(page, "Notifications: Clear All Notifications");
    await page.locator(statusItem).click();
    await page.locator(notification).filter({ hasText: "does not start" }).first().waitFor();
    await page.locator(`${statusItem} a[aria-label*='start-failed']`).waitFor();
  });

  it("checks files once the server is back and restarted", async () => {
    const { page, installed } = window;
    await putBack(installed.folder, server);
    await page.locator(`${notification} .monaco-button`).filter({ hasText: "Restart the Server" }).first().click();
    await openByName(page, "main.ts");
    await page.locator(squiggle).first().waitFor();
    await page.locator(`${statusItem} a[aria-label*='ready']`).waitFor();
  });

  it("says that the compiler does not start, and works once it does", async () => {
    const { page, installed } = window;
    await take(installed.folder, compiler);
    // Where there were none at all, the one of this checkout would be found.
    await writeFile(join(installed.folder, compiler), "no program");
    await giveCommand(page, "Fearless Threads: Restart the Server");
    await page.locator(`${statusItem} a[aria-label$='failed']`).waitFor();
    await page.locator(notification).filter({ hasText: "did not start" }).first().waitFor();
    await picture(page, "no-compiler");
    await putBack(installed.folder, compiler);
    await giveCommand(page, "Fearless Threads: Restart the Server");
    await page.locator(`${statusItem} a[aria-label*='ready']`).waitFor();
    await page.locator(squiggle).first().waitFor();
  });
});
