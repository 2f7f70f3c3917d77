/** VS Code on a folder of its own, with a scripted endpoint and another client of the server. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import { connectTo } from "../../client/local.ts";
import type { Link } from "../../protocol/link.ts";
import { build } from "./build.ts";
import { launchBrowser } from "./page.ts";
import { answer, done, event, type Script, type ScriptedEndpoint, scriptedEndpoint } from "./scripted-endpoint.ts";
import { initializeParams } from "./test-server.ts";
import { type Home, openHome } from "./tutti.ts";
import { type Editor, sessionFrame, startEditor } from "./vscode.ts";

export interface VsCodeSuite {
  home: Home;
  browser: Browser;
  editor: Editor;
  endpoint: ScriptedEndpoint;
  page: Page;
  /** The session view, after `show`. */
  frame: Frame;
  /** Another client, connected by `show`, when the server runs. */
  otherClient: Link;
  socket: string;
  /** The next chat responses, in order. */
  scripts: Script[];
  show(): Promise<void>;
  prompt(text: string, ...answers: Script[]): Promise<void>;
  /** Approves the shown request once it accepts an answer. */
  approve(): Promise<void>;
  session(): Promise<string>;
  /** The changes to review. */
  edits(): Promise<readonly { path: string }[]>;
}

export interface VsCodeOptions {
  settings?: Record<string, unknown>;
  /** The content of `tutti.jsonc`. */
  config?: Record<string, unknown>;
  /** The text of every completion at the cursor. */
  completion?: string;
  /** Called before the editor starts. */
  prepare(home: Home): void;
}

/** A new question accepts no answer for this time. */
const GRACE_MS = 400;

/** Opens VS Code before the suite, and closes it afterwards. */
export function useVsCode({ settings = {}, config = {}, completion, prepare }: VsCodeOptions): VsCodeSuite {
  const scripts: Script[] = [];
  const suite = {
    scripts,
    async show() {
      suite.frame = await sessionFrame(suite.page, "Control+Alt+T");
      await suite.frame.locator("select.model option", { hasText: "here/m" }).first().waitFor({ state: "attached" });
      suite.otherClient ??= await connectTo(suite.socket, undefined, {
        client: initializeParams.client,
        answers: true,
      });
    },
    async prompt(text, ...answers) {
      scripts.push(...answers);
      await suite.frame.locator("#prompt").fill(text);
      await suite.frame.locator("#prompt").press("Enter");
    },
    async approve() {
      await suite.frame.locator(".question").waitFor();
      await suite.page.waitForTimeout(GRACE_MS);
      await suite.frame.getByRole("button", { name: /^1\./ }).click();
    },
    async session() {
      const { sessions } = await suite.otherClient.call("sessionList", { cwd: suite.home.work, limit: 1 });
      return sessions[0]?.id ?? "";
    },
    async edits() {
      const { promise, resolve } = Promise.withResolvers<readonly { path: string }[]>();
      const snapshot = (view: { edits: readonly { path: string }[] }): void => resolve(view.edits);
      await suite.otherClient.watch(await suite.session(), { event: () => undefined, snapshot });
      return promise;
    },
  } as VsCodeSuite;

  before(async () => {
    build();
    suite.home = await openHome();
    const { home } = suite;
    suite.socket = join(home.data, "run", "tutti.sock");
    prepare(home);
    // Which models there are may be asked at any time.
    suite.endpoint = await scriptedEndpoint([
      ({ method, path }) => {
        if (method === "GET") return { status: 404 };
        if (!path.includes("/chat/") && completion !== undefined)
          return { body: [event({ choices: [{ text: completion }] }), done] };
        return scripts.shift() ?? answer("Nothing more was scripted.");
      },
    ]);
    const folder = join(home.root, "config", "tutti");
    mkdirSync(folder, { recursive: true });
    const providers = { here: { baseUrl: suite.endpoint.baseUrl } };
    writeFileSync(join(folder, "tutti.jsonc"), JSON.stringify({ model: "here/m", providers, ...config }));
    suite.browser = await launchBrowser();
    suite.editor = await startEditor(home, {
      "workbench.editor.useModal": "off",
      "chat.disableAIFeatures": true,
      ...settings,
    });
  });
  // So that the next test does not fail with it: it finds no scripts, no running turn and no open dialog.
  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    scripts.length = 0;
    const session = suite.otherClient && (await suite.session());
    if (session) await suite.otherClient.call("turnCancel", { session }).catch(() => undefined);
    await suite.page?.keyboard.press("Escape");
  });
  after(async () => {
    await suite.otherClient?.close();
    await suite.browser?.close();
    await suite.editor?.close();
    await suite.home?.stop();
    await suite.endpoint?.close();
    await suite.home?.close();
  });
  return suite;
}
