/** Somebody before VS Code: the editor on a folder of its own, an endpoint that says what was scripted, and another client of the server. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import type { Link } from "../../protocol/link.ts";
import { connectTo } from "../../client/local.ts";
import { build } from "./built.ts";
import { launch } from "./page.ts";
import { answer, done, event, type Script, type ScriptedEndpoint, scriptedEndpoint } from "./scripted-endpoint.ts";
import { hello } from "./served.ts";
import { type Home, openHome } from "./tutti.ts";
import { type Editor, sessionFrame, startEditor } from "./vscode.ts";

export interface VsCodeDesk {
  home: Home;
  browser: Browser;
  editor: Editor;
  endpoint: ScriptedEndpoint;
  page: Page;
  /** The view of the session, once `show` has shown it. */
  frame: Frame;
  /** Connected by `show`, as the server runs only then. */
  other: Link;
  socket: string;
  /** What chats are answered with, in order. */
  scripts: Script[];
  show(): Promise<void>;
  prompt(text: string, ...answers: Script[]): Promise<void>;
  /** Yes to the question that is shown, once it takes an answer. */
  agree(): Promise<void>;
  session(): Promise<string>;
  /** What waits to be looked through. */
  edits(): Promise<readonly { path: string }[]>;
}

export interface VsCodeHow {
  settings?: Record<string, unknown>;
  /** Of `tutti.jsonc`. */
  config?: Record<string, unknown>;
  /** What every completion at a cursor says. */
  completes?: string;
  /** Before the editor starts. */
  lay(home: Home): void;
}

/** A question that just came takes no answer. */
const GRACE_MS = 400;

/** Of the suite that calls it: opened before it, closed behind it. */
export function inVsCode({ settings = {}, config = {}, completes, lay }: VsCodeHow): VsCodeDesk {
  const scripts: Script[] = [];
  const desk = {
    scripts,
    async show() {
      desk.frame = await sessionFrame(desk.page, "Control+Alt+T");
      await desk.frame.locator("select.model option", { hasText: "here/m" }).first().waitFor({ state: "attached" });
      desk.other ??= await connectTo(desk.socket, undefined, { client: hello.client, answers: true });
    },
    async prompt(text, ...answers) {
      scripts.push(...answers);
      await desk.frame.locator("#prompt").fill(text);
      await desk.frame.locator("#prompt").press("Enter");
    },
    async agree() {
      await desk.frame.locator(".question").waitFor();
      await desk.page.waitForTimeout(GRACE_MS);
      await desk.frame.getByRole("button", { name: /^1\./ }).click();
    },
    async session() {
      const { sessions } = await desk.other.call("sessionList", { cwd: desk.home.work, limit: 1 });
      return sessions[0]?.id ?? "";
    },
    async edits() {
      const { promise, resolve } = Promise.withResolvers<readonly { path: string }[]>();
      const snapshot = (view: { edits: readonly { path: string }[] }): void => resolve(view.edits);
      await desk.other.watch(await desk.session(), { event: () => undefined, snapshot });
      return promise;
    },
  } as VsCodeDesk;

  before(async () => {
    build();
    desk.home = await openHome();
    const { home } = desk;
    desk.socket = join(home.data, "run", "tutti.sock");
    lay(home);
    // Which models there are may be asked at any time.
    desk.endpoint = await scriptedEndpoint([
      ({ method, path }) => {
        if (method === "GET") return { status: 404 };
        if (!path.includes("/chat/") && completes !== undefined)
          return { body: [event({ choices: [{ text: completes }] }), done] };
        return scripts.shift() ?? answer("Nothing more was scripted.");
      },
    ]);
    const folder = join(home.root, "config", "tutti");
    mkdirSync(folder, { recursive: true });
    const providers = { here: { baseUrl: desk.endpoint.baseUrl } };
    writeFileSync(join(folder, "tutti.jsonc"), JSON.stringify({ model: "here/m", providers, ...config }));
    desk.browser = await launch();
    desk.editor = await startEditor(home, {
      "workbench.editor.useModal": "off",
      "chat.disableAIFeatures": true,
      ...settings,
    });
  });
  after(async () => {
    await desk.other?.close();
    await desk.browser?.close();
    await desk.editor?.close();
    await desk.home?.run(["stop"]);
    await desk.endpoint?.close();
    await desk.home?.close();
  });
  return desk;
}
