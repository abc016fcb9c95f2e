/** A user with a mouse and a keyboard, in front of the extension as it is packed. Pictures go to screenshots/. */
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { descendants } from "../support/processes.js";
import {
  centre,
  hoverOver,
  openByName,
  openWindow,
  type Page,
  picture,
  shownText,
  type Window,
} from "../support/window.js";

const main = `import { move, thread } from "fearless-threads";

const numbers = [3, 1, 4, 1, 5, 9];

`;

const panicking = `import { thread } from "fearless-threads";

const handle = new thread.Builder()
  .name("parser")
  .spawn(() => {
    throw new Error("Oops");
  })
  .unwrap();

const result = await handle.join();
console.log(result.ok ? "finished" : "the parser panicked, and we go on");
`;

const empty = `import { Arc, move, Mutex, thread } from "fearless-threads";

`;

const squiggle = ".editor-instance .cdr.squiggly-error";
const statusItem = ".statusbar-item[id*='fearlessThreads.status']";

/** Opens a page, and opens it again where a busy machine does not draw it: it is drawn in a frame of its own. */
async function untilShown(page: Page, open: () => Promise<void>): Promise<void> {
  const heading = page.frameLocator("iframe.webview").last().frameLocator("iframe").locator("h1").first();
  for (let attempt = 1; ; attempt++) {
    await open();
    try {
      await heading.waitFor({ timeout: 20_000 });
      return;
    } catch (error) {
      await page.keyboard.press("Control+F4");
      await openByName(page, "main.ts");
      if (attempt === 3) throw error;
    }
  }
}

describe("the packed extension", function () {
  this.timeout(60_000);
  let window: Window;

  before(async function () {
    this.timeout(120_000);
    window = await openWindow({ "main.ts": main, "panic.ts": panicking, "empty.ts": empty });
  });
  after(() => window.close());
  afterEach(async function () {
    if (this.currentTest?.isFailed())
      await picture(window.page, `failed-${this.currentTest.title.replace(/\W+/g, "-")}`);
  });

  it("holds what it needs, and nothing else", () => {
    const { folder, packed } = window.installed;
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => statSync(join(folder, path)).isFile());
    for (const needed of [
      "client/dist/extension.cjs",
      "client/dist/ThirdPartyNotices.txt",
      "client/dist/timeline.js",
      "client/dist/timeline.css",
      "client/lessons/tsconfig.json",
      "client/walkthrough/spawn.md",
      "examples/lessons/01-spawn-and-join.ts",
      "examples/pitfalls/1-not-joined.ts",
      "server/dist/server.js",
      "server/dist/cli.js",
      "server/dist/run/register.js",
      "server/dist/concepts/join.md",
      "server/dist/compiler/lib.d.ts",
      "server/schema/fearless-threads.config.schema.json",
      "runtime/dist/index.js",
      "runtime/dist/index.d.ts",
      "runtime/LICENSE",
    ]) {
      assert.ok(files.includes(needed), `${needed} is packed`);
    }
    const expected = [
      /^(package\.json|readme\.md|changelog\.md|LICENSE\.txt|\.vsixmanifest)$/,
      /^client\/(dist\/(extension\.cjs|timeline\.(js|css)|ThirdPartyNotices\.txt)|icon\.png)$/,
      /^client\/(lessons\/(README\.md|(package|tsconfig)\.json)|walkthrough\/\w+\.md)$/,
      /^examples\/(lessons|pitfalls)\/[\w-]+\.ts$/,
      /^server\/dist\/(?!compiler)[\w/-]+\.(js|md)$/,
      /^server\/dist\/compiler\/(tsc(\.exe|\.sig)?|lib(\.[\w.]+)?\.d\.ts|LICENSE|NOTICE\.txt)$/,
      /^server\/schema\/[\w.-]+\.json$/,
      /^runtime\/(LICENSE|package\.json|dist\/([\w/.-]+\.(js|d\.ts)|items\/ThirdPartyNotices\.txt))$/,
      /^(snippets|syntaxes)\/[\w.-]+$/,
    ];
    assert.deepEqual(
      files.filter((path) => !expected.some((pattern) => pattern.test(path))),
      [],
    );
    assert.ok(packed < 15e6, `${packed} bytes are more than 15 MB`);
  });

  it("a bug that is typed gets its squiggle", async () => {
    const { page } = window;
    await page.keyboard.press("Control+B");
    await openByName(page, "main.ts");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("const handle = thread.spawn(() => Math.max(...numbers));", { delay: 10 });
    await page.locator(squiggle).first().waitFor();
    await page.keyboard.type("\nconsole.log((await handle.join()).unwrap());", { delay: 10 });
    await page.keyboard.press("Escape");
    await page.locator(squiggle).first().waitFor();
    await page.locator(`${statusItem} a[aria-label*='ready']`).waitFor();
    await picture(page, "squiggle");
  });

  it("a hover over it says what is wrong and how threads work", async () => {
    const { page } = window;
    const hover = await hoverOver(page, squiggle, "capture-without-move");
    await page.waitForTimeout(600);
    await picture(page, "hover");
    assert.match(await hover.innerText(), /numbers/);
    await page.mouse.move(5, 400);
  });

  for (const [what, link] of [
    ["rule", "capture-without-move"],
    ["concept", "More: "],
  ] as const) {
    it(`the hover's link to the ${what} opens its page as a preview`, async function () {
      this.timeout(120_000);
      const { page } = window;
      await untilShown(page, async () => {
        await hoverOver(page, squiggle, "capture-without-move");
        await page.locator(".monaco-hover:not(.hidden) a").filter({ hasText: link }).first().click();
        await page.locator(".tab.active").filter({ hasNotText: "main.ts" }).waitFor();
      });
      await picture(page, `page-${what}`);
      await page.keyboard.press("Control+F4");
      await openByName(page, "main.ts");
    });
  }

  it("the lightbulb repairs it", async () => {
    const { page } = window;
    const { x, y } = await centre(page, squiggle);
    await page.mouse.click(x, y);
    await page
      .locator(".editor-instance [class*='lightbulb'], .editor-instance [class*='light-bulb']")
      .first()
      .waitFor();
    await page.keyboard.press("Control+.");
    const fix = page
      .locator(".action-widget .monaco-list-row")
      .filter({ hasText: /move `?numbers/i })
      .first();
    await fix.waitFor();
    await page.waitForTimeout(300);
    await picture(page, "lightbulb");
    await fix.click();
    await page.locator(squiggle).first().waitFor({ state: "detached" });
    assert.match(await shownText(page), /thread\.spawn\(move\(numbers\), \(numbers\) => Math\.max\(\.\.\.numbers\)\)/);
    await picture(page, "fixed");
  });

  it("▶ above the import runs it, with the text that is on screen", async () => {
    const { page } = window;
    await page.locator(".codelens-decoration a").filter({ hasText: "Run on real workers" }).first().click();
    const output = page.locator(".part.panel .view-lines").filter({ hasText: "threads:" }).first();
    await output.waitFor();
    const text = (await output.innerText()).replaceAll("\u00a0", " ");
    assert.match(text, /^9$/m);
    assert.match(text, /threads: 1 started, 1 joined, 0 panicked, 0 killed un-joined — exit 0 in \d+ ms/);
    await picture(page, "run");
  });

  it("a panic is underlined where it was thrown, and the output leads there", async () => {
    const { page } = window;
    await openByName(page, "panic.ts");
    await page.locator(".codelens-decoration a").filter({ hasText: "Run on real workers" }).first().click();
    const output = page.locator(".part.panel .view-lines").filter({ hasText: "1 panicked" }).first();
    await output.waitFor();
    await page.locator(squiggle).first().waitFor();
    await picture(page, "panic");
    const text = (await output.innerText()).replaceAll("\u00a0", " ");
    assert.match(text, /thread 'parser' panicked at panic\.ts:6:11/);
    assert.match(text, /the parser panicked, and we go on/);
  });

  it("a snippet is offered by its prefix and inserted", async () => {
    const { page } = window;
    await openByName(page, "empty.ts");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("thread-mut", { delay: 10 });
    await page.keyboard.press("Control+Space");
    await page
      .locator(".suggest-widget.visible .monaco-list-row")
      .filter({ hasText: "thread-mutex" })
      .first()
      .waitFor();
    await page.waitForTimeout(300);
    await picture(page, "snippet");
    await page.keyboard.press("Enter");
    await page.locator(".view-line").filter({ hasText: "Arc.new" }).first().waitFor();
    assert.match(await shownText(page), /const counter = Arc\.new\(new Mutex\(0\)\);/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+S");
  });

  it("the status item says so when the server dies, and when it is back", async () => {
    const { page, serverPid } = window;
    await openByName(page, "main.ts");
    await page.locator(`${statusItem} a[aria-label*='ready']`).waitFor();
    const server = descendants(serverPid).find(({ command }) => command.includes("server/dist/server.js"));
    assert.ok(server, "the language server runs");
    process.kill(server.pid, "SIGKILL");
    await page.locator(`${statusItem} a[aria-label*='ready']`).waitFor({ state: "detached" });
    await page.locator(`${statusItem} a[aria-label*='ready']`).waitFor();
    const next = descendants(serverPid).find(({ command }) => command.includes("server/dist/server.js"));
    assert.notEqual(next?.pid, server.pid);
  });

  it("the compiler that runs is the one in the extension", async () => {
    const { page, serverPid } = window;
    await openByName(page, "panic.ts");
    await page.locator(`${statusItem} a[aria-label*='ready']`).waitFor();
    const compilers = descendants(serverPid).filter(({ command }) => command.includes("--api"));
    assert.ok(compilers.length > 0);
    for (const { command } of compilers) assert.match(command, /fearless-threads.*server\/dist\/compiler\/tsc/);
  });

  it("clicking the status item shows what the server logs", async () => {
    const { page } = window;
    await page.locator(statusItem).click();
    await page.locator(".part.panel .view-lines").filter({ hasText: "compiler" }).first().waitFor();
    await picture(page, "log");
  });
});
