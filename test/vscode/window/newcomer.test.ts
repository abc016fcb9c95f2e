/** Somebody who has just installed the extension: the walkthrough, the lessons, the timeline. Pictures go to screenshots/. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  anotherTry,
  type FrameLocator,
  giveCommand,
  hangs,
  openWindow,
  type Page,
  picture,
  untilDone,
  type Window,
} from "../support/window.js";

const step = ".getting-started-step";

/** What is in the folder already that the lessons are put into. */
const neighbour = "a-folder-that-is-there";

/** Opens a step of the walkthrough, and presses a button or link in it. */
async function press(page: Page, title: string, action: string): Promise<void> {
  const wanted = page.locator(step).filter({ hasText: title }).first();
  const opened = page.locator(`${step}.expanded`).filter({ hasText: title }).first();
  const actions = page.locator(`${step}.expanded .monaco-button, ${step}.expanded a`);
  await untilDone(`"${action}" in the step "${title}"`, async () => {
    if (!/\bexpanded\b/.test((await wanted.getAttribute("class")) ?? "")) await wanted.click({ timeout: anotherTry });
    await opened.waitFor({ timeout: anotherTry });
    await actions.filter({ hasText: action }).first().click({ timeout: anotherTry });
  });
}

async function untilTicked(page: Page, title: string): Promise<void> {
  await page.locator(`${step}[aria-checked="true"]`).filter({ hasText: title }).first().waitFor();
}

/** The timeline's page, which is drawn in a frame inside a frame; the walkthrough has frames of its own. */
function timeline(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview[src*="extensionId=fearless-threads"]').frameLocator("iframe");
}

describe("a newcomer", function () {
  this.timeout(hangs);
  let window: Window;
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "fearless-threads-test-"));
    await mkdir(join(home, neighbour));
    window = await openWindow({});
  });
  after(async () => {
    await window.close();
    await rm(home, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed())
      await picture(window.page, `failed-${this.currentTest.title.replace(/\W+/g, "-")}`);
  });

  it("is led by a walkthrough", async () => {
    const { page } = window;
    await giveCommand(page, "Fearless Threads: Get Started");
    await page.locator(step).filter({ hasText: "Get the lessons" }).first().waitFor();
    assert.ok((await page.locator(step).count()) >= 10);
    await picture(page, "walkthrough");
  });

  it("chooses where the lessons go, and has the first beside the walkthrough", async () => {
    const { page } = window;
    await press(page, "Get the lessons", "Open the Lessons");
    const input = page.locator(".quick-input-widget input:visible").first();
    await input.waitFor();
    const here = page.locator(".quick-input-widget .monaco-button").filter({ hasText: "Put the Lessons Here" }).first();
    const shown = page.locator(".quick-input-list .monaco-list-row").filter({ hasText: neighbour }).first();
    await untilDone("choosing the folder", async () => {
      // The dialog shows first the folder that it starts in, whatever was typed until then.
      await input.fill(`${home}/`, { timeout: anotherTry });
      await shown.waitFor({ timeout: anotherTry });
      await here.click({ timeout: anotherTry });
      await page
        .locator(".tab.active")
        .filter({ hasText: "01-spawn-and-join.ts" })
        .first()
        .waitFor({ timeout: anotherTry });
    });
    assert.deepEqual(await readdir(home), [neighbour, "fearless-threads-lessons"]);
    await untilTicked(page, "Get the lessons");
    await picture(page, "lessons");
  });

  it("runs a lesson, and its step is ticked off", async () => {
    const { page } = window;
    await press(page, "Start a thread", "Run It on Real Workers");
    await page.locator(".part.panel .view-lines").filter({ hasText: "Hello from a thread!" }).first().waitFor();
    await untilTicked(page, "Start a thread");
    await picture(page, "lesson-ran");
  });

  it("is shown a mistake, reads why it is one, and has it repaired", async () => {
    const { page } = window;
    const hover = page.locator(".monaco-hover:not(.hidden)").filter({ hasText: "unjoined-handle" }).first();
    // The editor hides a hover whenever something moves below it: a person asks for it again.
    await untilDone("the hover on the mistake", async () => {
      await press(page, "Wait for it", "Show the mistake");
      await page.locator(".tab.active").filter({ hasText: "1-not-joined.ts" }).first().waitFor();
      await hover.waitFor({ timeout: 15_000 });
    });
    await picture(page, "mistake");
    await page.keyboard.press("Escape");
    await press(page, "Wait for it", "repair it");
    await page.locator(".view-line").filter({ hasText: ".join()" }).first().waitFor();
    await picture(page, "repaired");
  });

  it("looks at the timeline of a lesson, and goes from a bar to the source with the keyboard", async () => {
    const { page } = window;
    await press(page, "Start many of them", "Run It on Real Workers");
    await page.locator(".part.panel .view-lines").filter({ hasText: "5 started" }).first().waitFor();
    await press(page, "Start many of them", "its timeline");
    const shown = timeline(page);
    await shown
      .locator(".summary")
      .filter({ hasText: /^5 threads in .*: 5 joined, 0 panicked, 0 killed$/ })
      .waitFor();
    assert.equal(await shown.locator(".lane").count(), 6);
    await picture(page, "timeline");
    await shown.locator(".lane .name").first().click();
    for (const key of ["ArrowDown", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
    const named = shown.locator(".details").filter({ hasText: /^thread \d+ returned, and was joined; it ran for / });
    await named.waitFor();
    const details = await named.innerText();
    assert.match(details, /^.*04-many-threads\.ts:\d+:\d+\n/);
    assert.match(details, /\nthread\.spawn\(move\(i\), \(i\) => \{$/);
    await page.keyboard.press("Enter");
    await page.locator(".tab.active").filter({ hasText: "04-many-threads.ts" }).first().waitFor();
    const place = /:(\d+):(\d+)$/m.exec(details);
    await page
      .locator(".statusbar-item")
      .filter({ hasText: `Ln ${place?.[1]}, Col ${place?.[2]}` })
      .first()
      .waitFor();
  });
});
