/** A real VS Code (code-server) with the packaged extension, in a real browser: one window on a folder of its own. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Browser, Frame, Locator, Page } from "playwright-core";
import type { Home } from "./tutti.ts";

const root = join(import.meta.dirname, "../..");
const tools = join(root, "extension/tools");
const entry = join(tools, "node_modules/code-server/out/node/entry.js");

/** False if the editor is not installed, with one message; throws if editors are required. */
export function hasEditor(): boolean {
  if (existsSync(entry)) return true;
  if (process.env.TUTTI_EDITORS === "required")
    throw new Error("VS Code is required here; `npm run editors` installs it.");
  process.stdout.write("VS Code is not installed (`npm run editors` does that): what needs it is left out.\n");
  return false;
}

/** Packages the last build. */
export function packExtension(): string {
  const vsix = join(root, "dist/tutti.vsix");
  const made = statSync(vsix, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (made < statSync(join(root, "dist/extension/package.json")).mtimeMs)
    execFileSync(process.execPath, [join(tools, "package.mjs")], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  return vsix;
}

export interface Editor {
  /**
   * Opens the folder, or the workspace of this file, in a window; beside `page` where that is given: what was trusted there is trusted
   * here.
   */
  open(browser: Browser, page?: Page, workspace?: string): Promise<Page>;
  /** All files of its state, as text. */
  kept(): string;
  close(): Promise<void>;
}

export async function startEditor(home: Home, settings: Record<string, unknown>): Promise<Editor> {
  const user = join(home.root, "user");
  const extensions = join(home.root, "extensions");
  mkdirSync(join(user, "User"), { recursive: true });
  writeFileSync(
    join(user, "User", "settings.json"),
    JSON.stringify({
      "telemetry.telemetryLevel": "off",
      "workbench.startupEditor": "none",
      "extensions.autoUpdate": false,
      "extensions.autoCheckUpdates": false,
      "files.autoSave": "off",
      ...settings,
    }),
  );
  const env = {
    ...home.env,
    XDG_CONFIG_HOME: join(home.root, "config"),
    XDG_DATA_HOME: join(home.root, "share"),
    XDG_CACHE_HOME: join(home.root, "cache"),
  };
  const folders = ["--user-data-dir", user, "--extensions-dir", extensions];
  // It complains of a logger that it can do without; if it fails, its output is in the error.
  execFileSync(process.execPath, [entry, ...folders, "--install-extension", packExtension()], { env, stdio: "pipe" });
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      ...[entry, "--bind-addr", `127.0.0.1:${port}`, "--auth", "none", ...folders, "--ignore-last-opened"],
      ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
    ],
    { env, cwd: home.root, detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  await listening(child);
  return {
    async open(browser, beside, workspace) {
      const looks = { viewport: { width: 1280, height: 860 }, reducedMotion: "reduce" } as const;
      const context = beside?.context() ?? (await browser.newContext(looks));
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      const what = workspace === undefined ? { folder: home.work } : { workspace };
      await page.goto(`http://127.0.0.1:${port}/?${new URLSearchParams(what)}`);
      await page.locator(".monaco-workbench").waitFor();
      await page.locator(".statusbar").waitFor();
      return page;
    },
    kept: () => readTexts(user),
    async close() {
      const gone = new Promise((resolve) => child.once("close", resolve));
      process.kill(-(child.pid ?? 0), "SIGTERM");
      await gone;
    },
  };
}

/** Installs other-extension.cjs as another extension, before the editor starts. */
export function installOtherExtension(home: Home): void {
  const folder = join(home.root, "extensions", "test.neighbour-1.0.0");
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(import.meta.dirname, "other-extension.cjs"), join(folder, "main.cjs"));
  const manifest = {
    ...{ name: "neighbour", publisher: "test", version: "1.0.0", engines: { vscode: "^1.104.0" }, main: "./main.cjs" },
    activationEvents: ["onStartupFinished"],
    contributes: {
      languageModelChatProviders: [{ vendor: "neighbour", displayName: "Neighbour" }],
      commands: [{ command: "neighbour.ask", title: "Neighbour: Ask Tutti" }],
    },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
}

const ROUNDS = 20;

/**
 * The web page in the side bar of this window. A new window does not know the key to show it yet, so the key is pressed again until
 * the page is there.
 */
export const sessionFrame = (page: Page, key?: string): Promise<Frame> => frameWith(page, "#prompt", key);

/** The session view in a tab, which is not this one. */
export const otherSessionFrame = (page: Page, known: Frame): Promise<Frame> =>
  frameWith(page, "#prompt", undefined, known);

/** The first extension view that contains this selector, and is not `known`. */
export async function frameWith(page: Page, selector: string, key?: string, known?: Frame): Promise<Frame> {
  for (let round = 0; ; round++) {
    if (key !== undefined && round % ROUNDS === 0) await page.keyboard.press(key);
    for (const frame of page.frames()) {
      if (frame === known) continue;
      const count = await frame
        .locator(selector)
        .count()
        .catch(() => 0);
      if (count > 0) return frame;
    }
    await page.waitForTimeout(100);
  }
}

/** Runs a command by its title in the palette, which other events of the window may close. */
export async function command(page: Page, title: string): Promise<void> {
  const row = page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title }).first();
  for (let tries = 0; ; tries++) {
    await page.keyboard.press("F1");
    const found = await page
      .locator(".quick-input-widget input")
      .fill(`>${title}`, { timeout: 5_000 })
      .then(() => row.click({ timeout: 5_000 }))
      .then(
        () => true,
        () => false,
      );
    if (found) return;
    if (tries === 5) throw new Error(`The palette does not have ${title}.`);
    await page.keyboard.press("Escape");
  }
}

/** Selects a row of the palette. */
export async function pick(page: Page, text: string): Promise<void> {
  await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: text }).first().click();
}

/** Drags with Shift held, which VS Code requires to drop into a view. */
export async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  const centre = async (of: Locator): Promise<[number, number]> => {
    const { x, y, width, height } = (await of.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    return [x + width / 2, y + height / 2];
  };
  const [x, y] = await centre(from);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 20, y + 20);
  await page.keyboard.down("Shift");
  await page.mouse.move(...(await centre(to)), { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    const hear = (piece: Buffer): void => {
      output += piece.toString();
      if (output.includes("HTTP server listening")) resolve();
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", (code) => reject(new Error(`code-server ended with ${code}: ${output}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function readTexts(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name), "latin1"))
    .join("\n");
}
