/**
 * Work in a real VS Code: fixing a problem in unsaved text, completion, context, notifications, review, links, chat and walkthrough.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { DOT, hasBrowser, saveScreenshot } from "../help/page.ts";
import { answer } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";
import { command, drag, frameWith, hasEditor, installOtherExtension, pick, sessionFrame } from "../help/vscode.ts";
import { useVsCode } from "../help/vscode-suite.ts";

if (hasBrowser() && hasEditor())
  describe("work in VS Code", function () {
    this.timeout(240_000);
    const desk = useVsCode({
      settings: {
        "security.workspace.trust.enabled": false,
        "chat.disableAIFeatures": false,
        // It would select the file of an editor that has just opened, in place of what a test has selected.
        "explorer.autoReveal": false,
      },
      config: { completion: { model: "here/starcoder2" } },
      completion: "1 + 1;",
      prepare(home) {
        const { root, work, env } = home;
        installOtherExtension(home);
        execFileSync("mkfifo", [join(root, "pipe")]);
        writeFileSync(join(work, "dot.png"), Buffer.from(DOT, "base64"));
        for (const name of ["d.js", "e.js"]) writeFileSync(join(work, name), "1;\n");
        writeFileSync(join(work, "add.js"), "export const add = (a, b) => a + b;\n");
        const git = (...args: string[]) => execFileSync("git", args, { cwd: work, env, stdio: "ignore" });
        git("init");
        git("add", "add.js", "d.js", "e.js");
        git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "Begin");
      },
    });
    const text = (): string => readFileSync(join(desk.home.work, "add.js"), "utf8");

    /** Opens add.js as it is on disk. */
    const openSaved = async (): Promise<void> => {
      const { page } = desk;
      await command(page, "Go to File...");
      await page.locator(".quick-input-widget input").fill("add.js");
      await page.locator(".quick-input-list .monaco-list-row", { hasText: "add.js" }).first().waitFor();
      await page.keyboard.press("Enter");
      await page.locator(".tab.active", { hasText: "add.js" }).waitFor();
      if ((await page.locator(".tab.active.dirty").count()) > 0) await command(page, "File: Revert File");
      await page.locator(".tab.active.dirty").waitFor({ state: "detached" });
    };

    before(async () => {
      desk.page = await desk.editor.open(desk.browser);
      await desk.page.locator('.statusbar-item[id*="tutti"]').waitFor();
      await desk.show();
    });

    it("fixes a problem in unsaved text through the language server, and undoes it there", async () => {
      const { page, frame } = desk;
      const before = text();
      await openSaved();
      await page.locator(".codelens-decoration", { hasText: "Explain add" }).waitFor();
      await page.locator(".monaco-editor .view-lines").first().click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("const = 1;");
      await page.locator(".tab.dirty").waitFor();
      await page.locator(".squiggly-error").first().waitFor();
      await page.keyboard.press("Control+Alt+3");
      await frame.locator(".chip", { hasText: "problems" }).waitFor();
      await frame.getByRole("button", { name: "Remove problems" }).click();
      await page.locator(".monaco-editor .view-line", { hasText: "const = 1" }).click();
      const fixing = callTools(["edit", { path: "add.js", old: "const = 1", new: "const three = 1" }]);
      desk.scripts.push(callTools(["read", { path: "add.js" }]), fixing, answer("Named it."));
      await page.keyboard.press("Control+.");
      await page.locator(".action-widget .monaco-list-row", { hasText: "Tutti: Fix" }).first().click();
      await desk.approve();
      await frame.getByText("Named it.").waitFor();
      await page.locator(".monaco-editor .view-line", { hasText: "const three = 1" }).waitFor();
      assert.match(JSON.stringify(desk.endpoint.received.at(-1)?.body), /const = 1/);
      await page.waitForFunction(() =>
        [...document.querySelectorAll(".view-lines span")].some((one) =>
          getComputedStyle(one, "::after").content.includes("− const = 1;"),
        ),
      );
      await page.locator(".tab.dirty").waitFor();
      assert.equal(text(), before);
      await page.locator(".codelens-decoration a", { hasText: /Undo$/ }).last().click();
      await page.locator(".monaco-editor .view-line", { hasText: "const = 1" }).waitFor();
      await page.locator(".codelens-decoration", { hasText: "by an agent" }).waitFor({ state: "detached" });
      assert.equal(text(), before);
      assert.deepEqual(await desk.edits(), []);
      await command(page, "File: Revert File");
      await page.locator(".tab.dirty").waitFor({ state: "detached" });
    });

    it("completes code at the cursor", async () => {
      const { page } = desk;
      await openSaved();
      await page.locator(".monaco-editor .view-lines").first().click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("const two = ");
      await page.locator(".ghost-text-decoration").first().waitFor();
      await page.locator(".monaco-editor .view-line", { hasText: "const two = 1 + 1;" }).waitFor();
      await page.keyboard.press("Tab");
      await page.locator(".ghost-text-decoration").first().waitFor({ state: "detached" });
      await command(page, "File: Save");
      await page.locator(".tab.dirty").waitFor({ state: "detached" });
      assert.match(text(), /const two = 1 \+ 1;$/);
    });

    it("adds open files and Git changes", async () => {
      const { page, frame } = desk;
      appendFileSync(join(desk.home.work, "add.js"), "\nconst four = 2 + 2;");
      await openSaved();
      await page.locator(".monaco-editor .view-line", { hasText: "const four = 2 + 2;" }).click();
      await page.keyboard.press("Control+Alt+2");
      await frame.waitForFunction(() => document.querySelector("textarea")?.value.includes("@add.js"));
      await page.keyboard.press("Control+Alt+5");
      await frame.locator(".chip", { hasText: "changes.diff" }).waitFor();
      await desk.prompt("What is new?", answer("A sum."));
      await frame.getByText("A sum.").waitFor();
      const sent = JSON.stringify(desk.endpoint.received.at(-1)?.body);
      assert.match(sent, /\+const four = 2 \+ 2;/);
    });

    it("answers a question from a notification while the view is hidden", async () => {
      const { page, frame } = desk;
      await command(page, "View: Show Explorer");
      const session = await desk.session();
      desk.scripts.push(callTools(["bash", { command: "touch noted" }]), answer("Noted."));
      await desk.otherClient.call("turnPrompt", { session, text: "Note it" });
      const asks = page.locator(".notification-list-item", { hasText: "Tutti:" });
      await asks.filter({ hasText: "touch noted" }).waitFor();
      await saveScreenshot(page, "vscode-notification");
      await asks.getByRole("button", { name: "Approve", exact: true }).click();
      await asks.waitFor({ state: "detached" });
      await page.keyboard.press("Control+Alt+T");
      await frame.getByText("Noted.", { exact: true }).waitFor();
      assert.ok(existsSync(join(desk.home.work, "noted")));
    });

    it("lists the files to review, and opens all of them together", async () => {
      const { page, frame } = desk;
      const writes = ["b.js", "c.js"].map((path): [string, unknown] => ["write", { path, content: "1;\n" }]);
      await desk.prompt("Write both", callTools(...writes), answer("Both are there."));
      await desk.approve();
      await frame.locator(".question", { hasText: "c.js" }).waitFor();
      await desk.approve();
      await frame.getByText("Both are there.").waitFor();
      const rows = page.locator(".pane .monaco-list-row");
      for (const name of ["b.js", "c.js"]) await rows.filter({ hasText: name }).first().waitFor();
      for (const name of ["b.js", "c.js", "b.js"]) {
        await page.keyboard.press("Control+Alt+J");
        await page.locator(".tab.active", { hasText: name }).waitFor();
      }
      await page.locator('.editor-actions [aria-label^="Keep Changes in File"]').waitFor();
      await command(page, "Tutti: Review Changes");
      await page.locator(".multiDiffEntry", { hasText: "b.js" }).waitFor();
      await page.locator(".multiDiffEntry", { hasText: "c.js" }).waitFor();
      await command(page, "Tutti: Keep All Changes");
      await rows.filter({ hasText: "c.js" }).waitFor({ state: "detached" });
      assert.deepEqual(await desk.edits(), []);
      await command(page, "View: Close All Editors");
    });

    it("inserts the text of a link into the prompt after confirmation, without sending it", async () => {
      const { page, frame } = desk;
      const before = desk.endpoint.received.length;
      await command(page, "Developer: Open URL");
      const link = "code-oss://tutti.tutti/prompt?text=Say%20hello&send=1";
      await page.locator(".quick-input-widget input").fill(link);
      await page.keyboard.press("Enter");
      const dialog = page.locator(".monaco-dialog-box");
      await dialog.getByRole("button", { name: "Open", exact: true }).click();
      await dialog.filter({ hasText: "Say hello" }).waitFor();
      const area = frame.locator("#prompt");
      assert.equal(await area.inputValue(), "");
      await dialog.getByRole("button", { name: "Insert" }).click();
      await frame.waitForFunction(() => document.querySelector("textarea")?.value === "Say hello");
      await area.fill("");
      assert.equal(desk.endpoint.received.length, before);
    });

    it("adds the output of a terminal command, quick or slow", async () => {
      const { page, frame } = desk;
      const terminal = page.locator(".terminal-wrapper.active");
      const ended = terminal.locator(".terminal-command-decoration.success");
      const run = async (line: string): Promise<void> => {
        await terminal.locator(".xterm-screen").first().click();
        await terminal.locator(".xterm.focus").waitFor();
        await page.keyboard.type(`${line}\n`);
      };
      const addOutput = async (): Promise<string> => {
        await page.keyboard.press("Control+Alt+4");
        await frame.locator(".chip", { hasText: "terminal" }).waitFor();
        const { length } = desk.endpoint.received;
        await desk.prompt("What did it say?", answer("Lines."));
        const { body } = await desk.endpoint.request(length);
        await frame.getByRole("button", { name: "Send" }).waitFor();
        return JSON.stringify(body);
      };
      await command(page, "Terminal: Create New Terminal");
      await run("seq 41 43");
      await ended.first().waitFor();
      assert.match(await addOutput(), /seq 41 43\\n[\s\S]*41\\n42\\n43/);
      await run("cat ../pipe");
      const pipe = await open(join(desk.home.root, "pipe"), "w");
      await page.locator(".single-terminal-tab", { hasText: "cat" }).waitFor();
      await pipe.write("50 %\r100 %\n\x1b[32mdone\x1b[0m\n");
      await pipe.close();
      await ended.nth(1).waitFor();
      assert.match(await addOutput(), /\$ cat \.\.\/pipe\\n100 %\\ndone\\n/);
      await command(page, "Terminal: Kill the Active Terminal Instance");
    });

    it("is a tool for the editor's agents, after confirmation", async () => {
      const { page, frame } = desk;
      desk.scripts.push(callTools(["bash", { command: "touch tooled" }]), answer("It is *done*."));
      await command(page, "Neighbour: Ask Tutti");
      const dialog = page.locator(".monaco-dialog-box", { hasText: "Do *it*" });
      await dialog.getByRole("button", { name: "Yes", exact: true }).click();
      await frame.locator(".question .detail", { hasText: "touch tooled" }).waitFor();
      await desk.approve();
      await page.locator(".notification-list-item-message", { hasText: "Told: It is *done*." }).waitFor();
      assert.ok(existsSync(join(desk.home.work, "tooled")));
      await command(page, "Notifications: Clear All Notifications");
    });

    it("responds in the editor's chat, and asks questions there", async () => {
      const { page, frame } = desk;
      const chat = page.locator(".interactive-session");
      await command(page, "Chat: Open Chat");
      await chat.getByText("Mute").waitFor();
      desk.scripts.push(callTools(["bash", { command: "node --check add.js" }]), answer("It is **fine**."));
      await page.keyboard.type("@tutti");
      await page.locator(".suggest-widget.visible .monaco-list-row.focused", { hasText: "@tutti" }).waitFor();
      await page.keyboard.press("Enter");
      await page.keyboard.type("Is add.js in order?");
      await page.keyboard.press("Enter");
      await chat.getByText("Needs your answer: bash: node --check add.js").waitFor();
      await chat.getByRole("button", { name: "Answer", exact: true }).click();
      await frame.locator(".question .detail", { hasText: "node --check" }).waitFor();
      await frame.locator(".question button:focus").waitFor();
      await desk.approve();
      await chat.locator("strong", { hasText: "fine" }).waitFor();
      await chat.getByRole("button", { name: "Open in Tutti" }).waitFor();
      await saveScreenshot(page, "vscode-chat");
      const session = await desk.session();
      await page.locator(".interactive-input-part .view-lines").first().click();
      desk.scripts.push(answer("Once more."));
      await page.keyboard.type("again");
      await page.keyboard.press("Enter");
      await chat.getByText("Once more.").waitFor();
      await frame.getByText("Once more.").waitFor();
      assert.equal(await desk.session(), session);
    });

    it("has a walkthrough", async () => {
      const { page, frame } = desk;
      await command(page, "View: Hide Secondary Side Bar");
      await command(page, "Welcome: Open Walkthrough");
      await pick(page, "Get Started with Tutti");
      const steps = page.locator(".getting-started-step");
      const press = async (step: string, link: string): Promise<void> => {
        await steps.filter({ hasText: step }).click();
        await steps.getByRole("button", { name: link, exact: true }).click();
      };
      await frameWith(page, "p:has-text('any OpenAI-compatible endpoint')");
      await press("Set up a model", "Set Provider API Key");
      await page.locator(".quick-input-widget", { hasText: "Select a provider" }).waitFor();
      await page.keyboard.press("Escape");
      await press("Send a prompt", "Open Tutti");
      await frame.locator("#prompt:focus").waitFor();
      await press("Review the changes", "Review Changes");
      await page.locator(".notification-list-item-message", { hasText: "There are no changes to review" }).waitFor();
      await press("Continue anywhere", "Open Session in Terminal");
      await page.locator(".single-terminal-tab", { hasText: "Tutti" }).waitFor();
      await command(page, "Terminal: Kill the Active Terminal Instance");
    });

    it("works in the selected folder of a multi-root window", async () => {
      const { browser, editor, home, otherClient, scripts } = desk;
      const [lib, file] = [join(home.root, "lib"), join(home.root, "both.code-workspace")];
      mkdirSync(lib);
      writeFileSync(file, JSON.stringify({ folders: [{ path: home.work }, { path: lib }] }));
      const page = await editor.open(browser, desk.page, file);
      let frame = await sessionFrame(page, "Control+Alt+T");
      const choose = page.locator('.title-actions [aria-label="Select Folder for New Sessions"]');
      const has = await choose.waitFor({ timeout: 15_000 }).then(
        () => true,
        () => false,
      );
      // On a busy machine the editor may open a workspace without its folders. Loaded again, it has them.
      if (!has) {
        await page.reload();
        frame = await sessionFrame(page, "Control+Alt+T");
      }
      await choose.click();
      await pick(page, "lib");
      await page.getByRole("heading", { name: "Session · lib" }).waitFor();
      scripts.push(answer("Nothing is here."));
      await frame.locator("#prompt").fill("What is here?");
      await frame.locator("#prompt").press("Enter");
      await frame.getByText("Nothing is here.").waitFor();
      const { sessions } = await otherClient.call("sessionList", { cwd: lib });
      assert.deepEqual(
        sessions.map(({ cwd }) => cwd),
        [lib],
      );
      await page.close();
    });

    it("attaches dropped files and tabs", async () => {
      const { page } = desk;
      const moved = page.waitForEvent("framedetached", (gone) => gone === desk.frame);
      await command(page, "View: Move View");
      await pick(page, "Session");
      await pick(page, "New Secondary Side Bar Entry");
      await moved;
      const frame = await sessionFrame(page);
      await command(page, "View: Show Explorer");
      const row = (name: string) => page.getByRole("treeitem", { name, exact: true });
      await row("d.js").click();
      await row("e.js").click({ modifiers: ["Control"] });
      for (const name of ["d.js", "e.js"])
        await page.locator('[role="treeitem"][aria-selected="true"]', { hasText: name }).waitFor();
      await drag(page, row("e.js"), frame.locator("#prompt"));
      for (const name of ["d.js", "e.js"]) await frame.locator(".chip", { hasText: name }).waitFor();
      await drag(page, row("dot.png"), frame.locator("#prompt"));
      await frame.locator(".chip img").waitFor();
      await row("add.js").dblclick();
      await drag(page, page.getByRole("tab", { name: "add.js" }), frame.locator("#prompt"));
      await frame.locator(".chip", { hasText: "add.js" }).waitFor();
    });
  });
