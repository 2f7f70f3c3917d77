/** The web page in Chromium, with a real server and a scripted model. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { connectTo } from "../../client/local.ts";
import type { Envelope, SessionEvent } from "../../protocol/events.ts";
import type { Link } from "../../protocol/link.ts";
import { build } from "../help/build.ts";
import { DOT, type FramedPage, frame, hasBrowser, launchBrowser } from "../help/page.ts";
import {
  answer,
  chunk,
  done,
  finish,
  type Script,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../help/scripted-endpoint.ts";
import { initializeParams, startTestServer, type TestServer } from "../help/test-server.ts";
import { callTools } from "../help/tutti.ts";

const HOSTILE = `# <img src=x onerror=alert(1)>

<script>document.title = "owned"</script><iframe src="https://evil.example/"></iframe>

![pixel](https://evil.example/pixel.png) <img src="https://evil.example/2.png"> <svg onload=alert(1)>

[good](https://example.com/a) [https://good.example](https://evil.example/) [js](javascript:alert(1)) [cmd](command:workbench.action.quit) [data](data:text/html,hi) [file](file:///etc/passwd)

<form action="https://evil.example/"><input name=a></form> <style>*{display:none}</style> ‮reversed

\`\`\`html
<script>alert(2)</script>
\`\`\`

${">".repeat(10_000)} deep`;

if (hasBrowser())
  describe("the web page", function () {
    this.timeout(60_000);
    let browser: Browser;
    let at: TestServer;
    let other: Link;
    let endpoint: ScriptedEndpoint | undefined;
    let open: FramedPage | undefined;
    let cwd: string;

    before(async () => {
      build();
      browser = await launchBrowser();
      at = await startTestServer();
      other = await connectTo(at.path, undefined, { client: initializeParams.client, answers: true });
      cwd = join(at.folder, "work");
      mkdirSync(cwd);
    });
    after(async () => {
      await browser?.close();
      await other?.close();
      await at?.close();
    });
    afterEach(async () => {
      await open?.close();
      await endpoint?.close();
      [open, endpoint] = [undefined, undefined];
    });

    const model = async (...scripts: Script[]): Promise<void> => {
      endpoint = await scriptedEndpoint(scripts);
      // A listed model needs no request that asks whether the endpoint has it.
      const provider = { baseUrl: endpoint.baseUrl, models: { m: { vision: true } } };
      await other.call("configWrite", { key: "providers.here", text: JSON.stringify(provider) });
      await other.call("configWrite", { key: "model", text: '"here/m"' });
    };
    const look = async (session: string | null = null): Promise<FramedPage> => {
      open = await frame(browser, { socket: at.path, cwd, session });
      return open;
    };
    const imported = async (events: SessionEvent[]): Promise<string> => {
      const by = { kind: "person", id: "local", name: "Ada" } as const;
      const envelopes = events.map((event, index): Envelope => ({ seq: index + 1, at: 1_000 + index, by, event }));
      return (await other.call("sessionImport", { envelopes })).session;
    };
    const opened: SessionEvent = { type: "session.opened", session: "x", cwd: "/", version: "0" };

    it("streams a response with Markdown and highlighted code", async () => {
      let more = (): void => undefined;
      const rest = new Promise<void>((resolve) => {
        more = resolve;
      });
      await model({
        body: [
          chunk({ content: "I am **half" }),
          rest.then(() => chunk({ content: "way** there\n\n```js\nconst one = 1;\n```\n" })),
          finish(),
          done,
        ],
      });
      const { page, errors } = await look();
      await page.getByLabel("Prompt").fill("Begin");
      await page.keyboard.press("Enter");
      await page.locator(".row strong", { hasText: "half" }).waitFor();
      assert.equal(await page.getByRole("button", { name: "Stop" }).count(), 1);
      more();
      await page.locator(".hljs-keyword", { hasText: "const" }).waitFor();
      assert.equal(await page.locator(".row strong").innerText(), "halfway");
      await page.getByRole("button", { name: "Send" }).waitFor();
      assert.deepEqual(errors, []);
    });

    it("asks for approval with the diff, and opens the review", async () => {
      await model(callTools(["edit", { path: "add.js", old: "a - b", new: "a + b" }]), answer("Fixed."));
      writeFileSync(join(cwd, "add.js"), "export const add = (a, b) => a - b;\n");
      const { page } = await look();
      await page.getByLabel("Prompt").fill("Fix it");
      await page.keyboard.press("Enter");
      const question = page.locator(".question");
      await question.waitFor();
      assert.match(await question.locator(".diff .removed").innerText(), /a - b/);
      assert.match(await question.locator(".diff .added").innerText(), /a \+ b/);
      await page.locator(".question[data-ready=true]").waitFor();
      await question.getByRole("button", { name: /^1\./ }).click();
      await page.getByText("Fixed.").waitFor();
      assert.equal(readFileSync(join(cwd, "add.js"), "utf8"), "export const add = (a, b) => a + b;\n");
      await page.getByRole("button", { name: "Review 1 changed file" }).click();
      await open?.waitForMessage("review");
    });

    it("renders only parts near the viewport of 10,000, and keeps the scroll position", async () => {
      const events: SessionEvent[] = [opened];
      for (let turn = 1; turn <= 2_500; turn++) {
        const [id, step] = [`t${turn}`, 1];
        events.push({ type: "turn.started", turn: id, text: `Prompt ${turn}`, attachments: [], agent: "tutti" });
        for (const part of ["a", "b", "c"])
          events.push({
            type: "text.done",
            turn: id,
            step,
            part: `${id}${part}`,
            text: `${part} of ${turn}. ${"Some words. ".repeat((turn * 7) % 40)}`,
          });
        events.push({ type: "turn.ended", turn: id, outcome: "done" });
      }
      const session = await imported(events);
      const { page, errors } = await look(session);
      await page.getByText("c of 2500.").waitFor();
      const nodes = (): Promise<number> => page.evaluate(() => document.querySelectorAll("*").length);
      const rows = page.locator(".transcript .row");
      assert.ok((await nodes()) < 1_000);
      assert.equal(await rows.last().getAttribute("aria-setsize"), "10000");
      const feed = page.getByRole("feed");
      // Scrolls to the first part while earlier pages are loaded.
      const frames = await page.evaluate(async () => {
        const box = document.querySelector(".transcript") as HTMLElement;
        const times: number[] = [];
        let before = performance.now();
        while (document.querySelector('[aria-posinset="1"]') === null && times.length < 6_000) {
          box.scrollTop -= 1_500;
          await new Promise(requestAnimationFrame);
          const now = performance.now();
          times.push(now - before);
          before = now;
        }
        return times.sort((a, b) => a - b);
      });
      process.stdout.write(
        `    ${frames.length} frames: median ${frames[frames.length >> 1]?.toFixed(1)} ms, 99th ${frames[Math.floor(frames.length * 0.99)]?.toFixed(1)} ms\n`,
      );
      assert.equal(await page.locator('[aria-posinset="1"]').count(), 1);
      assert.ok((await nodes()) < 1_000);
      // New output at the end must not move the visible parts.
      await feed.evaluate((box) => {
        box.scrollTop = 5_000;
        // Wait for the render.
        return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      });
      const first = page.locator(".transcript .row").nth(5);
      const id = await first.getAttribute("data-part");
      const before = await page.locator(`[data-part="${id}"]`).boundingBox();
      await model(answer("The newest words."));
      await other.call("turnPrompt", { session, text: "Once more" });
      await page.locator('.transcript[aria-busy="false"]').waitFor();
      assert.deepEqual(await page.locator(`[data-part="${id}"]`).boundingBox(), before);
      await feed.evaluate((box) => {
        box.scrollTop = box.scrollHeight;
      });
      await page.getByText("The newest words.").waitFor();
      assert.deepEqual(errors, []);
    });

    it("shows hostile Markdown as text: runs and fetches nothing, and shows link targets", async () => {
      const session = await imported([
        opened,
        { type: "turn.started", turn: "t1", text: "<b>bold</b>", attachments: [], agent: "tutti" },
        { type: "text.done", turn: "t1", step: 1, part: "p1", text: HOSTILE },
        {
          type: "call.asked",
          ...{ turn: "t1", step: 1, call: "c1", name: "bash", kind: "execute" },
          ...{ title: "<img src=x onerror=alert(3)>", input: {}, locations: [] },
        } as SessionEvent,
        { type: "call.done", call: "c1", state: "done", output: "\x1b]0;title\x07<script>alert(4)</script>" },
        { type: "turn.ended", turn: "t1", outcome: "done" },
      ]);
      const { page, foreignRequests, errors, waitForMessage } = await look(session);
      let dialogs = 0;
      page.on("dialog", (dialog) => {
        dialogs++;
        return dialog.dismiss();
      });
      await page.getByText("<b>bold</b>").waitFor();
      await page.locator(".output").waitFor();
      const found = await page.evaluate(() => ({
        title: document.title,
        alien: document.querySelectorAll(".row script, .row iframe, .row img, .row svg, .row form, .row style, .row a")
          .length,
        handlers: [...document.querySelectorAll(".row *")].filter((one) =>
          one.getAttributeNames().some((name) => name.startsWith("on")),
        ).length,
        text: document.querySelector(".transcript")?.textContent ?? "",
      }));
      assert.equal(found.title, "Tutti");
      assert.equal(found.alien, 0);
      assert.equal(found.handlers, 0);
      assert.equal(dialogs, 0);
      assert.deepEqual(foreignRequests, []);
      assert.deepEqual(errors, []);
      assert.match(found.text, /\\u\{202e\}reversed/);
      assert.match(found.text, /\\x1b\]0;title/);
      assert.match(found.text, /https:\/\/good\.example \(https:\/\/evil\.example\/\)/);
      const links = await page.locator(".row .link").allInnerTexts();
      assert.deepEqual(links, ["good", "https://good.example", "file"]);
      // By keyboard: late highlighting may move the link under the pointer.
      await page.locator(".row .link", { hasText: "good.example" }).press("Enter");
      assert.deepEqual(await waitForMessage("link"), { type: "link", href: "https://evil.example/" });
    });

    it("works with the keyboard and screen readers", async () => {
      await model(callTools(["bash", { command: "touch made" }]), answer("Done so."));
      writeFileSync(join(cwd, "chosen.txt"), "");
      const { page } = await look();
      await page.getByLabel("Prompt").focus();
      await page.keyboard.type("Look at @chos");
      const option = page.getByRole("option", { name: "chosen.txt" });
      await option.waitFor();
      assert.equal(await option.getAttribute("aria-selected"), "true");
      await page.keyboard.press("Tab");
      await page.waitForFunction(() => document.querySelector("textarea")?.value === "Look at @chosen.txt ");
      await page.keyboard.press("Enter");
      const question = page.locator(".question");
      await question.waitFor();
      assert.equal(await question.locator(".detail").innerText(), "touch made");
      assert.match((await question.locator(".muted").first().innerText()) ?? "", /“Always” saves the rule/);
      assert.match(await page.locator(".sr[role=status]").innerText(), /^Question: /);
      await open?.send({ type: "focus", target: "question" });
      await page.locator(".question[data-ready=true]").waitFor();
      await page.keyboard.press("1");
      await page.getByText("Done so.").waitFor();
      const tree = await page.locator("body").ariaSnapshot();
      for (const piece of [
        /feed "Conversation"/,
        /article "Response"/,
        /heading/,
        /textbox "Prompt"/,
        /combobox "Model"/,
      ])
        assert.match(tree, piece);
      await page.getByLabel("Prompt").focus();
      await page.keyboard.type("/sess");
      await page.getByRole("option", { name: /^\/sessions/ }).waitFor();
      await page.keyboard.press("Enter");
      await page.keyboard.press("Enter");
      await page.getByRole("list", { name: "Sessions" }).waitFor();
    });

    it("saves the rule as it was edited with a click on Always, and keeps the text of an answer that is rejected", async () => {
      const rules = async (): Promise<string> => JSON.stringify(await other.call("permissionList", {}));
      await model(callTools(["bash", { command: "mkdir -p one/two" }]), answer("Both made."));
      const { page } = await look();
      await page.getByLabel("Prompt").fill("Make them");
      await page.keyboard.press("Enter");
      const question = page.locator(".question");
      await question.waitFor();
      await page.locator(".question[data-ready=true]").waitFor();
      const edit = async (rule: string): Promise<void> => {
        await question.getByLabel("saves the rule").fill(rule);
        await question.getByRole("button", { name: `2. Always allow ${rule || "…"}` }).click();
      };
      await edit("");
      await page.getByText("is not a rule").waitFor();
      await edit("bash(mkdir:*)");
      await page.getByText("too broad to save").waitFor();
      await page.getByLabel("Prompt").fill("always make them");
      await page.keyboard.press("Enter");
      await page.getByText('"make them" is not a rule').waitFor();
      assert.equal(await page.getByLabel("Prompt").inputValue(), "always make them");
      await edit("bash(mkdir -p one/*)");
      await page.getByText("Both made.").waitFor();
      assert.match(await rules(), /bash\(mkdir -p one\/\*\)/);
      assert.doesNotMatch(await rules(), /one\/two/);
    });

    it("attaches pasted images, and shows images of prompts and tools", async () => {
      writeFileSync(join(cwd, "dot.png"), Buffer.from(DOT, "base64"));
      await other.call("configWrite", { key: "providers.here.models.m.vision", text: "true" });
      await model(callTools(["read", { path: "dot.png" }]), answer("A dot."));
      const { page, errors, foreignRequests } = await look();
      await page.getByLabel("Prompt").fill("What is this?");
      await page.evaluate((dot) => {
        const paste = new DataTransfer();
        const bytes = Uint8Array.from(atob(dot), (letter) => letter.charCodeAt(0));
        for (const name of ["image.png", "image.png"]) paste.items.add(new File([bytes], name, { type: "image/png" }));
        const area = document.getElementById("prompt");
        area?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: paste, bubbles: true, cancelable: true }));
      }, DOT);
      await page.locator(".chip", { hasText: "image-2.png" }).waitFor();
      await page.getByRole("button", { name: "Remove image-2.png" }).click();
      await page.keyboard.press("Enter");
      await page.getByText("A dot.").waitFor();
      const widths = (): Promise<number[]> =>
        page.evaluate(() =>
          [...document.querySelectorAll<HTMLImageElement>("img.image")].map((one) => one.naturalWidth),
        );
      await page.locator("img.image").nth(1).waitFor();
      assert.deepEqual(await widths(), [1, 1]);
      const sent = (await endpoint?.request(0))?.body;
      assert.ok(JSON.stringify(sent).includes(`data:image/png;base64,${DOT}`));
      assert.deepEqual([errors, foreignRequests], [[], []]);
    });

    it("lists, renames, archives and searches sessions", async () => {
      const session = (await other.call("sessionCreate", { cwd, title: "Bananas" })).session;
      const { page } = await look();
      await page.getByRole("button", { name: "Sessions" }).click();
      const row = page.getByRole("listitem").filter({ hasText: "Bananas" });
      await row.getByRole("button", { name: "Rename" }).click();
      await page.getByLabel("Title").fill("Cherries");
      await page.keyboard.press("Enter");
      const renamed = page.getByRole("listitem").filter({ hasText: "Cherries" });
      await renamed.getByRole("button", { name: "Archive" }).click();
      await renamed.waitFor({ state: "detached" });
      const { sessions } = await other.call("sessionList", { cwd, archived: true });
      assert.ok(sessions.some(({ id, title }) => id === session && title === "Cherries"));
      await page.getByLabel("Search sessions").fill("halfway");
      await page.getByRole("list", { name: "Matches in conversations" }).getByRole("button").first().click();
      await page.locator(".row strong", { hasText: "halfway" }).waitFor();
    });

    it("loses nothing when the connection breaks during a response", async () => {
      let more = (): void => undefined;
      const rest = new Promise<void>((resolve) => {
        more = resolve;
      });
      await model({
        body: [chunk({ content: "Before. " }), rest.then(() => chunk({ content: "After." })), finish(), done],
      });
      const { page, disconnect } = await look();
      await page.getByLabel("Prompt").fill("Go on");
      await page.keyboard.press("Enter");
      await page.getByText("Before.").waitFor();
      disconnect();
      more();
      await page.getByText("Before. After.").waitFor();
      await page.getByRole("button", { name: "Send" }).waitFor();
    });
  });
