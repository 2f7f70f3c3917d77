/** The page of its own in Chromium, served by a real server, with a scripted model. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { connectTo } from "../../client/local.ts";
import { formatWebLink } from "../../client/web-link.ts";
import type { Link } from "../../protocol/link.ts";
import { type OpenedPage, openBrowserPage, type PageOptions } from "../help/browser-page.ts";
import { build } from "../help/build.ts";
import { hasBrowser, launchBrowser, saveScreenshot } from "../help/page.ts";
import { answer, type Script, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { initializeParams, startTestServer, type TestServer } from "../help/test-server.ts";
import { callTools } from "../help/tutti.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The violations of accessibility rules, of all rules or of these; the script is in the page already. */
const findViolations = (page: Page, rules?: readonly string[]): Promise<string[]> =>
  page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(only ? { runOnly: [...only] } : {});
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, any }) => `${id} ${String(target)}: ${any[0]?.message ?? ""}`),
    );
  }, rules);

if (hasBrowser())
  describe("the web page in a browser", function () {
    this.timeout(60_000);
    let browser: Browser;
    let at: TestServer;
    let other: Link;
    let endpoint: ScriptedEndpoint | undefined;
    let open: OpenedPage | undefined;
    let cwd: string;
    const connectOther = async (): Promise<Link> =>
      connectTo(at.path, undefined, { client: initializeParams.client, answers: true });

    before(async () => {
      build();
      browser = await launchBrowser();
      at = await startTestServer();
      other = await connectOther();
      cwd = join(at.folder, "work");
      mkdirSync(cwd);
    });
    after(async () => {
      await browser?.close();
      await other?.close();
      await at?.close();
    });
    afterEach(async () => {
      await open?.context.close();
      await endpoint?.close();
      [open, endpoint] = [undefined, undefined];
    });

    const model = async (...scripts: Script[]): Promise<void> => {
      endpoint = await scriptedEndpoint(scripts);
      const provider = { baseUrl: endpoint.baseUrl, models: { m: {} } };
      await other.call("configWrite", { key: "providers.here", text: JSON.stringify(provider) });
      await other.call("configWrite", { key: "model", text: '"here/m"' });
    };
    const look = async (session?: string, options?: PageOptions): Promise<OpenedPage> => {
      open = await openBrowserPage(browser, other, { folder: cwd, ...(session !== undefined && { session }) }, options);
      return open;
    };

    it("signs in once by its link, and stays signed in when it is reloaded", async () => {
      const { ticket, url } = await other.call("webOpen", {});
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(formatWebLink({ url, ticket }, { folder: cwd }));
      await page.getByRole("textbox", { name: "Prompt" }).waitFor();
      assert.equal(page.url(), `${url}/`);
      await page.reload();
      await page.getByRole("textbox", { name: "Prompt" }).waitFor();
      const second = await (await browser.newContext()).newPage();
      await second.goto(formatWebLink({ url, ticket }, { folder: cwd }));
      await second.getByText("This link was used already, or has expired.").waitFor();
      await second.goto(`${url}/`);
      await second.reload();
      await second.getByText("Run `tutti web` in a terminal").waitFor();
      await second.context().close();
      await context.close();
    });

    it("keeps the session of its link when it is reloaded at once", async () => {
      const { session } = await other.call("sessionCreate", { cwd, title: "Kept one" });
      const { page } = await look(session);
      await page.reload();
      await page.getByRole("heading", { name: "Kept one", level: 1 }).waitFor();
      await page.getByRole("button", { name: "New session" }).first().click();
      await page.getByRole("heading", { name: "New session", level: 1 }).waitFor();
    });

    it("runs a turn, shows its text and answers an approval request", async () => {
      await model(callTools(["bash", { command: "touch made-here" }]), answer("It is **made**."));
      const { page, errors, foreignRequests } = await look();
      await page.getByRole("textbox", { name: "Prompt" }).fill("Make it.");
      await page.keyboard.press("Enter");
      const question = page.locator(".question");
      await question.waitFor();
      // Clicks right after it appeared are ignored.
      await page.locator(".question[data-ready=true]").waitFor();
      await question.locator("button").first().click();
      await page.locator(".transcript strong", { hasText: "made" }).waitFor();
      assert.deepEqual([errors, foreignRequests], [[], []]);
    });

    it("is accessible on a phone and on a laptop, and readable in every theme", async () => {
      await model(
        callTools(["write", { path: "add.js", content: "export const add = (a, b) => a + b;\n" }]),
        answer(
          "# Sum\n\nIt is in `add.js`, see [the page](https://example.com).\n\n```js\n/** One. */\nexport class Sum { add = (a, b) => a + 'b' + 1; } // sum\n```",
        ),
        callTools(["bash", { command: "npm test -- --grep rounding" }]),
      );
      const { session } = await other.call("sessionCreate", { cwd });
      await other.call("turnPrompt", { session, text: "Write it.", settings: { mode: "edit" } });
      for (const [width, height] of [
        [390, 844],
        [1280, 800],
      ] as const) {
        const { page, context } = await look(session, { width, height });
        await page.locator(".hljs-keyword").first().waitFor();
        if (width < 500) {
          await page.getByRole("textbox", { name: "Prompt" }).fill("Run the tests.");
          await page.getByRole("textbox", { name: "Prompt" }).press("Enter");
        }
        await page.locator(".question").waitFor();
        const themes = await page
          .locator(".theme option")
          .evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value));
        assert.ok(themes.length > 20);
        await page.evaluate(axeSource);
        assert.deepEqual(await findViolations(page), []);
        for (const theme of themes) {
          await page.locator(".theme select").evaluate((select, name) => {
            (select as HTMLSelectElement).value = name;
            select.dispatchEvent(new Event("change", { bubbles: true }));
          }, theme);
          assert.deepEqual(await findViolations(page, ["color-contrast"]), [], theme);
        }
        await context.close();
      }
    });

    it("goes back from a list to the session, and leaves the page only when asked twice", async () => {
      const { session } = await other.call("sessionCreate", { cwd, title: "On a phone" });
      const { page } = await look(session, { width: 390, height: 844 });
      await page.getByRole("heading", { name: "On a phone", level: 1 }).waitFor();
      const address = page.url();
      await page.getByRole("button", { name: "Sessions", exact: true }).tap();
      await page.getByRole("searchbox", { name: "Search sessions" }).waitFor();
      await page.goBack();
      await page.getByRole("textbox", { name: "Prompt" }).waitFor();
      await page.goBack();
      await page.getByText("Go back once more to leave the page.").waitFor();
      assert.equal(page.url(), address);
      await page.getByRole("textbox", { name: "Prompt" }).tap();
      await page.goBack();
      assert.equal(page.url(), address);
    });

    it("reviews changed files: keeps one change, undoes another, side by side where there is room", async () => {
      const lines = Array.from({ length: 20 }, (_, index) => `const line${index + 1} = ${index + 1};`);
      const file = join(cwd, "lines.js");
      writeFileSync(file, `${lines.join("\n")}\n`);
      await model(
        callTools(["read", { path: "lines.js" }]),
        callTools(["edit", { path: "lines.js", old: "line2 = 2;", new: "line2 = 200;" }]),
        callTools(["edit", { path: "lines.js", old: "line18 = 18;", new: "line18 = 1800;" }]),
        answer("Both changed."),
      );
      const { session } = await other.call("sessionCreate", { cwd });
      await other.call("turnPrompt", { session, text: "Change them.", settings: { mode: "edit" } });
      const { page, errors, foreignRequests } = await look(session);
      await page.getByText("Both changed.").waitFor();
      await page.locator(".diff .added .word", { hasText: "200" }).first().waitFor();
      await page.locator(".diff .hljs-keyword").first().waitFor();
      assert.equal(await page.locator(".diff .pair").count(), 0);
      await page.getByRole("button", { name: "Side by side" }).first().click();
      await page.locator(".diff .pair .added").first().waitFor();
      await page.reload();
      await page.locator(".diff .pair .added").first().waitFor();
      await page.getByRole("button", { name: "Review 1 changed file" }).click();
      await saveScreenshot(page, "web-review");
      await page.evaluate(axeSource);
      assert.deepEqual(await findViolations(page), []);
      await page.getByRole("button", { name: "Keep change 1 of lines.js" }).click();
      await page.getByRole("button", { name: "Keep change 1 of lines.js" }).waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Undo lines.js" }).click();
      await page.getByText("Every change is kept or undone.").waitFor();
      const text = readFileSync(file, "utf8");
      assert.match(text, /line2 = 200;/);
      assert.match(text, /line18 = 18;/);
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goBack();
      await page.locator(".diff .added").first().waitFor();
      assert.equal(await page.locator(".diff .pair").count(), 0);
      assert.deepEqual([errors, foreignRequests], [[], []]);
    });

    it("runs commands from the palette, and lists its keys", async () => {
      const { session } = await other.call("sessionCreate", { cwd, title: "By keyboard" });
      const { page, errors } = await look(session);
      await page.getByRole("heading", { name: "By keyboard", level: 1 }).waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Command" }).fill("key bind");
      await page.getByRole("option", { name: "Show all key bindings" }).waitFor();
      await page.keyboard.press("Enter");
      const keys = page.getByRole("dialog", { name: "Keys" });
      await keys.getByText("Ctrl+x n").waitFor();
      await page.evaluate(axeSource);
      assert.deepEqual(await findViolations(page), []);
      await page.keyboard.press("Escape");
      await keys.waitFor({ state: "detached" });
      await page.keyboard.press("Control+x");
      await page.keyboard.press("n");
      await page.getByRole("heading", { name: "New session", level: 1 }).waitFor();
      assert.deepEqual(errors, []);
    });

    it("continues the session after the server was restarted", async () => {
      await model(answer("First."), answer("Second."));
      const { page, errors } = await look();
      await page.getByRole("textbox", { name: "Prompt" }).fill("One.");
      await page.keyboard.press("Enter");
      await page.locator(".transcript", { hasText: "First." }).waitFor();
      await other.close();
      at = await at.restart();
      other = await connectOther();
      await page.getByRole("textbox", { name: "Prompt" }).fill("Two.");
      await page.keyboard.press("Enter");
      await page.locator(".transcript", { hasText: "Second." }).waitFor();
      assert.ok(await page.locator(".transcript", { hasText: "First." }).isVisible());
      assert.deepEqual(errors, []);
    });
  });
