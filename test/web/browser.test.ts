/** The page of its own in Chromium, served by a real server, with a scripted model. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { connectTo } from "../../client/local.ts";
import { formatWebLink } from "../../client/web-link.ts";
import type { Link } from "../../protocol/link.ts";
import { type OpenedPage, openBrowserPage, type PageOptions } from "../help/browser-page.ts";
import { build } from "../help/build.ts";
import { hasBrowser, launchBrowser } from "../help/page.ts";
import { answer, type Script, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { initializeParams, startTestServer, type TestServer } from "../help/test-server.ts";
import { callTools } from "../help/tutti.ts";

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

    it("runs a turn, shows its text and answers an approval request", async () => {
      await model(callTools(["bash", { command: "touch made-here" }]), answer("It is **made**."));
      const { page, errors, foreignRequests } = await look();
      await page.getByRole("textbox", { name: "Prompt" }).fill("Make it.");
      await page.keyboard.press("Enter");
      const question = page.locator(".question");
      await question.waitFor();
      // Clicks right after it appeared are ignored.
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 400)));
      await question.locator("button").first().click();
      await page.locator(".transcript strong", { hasText: "made" }).waitFor();
      assert.deepEqual([errors, foreignRequests], [[], []]);
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
