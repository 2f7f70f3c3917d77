/** Three people in one session: its owner in a terminal, a driver in a browser, and a viewer on a phone. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { SessionView } from "../../protocol/view.ts";
import { createGuestPage } from "../../server/transport/page-files.ts";
import { bin } from "../help/build.ts";
import { hashContent, viewInPage, viewInProgram } from "../help/held-view.ts";
import { openTestHub, type TestHub } from "../help/hub.ts";
import { hasBrowser, launchBrowser, saveScreenshot } from "../help/page.ts";
import { useTerminals } from "../help/screen.ts";
import { answer, chunk, done, finish } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";

if (hasBrowser())
  describe("a session of three people", function () {
    this.timeout(90_000);
    const terminals = useTerminals();
    let browser: Browser;
    let hub: TestHub;
    before(async () => {
      browser = await launchBrowser();
      hub = await openTestHub({}, { page: createGuestPage() });
    });
    after(async () => {
      await browser.close();
      await hub.close();
    });

    const join_ = async (link: string, name: string, width: number, height: number): Promise<Page> => {
      const context = await browser.newContext({
        viewport: { width, height },
        reducedMotion: "reduce",
        hasTouch: width < 500,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      await page.goto(link);
      await page.getByLabel("Your name").fill(name);
      await page.getByRole("button", { name: "Join" }).click();
      await page.locator(".transcript").waitFor();
      return page;
    };
    const shows = (page: Page, text: string): Promise<void> =>
      page.locator(".transcript").getByText(text, { exact: false }).first().waitFor();

    it("is the same for all of them, through prompts, an approval, steering, a reload and a revoked link", async () => {
      const released = Promise.withResolvers<void>();
      await terminals.serve([
        answer("Welcome."),
        callTools(["bash", { command: "touch made.txt" }]),
        answer("It is made."),
        {
          body: [
            chunk({ role: "assistant", content: "The first half, " }),
            released.promise,
            chunk({ content: "and the second." }),
            finish(),
            done,
          ],
        },
        answer("Faster, as you wish."),
      ]);
      const home = terminals.home();
      await home.run(["config", "set", "share.hub", hub.url]);
      const owner = terminals.openProgram([process.execPath, "--inspect=127.0.0.1:0", bin, "--model", "env/m"], {
        columns: 120,
        rows: 40,
        env: { TUTTI_BASE_URL: terminals.endpoint().baseUrl },
      });
      await owner.waitFor((rows) => /›/.test(rows.join("\n")) && !rows.join("\n").includes("connecting"));
      const send = async (text: string): Promise<void> => {
        owner.type(text);
        await owner.waitFor((rows) => rows.some((row) => row.includes(`› ${text}`)));
        owner.press("enter");
      };
      await send("Begin");
      await owner.waitFor(/Welcome\./);
      const invite = async (role: string): Promise<string> => {
        const { out, err, code } = await home.run(["share", "--role", role, "--yes"]);
        assert.equal(code, 0, err);
        return out.trim();
      };
      const driver = await join_(await invite("driver"), "Grace", 1280, 800);
      const viewer = await join_(await invite("viewer"), "Bo", 390, 844);
      await Promise.all([shows(driver, "Welcome."), shows(viewer, "Welcome.")]);

      // The driver asks, the owner allows, the viewer sees it.
      await driver.getByRole("textbox", { name: "Prompt" }).fill("Make a file");
      await driver.keyboard.press("Enter");
      await viewer.locator(".question").waitFor();
      assert.equal(await viewer.locator(".question button:enabled").count(), 0, "a viewer cannot answer");
      assert.equal(await viewer.getByRole("textbox", { name: "Prompt" }).count(), 0, "a viewer cannot prompt");
      await owner.waitUntilAnswerable(/1\. Approve/);
      owner.press("1");
      await Promise.all([owner.waitFor(/It is made\./), shows(driver, "It is made."), shows(viewer, "It is made.")]);
      assert.ok(existsSync(join(home.work, "made.txt")));

      // In the middle of a turn, the driver steers, and the viewer's phone loses its page.
      await send("Tell me");
      await Promise.all([shows(driver, "The first half,"), shows(viewer, "The first half,")]);
      await viewer.reload();
      await viewer.getByLabel("Your name").fill("Bo");
      await viewer.getByRole("button", { name: "Join" }).click();
      await shows(viewer, "The first half,");
      await driver.getByRole("textbox", { name: "Prompt" }).fill("Faster, please");
      await driver.keyboard.press("Control+Enter");
      await owner.waitFor(/Faster, please/);
      released.resolve();
      const end = "Faster, as you wish.";
      await Promise.all([owner.waitFor(/Faster, as you wish\./), shows(driver, end), shows(viewer, end)]);

      // The driver comments and raises a hand, and the others see it.
      await driver.locator(".together summary").click();
      await driver.getByRole("textbox", { name: "Comment" }).fill("Well done.");
      await driver.keyboard.press("Enter");
      await driver.getByRole("listitem").filter({ hasText: "Grace: Well done." }).waitFor();
      await driver.getByRole("button", { name: "Raise your hand" }).click();
      await viewer.locator(".together summary").click();
      await viewer.getByRole("listitem").filter({ hasText: "Grace: Well done." }).waitFor();
      await owner.waitFor(/Grace[^\n]*hand/i);
      await saveScreenshot(driver, "web-shared");

      // At rest, all hold the same view.
      const debuggerAt = /Debugger listening on (ws:\S+)/.exec(owner.raw())?.[1] ?? "";
      const { out } = await home.run(["sessions", "list", "--format", "json"]);
      const [{ id: session }] = JSON.parse(out) as [{ id: string }];
      const views = await Promise.all([
        viewInProgram(debuggerAt, session),
        viewInPage(driver, session),
        viewInPage(viewer, session),
      ]);
      const [own] = views;
      assert.ok(own);
      assert.equal(own.activity.state, "idle");
      assert.deepEqual(
        views.map((view) => view && hashContent(view)),
        views.map(() => hashContent(own as SessionView)),
      );

      // A revoked link disconnects its guests, and no one else.
      const [{ invites }] = JSON.parse((await home.run(["share", "list", "--format", "json"])).out) as [
        { invites: { invite: string; role: string }[] },
      ];
      const revoked = invites.find(({ role }) => role === "driver")?.invite ?? "";
      assert.equal((await home.run(["share", "revoke", revoked])).code, 0);
      await driver.getByText("revoked").first().waitFor();
      // The debugger has written over the screen, which is drawn again at another size.
      owner.resize(121, 40);
      await send("Still there?");
      await shows(viewer, "Still there?");
      await driver.context().close();
      await viewer.context().close();
    });
  });
