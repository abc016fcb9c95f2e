/** The packed extension in a real VS Code, driven with mouse and keyboard as a user would. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../../../client/host/chromium.js";
import { browserTools, cacheFolder, vscodeTools } from "../../../client/host/tools.js";
import { installVsix, startVscodeServer } from "../../../client/host/vscodeServer.js";
import { packageVsix } from "../../../client/host/vsix.js";
import { makeWorkspace } from "./workspace.js";

/** How long anything in the window may take, in milliseconds: far longer than a busy machine needs. */
const patience = 60_000;

/** A test that takes so long has hung, in milliseconds: each of its steps has its own patience. */
export const hangs = 5 * patience;

/** How long to wait for what the editor may have dropped, before it is asked for again, in milliseconds. */
export const anotherTry = 10_000;

export const screenshots = fileURLToPath(new URL("../screenshots", import.meta.url));

/** What the tests use of playwright's page; the tools are not a dependency whose types could be imported. */
export interface Page {
  readonly keyboard: {
    press(key: string): Promise<void>;
    type(text: string, options?: { delay: number }): Promise<void>;
  };
  readonly mouse: {
    move(x: number, y: number, options?: { steps: number }): Promise<void>;
    click(x: number, y: number): Promise<void>;
  };
  locator(selector: string): Locator;
  frameLocator(selector: string): FrameLocator;
  waitForTimeout(milliseconds: number): Promise<void>;
  setDefaultTimeout(milliseconds: number): void;
  /** Runs a text in the page, and gives what its last expression is. */
  evaluate(code: string): Promise<unknown>;
  screenshot(options: { path: string; clip?: Box }): Promise<unknown>;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface FrameLocator {
  last(): FrameLocator;
  frameLocator(selector: string): FrameLocator;
  locator(selector: string): Locator;
}

export interface Locator {
  first(): Locator;
  locator(selector: string): Locator;
  filter(options: { hasText?: string | RegExp; hasNotText?: string }): Locator;
  waitFor(options?: { state?: "visible" | "detached" | "hidden"; timeout?: number }): Promise<void>;
  count(): Promise<number>;
  click(options?: { timeout: number }): Promise<void>;
  fill(text: string, options?: { timeout: number }): Promise<void>;
  inputValue(): Promise<string>;
  innerText(options?: { timeout: number }): Promise<string>;
  getAttribute(name: string): Promise<string | null>;
  boundingBox(): Promise<Box | null>;
}

export interface Window {
  readonly page: Page;
  readonly folder: string;
  /** Where VS Code put the extension, and how many bytes the package was. */
  readonly installed: { readonly folder: string; readonly packed: number };
  /** The process of the VS Code server, of which everything else is a child. */
  readonly serverPid: number;
  close(): Promise<void>;
}

/** How the window looks in screenshots: the code, and little else. */
const settings = {
  "editor.minimap.enabled": false,
  "editor.fontSize": 15,
  "editor.lightbulb.enabled": "on",
  // What is typed must not depend on how fast suggestions come; the tests ask for them where they want them.
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  "editor.autoClosingBrackets": "never",
  "editor.parameterHints.enabled": false,
  "explorer.autoReveal": false,
  // In place of the dialog of an operating system, which no test could use.
  "files.simpleDialog.enable": true,
};

/** @param prepare What is done with the extension's folder before a window sees it. */
export async function openWindow(
  files: Readonly<Record<string, string>>,
  prepare: (extension: string) => Promise<void> = async () => {},
): Promise<Window> {
  const quiet = (): void => {};
  const tools = await vscodeTools(quiet);
  const { path: vsix, bytes: packed } = await packageVsix({ log: quiet });
  const data = await mkdtemp(join(cacheFolder, "window-"));
  const extensions = join(data, "extensions");
  await installVsix(tools, { vsix, data, extensions });
  const name = (await readdir(extensions)).find((entry) => entry.startsWith("fearless-threads."));
  if (name === undefined) throw new Error(`VS Code has not put the extension into ${extensions}`);
  await prepare(join(extensions, name));
  const workspace = await makeWorkspace(files);
  const server = await startVscodeServer({ tools, data, extensions, settings });
  const browser = await launchChromium(await browserTools(quiet), quiet);
  const page = await browser.newPage({ viewport: { width: 1200, height: 760 } });
  page.setDefaultTimeout(patience);
  await page.goto(server.url(workspace.folder));
  await page.locator(".monaco-workbench .part.statusbar").waitFor();
  await mkdir(screenshots, { recursive: true });
  return {
    page,
    folder: workspace.folder,
    installed: { folder: join(extensions, name), packed },
    serverPid: server.pid,
    async close() {
      await browser.close();
      await server.stop();
      await workspace.remove();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Does what the editor may drop when it has something else to do, until it has happened: a person does it again, too. */
export async function untilDone<T>(what: string, act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (attempt === 6) throw new Error(`Tried ${attempt} times: ${what}`, { cause: error });
    }
  }
}

/** Asks until the answer is there. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + patience; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`Waited ${patience / 1000} s for: ${what}`);
  }
}

/** In the list that Ctrl+P and F1 open: says what is looked for, and takes it once it is the one chosen. */
async function choose(page: Page, key: string, text: string, shown: string): Promise<void> {
  await page.keyboard.press(key);
  try {
    // Into the input itself: where the list has closed again, keys would go into the text.
    const input = page.locator(".quick-input-widget:visible input").first();
    await input.fill(text, { timeout: anotherTry });
    const chosen = page.locator(".quick-input-list .monaco-list-row.focused").filter({ hasText: shown }).first();
    await chosen.waitFor({ timeout: anotherTry });
  } catch (error) {
    await page.keyboard.press("Escape");
    throw error;
  }
  await page.keyboard.press("Enter");
}

/** Opens a file by its name, as Ctrl+P does, and has the cursor in it. */
export async function openByName(page: Page, name: string): Promise<void> {
  // The tab is there before its text takes the place of another one.
  const text = page.locator(`.editor-instance .monaco-editor.focused[data-uri$="/${name}"] .view-lines`).first();
  await untilDone(`opening ${name}`, async () => {
    await choose(page, "Control+P", name, name);
    await text.waitFor({ timeout: anotherTry });
  });
  await page.locator(".tab.active").filter({ hasText: name }).waitFor();
}

/** Gives a command by its title, as F1 does; a window that has just opened may not know all of them yet. */
export async function giveCommand(page: Page, title: string): Promise<void> {
  await untilDone(title, () => choose(page, "F1", `>${title}`, title));
}

/**
 * Notes every label that an element has from now on, and gives all of them when it is asked. Whoever only looks now and
 * then misses what is there for a moment.
 */
export async function noteLabels(page: Page, selector: string): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(`{
    const labels = (window.notedLabels = []);
    const note = () => {
      const label = document.querySelector(${JSON.stringify(selector)})?.getAttribute("aria-label");
      if (label && label !== labels.at(-1)) labels.push(label);
    };
    note();
    const changes = { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label"] };
    new MutationObserver(note).observe(document.querySelector(".part.statusbar"), changes);
  }`);
  return async () => (await page.evaluate("window.notedLabels")) as readonly string[];
}

/** The middle of the first element, once it stays where it is: the editor draws lines anew as they change. */
export async function centre(page: Page, selector: string): Promise<{ readonly x: number; readonly y: number }> {
  const element = page.locator(selector).first();
  for (;;) {
    await element.waitFor();
    const before = await element.boundingBox();
    await page.waitForTimeout(200);
    const after = await element.boundingBox();
    if (before !== null && after !== null && before.x === after.x && before.y === after.y) {
      return { x: after.x + after.width / 2, y: after.y + after.height / 2 };
    }
  }
}

/**
 * Rests the mouse on an element, and does something with the hover with `text` that comes. The editor takes a hover away
 * when it draws the line anew under the mouse, and asks for it again only when the mouse moves, so this comes back as a
 * person would.
 */
export function withHover<T>(
  page: Page,
  { over, text }: { readonly over: string; readonly text: string },
  act: (hover: Locator) => Promise<T>,
): Promise<T> {
  const hover = page.locator(".monaco-hover:not(.hidden)").filter({ hasText: text }).first();
  return untilDone(`the hover with "${text}"`, async () => {
    await page.mouse.move(5, 400);
    const { x, y } = await centre(page, over);
    await page.mouse.move(x, y, { steps: 5 });
    await hover.waitFor({ timeout: anotherTry });
    return act(hover);
  });
}

/** The editor's text as it is on screen. */
export async function shownText(page: Page): Promise<string> {
  const text = await page.locator(".editor-instance .view-lines").first().innerText();
  return text.replaceAll("\u00a0", " ");
}

export function picture(page: Page, name: string): Promise<unknown> {
  return page.screenshot({ path: join(screenshots, `${name}.png`) });
}
