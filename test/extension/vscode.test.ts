/** The extension in a real VS Code in a real browser, from a folder that nobody trusts yet to one change kept and another undone. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import type { Link } from "../../client/link.ts";
import { connectTo } from "../../client/local.ts";
import type { Participant } from "../../protocol/method.ts";
import { build } from "../help/built.ts";
import { hasBrowser, launch, screen } from "../help/page.ts";
import {
  answer,
  chunk,
  done,
  finish,
  type Script,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../help/scripted-endpoint.ts";
import { hello } from "../help/served.ts";
import { calling, type Home, openHome } from "../help/tutti.ts";
import { command, type Editor, hasEditor, sessionFrame, startEditor } from "../help/vscode.ts";

const BEFORE = "export const add = (a, b) => a - b;\n\nexport const one = 1;\n\n// the end\n";
const AFTER = "export const add = (a, b) => a + b;\n\nexport const one = 1;\n\n// The end.\n";
const KEY = "sk-secret-0123456789abcdef";
const GRACE_MS = 400;

if (hasBrowser() && hasEditor())
  describe("the extension in VS Code", function () {
    this.timeout(240_000);
    let home: Home;
    let browser: Browser;
    let editor: Editor;
    let endpoint: ScriptedEndpoint;
    let page: Page;
    let frame: Frame;
    let other: Link;
    let socket: string;
    let file: string;
    const scripts: Script[] = [];

    before(async () => {
      build();
      home = await openHome();
      socket = join(home.data, "run", "tutti.sock");
      file = join(home.work, "add.js");
      writeFileSync(file, BEFORE);
      // What a folder says of the program that is run counts nothing.
      mkdirSync(join(home.work, ".vscode"));
      writeFileSync(
        join(home.root, "evil.cjs"),
        `require("fs").writeFileSync(${JSON.stringify(join(home.root, "evil"))}, "")`,
      );
      writeFileSync(
        join(home.work, ".vscode", "settings.json"),
        JSON.stringify({
          "tutti.server.program": join(home.root, "evil.cjs"),
          "tutti.server.environment": { TUTTI_DATA_DIR: join(home.root, "elsewhere") },
        }),
      );
      // Which models there are may be asked at any time.
      endpoint = await scriptedEndpoint([
        ({ method }) =>
          method === "GET" ? { status: 404 } : (scripts.shift() ?? answer("Nothing more was scripted.")),
      ]);
      const folder = join(home.root, "config", "tutti");
      mkdirSync(folder, { recursive: true });
      const providers = { here: { baseUrl: endpoint.baseUrl } };
      writeFileSync(join(folder, "tutti.jsonc"), JSON.stringify({ model: "here/m", providers }));
      browser = await launch();
      editor = await startEditor(home, {
        "security.workspace.trust.startupPrompt": "never",
        "workbench.editor.useModal": "off",
        "chat.disableAIFeatures": true,
      });
    });
    after(async () => {
      await other?.close();
      await browser?.close();
      await editor?.close();
      await home?.run(["stop"]);
      await endpoint?.close();
      await home?.close();
    });
    afterEach(async function () {
      if (this.currentTest?.state === "failed") await page?.screenshot({ path: "/tmp/tutti-vscode-failed.png" });
    });

    const session = async (): Promise<string> =>
      (await other.call("sessionList", { cwd: home.work, limit: 1 })).sessions[0]?.id ?? "";
    const edits = async () => {
      const id = await session();
      const { promise, resolve } = Promise.withResolvers<readonly { path: string }[]>();
      await other.watch(id, { event: () => undefined, snapshot: (view) => resolve(view.edits) });
      return promise;
    };
    const prompt = async (text: string, ...answers: Script[]): Promise<void> => {
      scripts.push(...answers);
      await frame.locator("#prompt").fill(text);
      await frame.locator("#prompt").press("Enter");
    };
    const say = async (): Promise<void> => {
      await frame.locator(".question").waitFor();
      await page.waitForTimeout(GRACE_MS);
      await frame.getByRole("button", { name: /^1\./ }).click();
    };

    it("starts nothing in a folder that is not trusted", async () => {
      page = await editor.open(browser);
      await page.locator('[id="tutti"], .activitybar [aria-label^="Tutti"]').first().waitFor();
      assert.equal(existsSync(socket), false);
      assert.equal(await page.locator('.statusbar-item[id*="tutti"]').count(), 0);
    });

    it("starts its server once the folder is trusted, and shows a session", async () => {
      await command(page, "Workspaces: Manage Workspace Trust");
      await page.getByRole("button", { name: "Trust", exact: true }).click();
      await page.locator('.statusbar-item[id*="tutti"]').waitFor();
      frame = await sessionFrame(page, "Control+Alt+T");
      await frame.locator("select.model option", { hasText: "here/m" }).first().waitFor({ state: "attached" });
      other = await connectTo(socket, undefined, { client: hello.client, answers: true });
      assert.equal(existsSync(join(home.root, "evil")), false);
      assert.equal(existsSync(join(home.root, "elsewhere")), false);
    });

    it("streams a turn, asks with the diff, and takes the answer", async () => {
      const input = {
        path: "add.js",
        edits: [
          { old: "a - b", new: "a + b" },
          { old: "// the end", new: "// The end." },
        ],
      };
      await prompt("Mend it", calling(["edit", input]), answer("Mended **it**."));
      await frame.locator(".question .diff .added").first().waitFor();
      await screen(page, "vscode-question");
      await say();
      await frame.locator(".row strong", { hasText: "it" }).waitFor();
      assert.equal(readFileSync(file, "utf8"), AFTER);
      await page.locator('.statusbar-item[id*="tutti"]', { hasText: "here/m" }).waitFor();
    });

    it("keeps one change and undoes another where they stand in the editor", async () => {
      await frame.getByRole("button", { name: "Review 1 changed file" }).click();
      const lenses = page.locator(".codelens-decoration a");
      await lenses.filter({ hasText: /Undo$/ }).nth(1).waitFor();
      await page.locator(".codelens-decoration", { hasText: "2 changes by an agent" }).waitFor();
      await screen(page, "vscode-review");
      await lenses.filter({ hasText: /Keep$/ }).first().click();
      await page.locator(".codelens-decoration", { hasText: "1 change by an agent" }).waitFor();
      assert.equal(readFileSync(file, "utf8"), AFTER);
      await lenses.filter({ hasText: /Undo$/ }).last().click();
      await page.locator(".codelens-decoration", { hasText: "by an agent" }).waitFor({ state: "detached" });
      assert.equal(readFileSync(file, "utf8"), AFTER.replace("// The end.", "// the end"));
      assert.deepEqual(await edits(), []);
    });

    it("brings the selection along with one key", async () => {
      await page.locator(".monaco-editor .view-lines").first().click();
      await page.keyboard.press("Control+Alt+1");
      await frame.locator(".chip", { hasText: "add.js" }).waitFor();
      await prompt("What is this?", answer("It adds."));
      await frame.getByText("It adds.").waitFor();
      const sent = JSON.stringify(endpoint.received.at(-1)?.body);
      assert.match(sent, /add\.js/);
      assert.match(sent, /export const add/);
    });

    it("loses nothing where the window is loaded again in the middle of a turn", async () => {
      const { promise: rest, resolve: more } = Promise.withResolvers<void>();
      await prompt("Go on", {
        body: [chunk({ content: "Before. " }), rest.then(() => chunk({ content: "After." })), finish(), done],
      });
      await frame.getByText("Before.").waitFor();
      const nonce = () => frame.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
      const policy = (await nonce()) ?? "";
      await page.reload();
      await page.locator('.statusbar-item[id*="tutti"]').waitFor();
      more();
      frame = await sessionFrame(page);
      await frame.getByText("Before. After.").waitFor();
      assert.equal(await frame.getByText("Before.").count(), 1);
      assert.equal(await frame.locator(".row .prompt").count(), 3);
      const again = (await nonce()) ?? "";
      for (const one of [policy, again]) {
        assert.match(one, /default-src 'none'; script-src 'nonce-[0-9a-f]{32}'; /);
        assert.match(one, /connect-src 'none'/);
        assert.doesNotMatch(one, /unsafe/);
      }
      assert.notEqual(policy, again);
    });

    it("is followed and answered from elsewhere", async () => {
      await prompt("Run it", calling(["bash", { command: "touch made" }]), answer("It ran."));
      await frame.locator(".question .detail", { hasText: "touch made" }).waitFor();
      const id = await session();
      const { promise, resolve } = Promise.withResolvers<{ id: string; digest: string }>();
      await other.watch(id, {
        event: () => undefined,
        snapshot: ({ questions }) => questions[0] && resolve(questions[0]),
      });
      const question = await promise;
      await other.call("questionAnswer", {
        session: id,
        question: question.id,
        digest: question.digest,
        answer: "yes",
      });
      await frame.getByText("It ran.").waitFor();
      assert.equal(await frame.locator(".question").count(), 0);
    });

    it("opens the session in a terminal, where the terminal UI is one more client of it", async () => {
      const id = await session();
      const { promise, resolve } = Promise.withResolvers<void>();
      const present = (all: readonly Participant[]): void => {
        if (all.some(({ client }) => client === "terminal")) resolve();
      };
      await other.watch(id, { event: () => undefined, snapshot: () => undefined, present });
      await command(page, "Tutti: Open the Session in a Terminal");
      await promise;
      await page.locator(".terminal-wrapper.active").waitFor();
      await screen(page, "vscode-terminal");
      const { promise: gone, resolve: left } = Promise.withResolvers<void>();
      const absent = (all: readonly Participant[]): void => {
        if (!all.some(({ client }) => client === "terminal")) left();
      };
      await other.watch(id, { event: () => undefined, snapshot: () => undefined, present: absent });
      await command(page, "Terminal: Kill the Active Terminal Instance");
      await gone;
    });

    it("uses one server for two windows", async () => {
      const { pid, clients } = await other.call("serverStatus", {});
      const second = await editor.open(browser, page);
      await second.locator('.statusbar-item[id*="tutti"]').waitFor();
      const there = await sessionFrame(second, "Control+Alt+T");
      await there.getByText("It ran.").or(there.getByText("What should be done?")).first().waitFor();
      const now = await other.call("serverStatus", {});
      assert.equal(now.pid, pid);
      assert.ok(now.clients > clients);
      await second.close();
    });

    it("keeps a key in the secret storage only", async () => {
      await command(page, "Tutti: Give a Provider's Key");
      const input = page.locator(".quick-input-widget input");
      await page.locator(".quick-input-list .monaco-list-row").first().waitFor();
      await input.fill("openai");
      await page.keyboard.press("Enter");
      await page.locator('.quick-input-widget input[type="password"]').fill(KEY);
      await page.keyboard.press("Enter");
      await page.locator(".notification-list-item-message", { hasText: "has a key now" }).waitFor();
      const { providers } = await other.call("providerList", {});
      assert.ok(providers.some(({ key }) => key === "file" || key === "keychain"));
      assert.equal(editor.kept().includes(KEY), false);
      const log = readFileSync(join(home.data, "server.log"), "latin1");
      assert.equal(log.includes(KEY), false);
    });
  });
