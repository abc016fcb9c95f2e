/** The packed extension in a real VS Code, driven with mouse and keyboard as a user would. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../../../client/host/chromium.js";
import { browserTools, cacheFolder, vscodeTools } from "../../../client/host/tools.js";
import { installVsix, startVscodeServer } from "../../../client/host/vscodeServer.js";
import { packageVsix } from "../../../client/host/vsix.js";
import { makeWorkspace } from "./workspace.js";

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
  evaluate<T>(code: () => T): Promise<T>;
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
  filter(options: { hasText?: string | RegExp; hasNotText?: string }): Locator;
  waitFor(options?: { state?: "visible" | "detached" | "hidden"; timeout?: number }): Promise<void>;
  count(): Promise<number>;
  click(): Promise<void>;
  fill(text: string): Promise<void>;
  inputValue(): Promise<string>;
  innerText(): Promise<string>;
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

export async function openWindow(files: Readonly<Record<string, string>>): Promise<Window> {
  const quiet = (): void => {};
  const tools = await vscodeTools(quiet);
  const { path: vsix, bytes: packed } = await packageVsix({ log: quiet });
  const data = await mkdtemp(join(cacheFolder, "window-"));
  const extensions = join(data, "extensions");
  await installVsix(tools, { vsix, data, extensions });
  const name = (await readdir(extensions)).find((entry) => entry.startsWith("fearless-threads."));
  if (name === undefined) throw new Error(`VS Code has not put the extension into ${extensions}`);
  const workspace = await makeWorkspace(files);
  const server = await startVscodeServer({ tools, data, extensions, settings });
  const browser = await launchChromium(await browserTools(quiet), quiet);
  const page = await browser.newPage({ viewport: { width: 1200, height: 760 } });
  await page.goto(server.url(workspace.folder));
  await page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 60_000 });
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

/** Opens a file by its name, as Ctrl+P does. */
export async function openByName(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+P");
  await page.locator(".quick-input-widget input").waitFor();
  await page.keyboard.type(name);
  await page.locator(".quick-input-list .monaco-list-row.focused").filter({ hasText: name }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".tab.active").filter({ hasText: name }).waitFor();
  await page.locator(".editor-instance .view-lines").first().waitFor();
}

/** Gives a command by its title, as F1 does; a window that has just opened may not know all of them yet. */
export async function giveCommand(page: Page, title: string): Promise<void> {
  const found = page.locator(".quick-input-list .monaco-list-row.focused").filter({ hasText: title }).first();
  for (let attempt = 1; ; attempt++) {
    await page.keyboard.press("F1");
    await page.locator(".quick-input-widget input").first().waitFor();
    await page.keyboard.type(title);
    try {
      await found.waitFor({ timeout: 5_000 });
      await page.keyboard.press("Enter");
      return;
    } catch (error) {
      if (attempt === 10) throw error;
      await page.keyboard.press("Escape");
    }
  }
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
 * Rests the mouse on an element until the hover with `text` is there. The editor takes a hover away when it draws the
 * line anew under the mouse, and asks for it again only when the mouse moves, so this comes back as a person would.
 */
export async function hoverOver(page: Page, selector: string, text: string): Promise<Locator> {
  const hover = page.locator(".monaco-hover:not(.hidden)").filter({ hasText: text }).first();
  for (let attempt = 1; ; attempt++) {
    await page.mouse.move(5, 400);
    const { x, y } = await centre(page, selector);
    await page.mouse.move(x, y, { steps: 5 });
    try {
      await hover.waitFor({ timeout: 5_000 });
      return hover;
    } catch (error) {
      if (attempt === 6) throw error;
    }
  }
}

/** The editor's text as it is on screen. */
export async function shownText(page: Page): Promise<string> {
  const text = await page.locator(".editor-instance .view-lines").first().innerText();
  return text.replaceAll("\u00a0", " ");
}

export function picture(page: Page, name: string): Promise<unknown> {
  return page.screenshot({ path: join(screenshots, `${name}.png`) });
}
