/** The extension in a real VS Code in a real browser: trust, a turn, review, a reload, a terminal, keys. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ParticipantList } from "../../protocol/participants.ts";
import { openTestHub } from "../help/hub.ts";
import { hasBrowser, saveScreenshot } from "../help/page.ts";
import { answer, chunk, done, finish } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";
import { command, hasEditor, otherSessionFrame, pick, sessionFrame } from "../help/vscode.ts";
import { useVsCode } from "../help/vscode-suite.ts";

const BEFORE = "export const add = (a, b) => a - b;\n\nexport const one = 1;\n\n// the end\n";
const AFTER = "export const add = (a, b) => a + b;\n\nexport const one = 1;\n\n// The end.\n";
const KEY = "sk-secret-0123456789abcdef";

if (hasBrowser() && hasEditor())
  describe("the extension in VS Code", function () {
    this.timeout(240_000);
    const desk = useVsCode({
      settings: { "security.workspace.trust.startupPrompt": "never" },
      prepare(home) {
        writeFileSync(join(home.work, "add.js"), BEFORE);
        // A folder's own settings for the program must be ignored.
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
      },
    });
    const text = (): string => readFileSync(join(desk.home.work, "add.js"), "utf8");

    it("starts nothing in an untrusted folder", async () => {
      desk.page = await desk.editor.open(desk.browser);
      await desk.page.locator('[id="tutti"], .activitybar [aria-label^="Tutti"]').first().waitFor();
      assert.equal(existsSync(desk.socket), false);
      assert.equal(await desk.page.locator('.statusbar-item[id*="tutti"]').count(), 0);
    });

    it("starts its server once the folder is trusted, and shows a session", async () => {
      await command(desk.page, "Workspaces: Manage Workspace Trust");
      await desk.page.getByRole("button", { name: "Trust", exact: true }).click();
      await desk.page.locator('.statusbar-item[id*="tutti"]').waitFor();
      await desk.show();
      assert.equal(existsSync(join(desk.home.root, "evil")), false);
      assert.equal(existsSync(join(desk.home.root, "elsewhere")), false);
    });

    it("streams a turn, asks for approval with the diff, and uses the answer", async () => {
      const input = {
        path: "add.js",
        edits: [
          { old: "a - b", new: "a + b" },
          { old: "// the end", new: "// The end." },
        ],
      };
      await desk.prompt("Fix it", callTools(["edit", input]), answer("Fixed **it**."));
      await desk.frame.locator(".question .diff .added").first().waitFor();
      await saveScreenshot(desk.page, "vscode-question");
      await desk.approve();
      await desk.frame.locator(".row strong", { hasText: "it" }).waitFor();
      assert.equal(text(), AFTER);
      await desk.page.locator('.statusbar-item[id*="tutti"]', { hasText: "here/m" }).waitFor();
    });

    it("keeps one change and undoes another in the editor", async () => {
      await desk.frame.getByRole("button", { name: "Review 1 changed file" }).click();
      const lenses = desk.page.locator(".codelens-decoration a");
      await lenses.filter({ hasText: /Undo$/ }).nth(1).waitFor();
      await desk.page.locator(".codelens-decoration", { hasText: "2 changes by an agent" }).waitFor();
      await saveScreenshot(desk.page, "vscode-review");
      await lenses.filter({ hasText: /Keep$/ }).first().click();
      await desk.page.locator(".codelens-decoration", { hasText: "1 change by an agent" }).waitFor();
      assert.equal(text(), AFTER);
      await lenses.filter({ hasText: /Undo$/ }).last().click();
      await desk.page.locator(".codelens-decoration", { hasText: "by an agent" }).waitFor({ state: "detached" });
      assert.equal(text(), AFTER.replace("// The end.", "// the end"));
      assert.deepEqual(await desk.edits(), []);
    });

    it("adds the selection with a keyboard shortcut", async () => {
      await desk.page.locator(".monaco-editor .view-lines").first().click();
      await desk.page.keyboard.press("Control+Alt+1");
      await desk.frame.locator(".chip", { hasText: "add.js" }).waitFor();
      await desk.prompt("What is this?", answer("It adds."));
      await desk.frame.getByText("It adds.").waitFor();
      const sent = JSON.stringify(desk.endpoint.received.at(-1)?.body);
      assert.match(sent, /add\.js/);
      assert.match(sent, /export const add/);
    });

    it("loses nothing when the window is reloaded during a turn", async () => {
      const { promise: rest, resolve: more } = Promise.withResolvers<void>();
      await desk.prompt("Go on", {
        body: [chunk({ content: "Before. " }), rest.then(() => chunk({ content: "After." })), finish(), done],
      });
      await desk.frame.getByText("Before.").waitFor();
      const nonce = () => desk.frame.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
      const policy = (await nonce()) ?? "";
      await desk.page.reload();
      await desk.page.locator('.statusbar-item[id*="tutti"]').waitFor();
      more();
      desk.frame = await sessionFrame(desk.page);
      await desk.frame.getByText("Before. After.").waitFor();
      assert.equal(await desk.frame.getByText("Before.").count(), 1);
      assert.equal(await desk.frame.locator(".row .prompt").count(), 3);
      const again = (await nonce()) ?? "";
      for (const one of [policy, again]) {
        assert.match(one, /default-src 'none'; script-src 'nonce-[0-9a-f]{32}'; /);
        assert.match(one, /connect-src 'none'/);
        assert.doesNotMatch(one, /unsafe/);
      }
      assert.notEqual(policy, again);
    });

    it("can be watched and answered from another client", async () => {
      await desk.prompt("Run it", callTools(["bash", { command: "touch made" }]), answer("It ran."));
      await desk.frame.locator(".question .detail", { hasText: "touch made" }).waitFor();
      const id = await desk.session();
      const { promise, resolve } = Promise.withResolvers<{ id: string; digest: string }>();
      await desk.otherClient.watch(id, {
        event: () => undefined,
        snapshot: ({ questions }) => questions[0] && resolve(questions[0]),
      });
      const question = await promise;
      await desk.otherClient.call("questionAnswer", {
        session: id,
        question: question.id,
        digest: question.digest,
        answer: { choice: "yes" },
      });
      await desk.frame.getByText("It ran.").waitFor();
      assert.equal(await desk.frame.locator(".question").count(), 0);
    });

    it("shares the session, and joins a shared one in a tab, which a revoked link disconnects", async () => {
      const { page, scripts, otherClient, frame } = desk;
      const hub = await openTestHub();
      await otherClient.call("configWrite", { key: "share.hub", text: JSON.stringify(hub.url) });
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await command(page, "Tutti: Share This Session");
      await pick(page, "Copy a link for a driver");
      await page.locator(".notification-toast", { hasText: "The link for a driver was copied" }).waitFor();
      const link = await page.evaluate(() => navigator.clipboard.readText());

      await command(page, "Tutti: Join a Shared Session");
      const input = page.locator(".quick-input-widget input");
      await input.fill(link.slice(0, -4));
      await page.locator(".quick-input-message", { hasText: "damaged or was cut off" }).waitFor();
      await input.fill(link);
      await page.locator(".quick-input-message", { hasText: "It is not stored" }).waitFor();
      await page.keyboard.press("Enter");
      await page.locator(".quick-input-message", { hasText: "Your name" }).waitFor();
      await input.fill("Bo");
      await page.keyboard.press("Enter");
      await page.locator(".tab.active", { hasText: "Shared: driver" }).waitFor();
      const tab = await otherSessionFrame(page, frame);
      await tab.getByText("It ran.").waitFor();
      scripts.push(answer("Bo was here."));
      await tab.locator("#prompt").fill("Who is here?");
      await tab.locator("#prompt").press("Enter");
      await tab.getByText("Bo was here.").waitFor();
      await frame.getByText("Bo was here.").waitFor();
      await saveScreenshot(page, "vscode-shared");

      await command(page, "Tutti: Share This Session");
      await pick(page, "Revoke the link");
      await tab.getByText("revoked").first().waitFor();
      await command(page, "View: Close Editor");
      await otherClient.call("shareStop", { session: await desk.session() });
      await hub.close();
    });

    it("opens the session in the terminal UI", async () => {
      const id = await desk.session();
      const { promise, resolve } = Promise.withResolvers<void>();
      const participantsChanged = ({ participants: all }: ParticipantList): void => {
        if (all.some(({ client }) => client === "terminal")) resolve();
      };
      await desk.otherClient.watch(id, { event: () => undefined, snapshot: () => undefined, participantsChanged });
      await command(desk.page, "Tutti: Open Session in Terminal");
      await promise;
      await desk.page.locator(".terminal-wrapper.active").waitFor();
      await saveScreenshot(desk.page, "vscode-terminal");
      const { promise: gone, resolve: left } = Promise.withResolvers<void>();
      const absent = ({ participants: all }: ParticipantList): void => {
        if (!all.some(({ client }) => client === "terminal")) left();
      };
      await desk.otherClient.watch(id, {
        event: () => undefined,
        snapshot: () => undefined,
        participantsChanged: absent,
      });
      await command(desk.page, "Terminal: Kill the Active Terminal Instance");
      await gone;
    });

    it("uses one server for two windows", async () => {
      const { pid, clients } = await desk.otherClient.call("serverStatus", {});
      const second = await desk.editor.open(desk.browser, desk.page);
      await second.locator('.statusbar-item[id*="tutti"]').waitFor({ timeout: 120_000 });
      const there = await sessionFrame(second, "Control+Alt+T");
      await there.getByText("It ran.").or(there.getByText("What should be done?")).first().waitFor();
      const now = await desk.otherClient.call("serverStatus", {});
      assert.equal(now.pid, pid);
      assert.ok(now.clients > clients);
      await second.close();
    });

    it("stores a key only in secret storage", async () => {
      await command(desk.page, "Tutti: Set Provider API Key");
      const input = desk.page.locator(".quick-input-widget input");
      await desk.page.locator(".quick-input-list .monaco-list-row").first().waitFor();
      await input.fill("openai");
      await desk.page.keyboard.press("Enter");
      await desk.page.locator('.quick-input-widget input[type="password"]').fill(KEY);
      await desk.page.keyboard.press("Enter");
      await desk.page.locator(".notification-list-item-message", { hasText: "Saved the API key" }).waitFor();
      const { providers } = await desk.otherClient.call("providerList", {});
      assert.ok(providers.some(({ key }) => key === "file" || key === "keychain"));
      assert.equal(desk.editor.kept().includes(KEY), false);
      const log = readFileSync(join(desk.home.data, "server.log"), "latin1");
      assert.equal(log.includes(KEY), false);
    });
  });
