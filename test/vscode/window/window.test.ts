/** A user with a mouse and a keyboard, in front of the extension as it is packed. Pictures go to screenshots/. */
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { descendants } from "../support/processes.js";
import {
  anotherTry,
  centre,
  giveCommand,
  hangs,
  noteLabels,
  openByName,
  openWindow,
  type Page,
  picture,
  shownText,
  until,
  untilDone,
  type Window,
  withHover,
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
const hover = { over: squiggle, text: "capture-without-move" };
const statusItem = ".statusbar-item[id*='fearlessThreads.status']";

/** Presses ▶ above the import of the file in front. */
async function runFile(page: Page, name: string): Promise<void> {
  const start = page
    .locator(".panel .view-line")
    .filter({ hasText: `▶ ${name}` })
    .first();
  await untilDone(`running ${name}`, async () => {
    await page.locator(".codelens-decoration a").filter({ hasText: "Run on real workers" }).first().click();
    await start.waitFor({ timeout: anotherTry });
  });
}

describe("the packed extension", function () {
  this.timeout(hangs);
  let window: Window;

  before(async () => {
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
    const text = await withHover(page, { over: squiggle, text: "More:" }, async (shown) => {
      const text = await shown.innerText({ timeout: anotherTry });
      await picture(page, "hover");
      return text;
    });
    assert.match(text, /numbers/);
    assert.match(text, /capture-without-move/);
    await page.mouse.move(5, 400);
  });

  for (const [what, link] of [
    ["rule", "capture-without-move"],
    ["concept", "More: "],
  ] as const) {
    it(`the hover's link to the ${what} opens its page as a preview`, async () => {
      const { page } = window;
      // A page is drawn in a frame of its own, and on a busy machine not at all, now and then.
      const heading = page.frameLocator("iframe.webview").last().frameLocator("iframe").locator("h1").first();
      await untilDone("a page with a heading", async () => {
        await openByName(page, "main.ts");
        await withHover(page, hover, (shown) =>
          shown.locator("a").filter({ hasText: link }).first().click({ timeout: anotherTry }),
        );
        await page.locator(".tab.active").filter({ hasNotText: "main.ts" }).waitFor({ timeout: anotherTry });
        await heading.waitFor({ timeout: anotherTry });
      });
      await picture(page, `page-${what}`);
      await openByName(page, "main.ts");
    });
  }

  it("the lightbulb repairs it", async () => {
    const { page } = window;
    const lightbulb = ".editor-instance [class*='lightbulb'], .editor-instance [class*='light-bulb']";
    const fix = page
      .locator(".action-widget .monaco-list-row")
      .filter({ hasText: /move `?numbers/i })
      .first();
    // The editor drops the question for repairs when what is found changes meanwhile.
    await untilDone("the repair", async () => {
      await page.keyboard.press("Escape");
      const { x, y } = await centre(page, squiggle);
      await page.mouse.click(x, y);
      await page.locator(lightbulb).first().waitFor({ timeout: anotherTry });
      await page.keyboard.press("Control+.");
      await fix.waitFor({ timeout: anotherTry });
      await page.waitForTimeout(300);
      await picture(page, "lightbulb");
      await fix.click({ timeout: anotherTry });
    });
    await page.locator(squiggle).first().waitFor({ state: "detached" });
    assert.match(await shownText(page), /thread\.spawn\(move\(numbers\), \(numbers\) => Math\.max\(\.\.\.numbers\)\)/);
    await picture(page, "fixed");
  });

  it("▶ above the import runs it, with the text that is on screen", async () => {
    const { page } = window;
    await runFile(page, "main.ts");
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
    await runFile(page, "panic.ts");
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
      .locator(".suggest-widget.visible .monaco-list-row.focused")
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
    const labels = await noteLabels(page, `${statusItem} a`);
    process.kill(server.pid, "SIGKILL");
    await until("the server to be started again, and ready", async () => {
      const noted = await labels();
      const away = noted.findIndex((label) => /starting|stopped/.test(label));
      return (away >= 0 && noted.slice(away).some((label) => label.includes("ready"))) || undefined;
    });
    const next = descendants(serverPid).find(({ command }) => command.includes("server/dist/server.js"));
    assert.notEqual(next?.pid, server.pid);
  });

  it("a server that dies too often is started again by a click on the status item", async () => {
    const { page, serverPid } = window;
    const server = () => descendants(serverPid).find(({ command }) => command.includes("server/dist/server.js"));
    const ready = page.locator(`${statusItem} a[aria-label*='ready']`);
    const given = page.locator(".notification-list-item").filter({ hasText: "will not be restarted" }).first();
    const killed = new Set<number>();
    for (;;) {
      const next = await until("another server, or that there will be none", async () => {
        if ((await given.count()) > 0) return "none";
        const found = server();
        return found !== undefined && !killed.has(found.pid) && (await ready.count()) > 0 ? found.pid : undefined;
      });
      if (next === "none") break;
      killed.add(next);
      process.kill(next, "SIGKILL");
    }
    await page.locator(`${statusItem} a[aria-label*='stopped']`).waitFor();
    await picture(page, "stopped");
    assert.equal(server(), undefined);
    await giveCommand(page, "Notifications: Clear All Notifications");
    await page.locator(statusItem).click();
    await ready.waitFor();
    assert.ok(server());
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
