/** A guest in a real browser: joins by a link, follows and drives the session of another machine's server. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { connectTo } from "../../client/local.ts";
import type { Link } from "../../protocol/link.ts";
import { createGuestPage } from "../../server/transport/page-files.ts";
import { build } from "../help/build.ts";
import { type Follower, follow } from "../help/guests.ts";
import { openTestHub, type TestHub } from "../help/hub.ts";
import { hasBrowser, launchBrowser } from "../help/page.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { startTestServer, type TestServer } from "../help/test-server.ts";

if (hasBrowser())
  describe("a guest in a browser", function () {
    this.timeout(60_000);
    let browser: Browser;
    let hub: TestHub;
    let at: TestServer;
    let endpoint: ScriptedEndpoint;
    let owner: Link;
    let own: Follower;
    let session: string;
    before(async () => {
      build();
      browser = await launchBrowser();
      endpoint = await scriptedEndpoint([answer("It is **there**.")]);
      hub = await openTestHub({}, { page: createGuestPage() });
      at = await startTestServer();
      await at.configure({
        model: "here/m",
        providers: { here: { baseUrl: endpoint.baseUrl, models: { m: {} } } },
        share: { hub: hub.url },
      });
      owner = await connectTo(at.path, undefined, { client: { name: "owner", version: "0" }, answers: true });
      session = (await owner.call("sessionCreate", { cwd: at.folder })).session;
      own = await follow(owner, session);
    });
    after(async () => {
      await browser.close();
      await owner.close();
      await at.close();
      await hub.close();
      await endpoint.close();
    });

    const open = async (link: string, width = 1280, height = 800) => {
      const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      const errors: string[] = [];
      const foreign: string[] = [];
      page.on("console", (entry) => entry.type() === "error" && errors.push(entry.text()));
      page.on("pageerror", (error) => errors.push(String(error)));
      context.on("request", (request) => {
        if (new URL(request.url()).origin !== hub.url) foreign.push(request.url());
        assert.ok(!request.url().includes("#"), "the secret was sent");
      });
      await page.goto(link);
      return { context, page, errors, foreign };
    };
    const enter = async (page: Page, name: string): Promise<void> => {
      await page.getByLabel("Your name").fill(name);
      await page.getByRole("button", { name: "Join" }).click();
    };

    it("joins with a name, drives, and keeps the secret out of the address", async () => {
      const { link } = await owner.call("shareStart", { session, role: "driver" });
      const { page, context, errors, foreign } = await open(link, 390, 844);
      assert.equal(await page.evaluate("location.hash"), "");
      await enter(page, "Ada");
      await page.getByRole("textbox", { name: "Prompt" }).fill("Where is it?");
      await page.keyboard.press("Enter");
      await page.locator(".transcript strong", { hasText: "there" }).waitFor();
      await own.until((view, people) => view.lastEnd !== null && people.some(({ name }) => name === "Ada"));
      const prompt = own.view().parts.find((part) => part.type === "prompt");
      assert.equal(prompt?.type === "prompt" && prompt.by.name, "Ada");
      assert.deepEqual([errors, foreign], [[], []]);
      await context.close();
    });

    it("comments, raises a hand, is seen typing and takes the wheel", async () => {
      const { link } = await owner.call("shareStart", { session, role: "driver" });
      const { page, context, errors } = await open(link, 390, 844);
      await enter(page, "Cy");
      await own.until((_, people) => people.some(({ name }) => name === "Cy"));
      await owner.call("wheelMode", { session, mode: "one" });
      await page.getByText("drives").first().waitFor();
      await page.getByRole("textbox", { name: "Prompt" }).fill("May I?");
      await own.until((_, people) => people.some(({ name, typing }) => name === "Cy" && typing === true));
      await page.keyboard.press("Enter");
      await page.getByText("Raise your hand to ask for the wheel").waitFor();
      await page.locator(".together summary").click();
      await page.getByRole("button", { name: "Raise your hand" }).click();
      await own.until((_, people) => people.some(({ hand }) => hand === true));
      await page.getByRole("textbox", { name: "Comment" }).fill("Why <b>this</b>?");
      await page.keyboard.press("Enter");
      await page.getByRole("listitem").filter({ hasText: "Cy: Why <b>this</b>?" }).waitFor();
      assert.deepEqual(
        own.view().comments?.map(({ by, text }) => [by.name, text]),
        [["Cy", "Why <b>this</b>?"]],
      );
      await owner.call("wheelGive", { session, to: null });
      await page.getByRole("button", { name: "Take the wheel" }).click();
      await own.until(({ wheel }) => wheel?.driver?.name === "Cy");
      await page.getByRole("button", { name: "Resolve" }).click();
      await own.until(({ comments }) => comments?.[0]?.resolved === true);
      assert.deepEqual(errors, []);
      await owner.call("wheelMode", { session, mode: "everyone" });
      await context.close();
    });

    it("says in one sentence why a link does not work", async () => {
      const { link, invite } = await owner.call("shareStart", { session, role: "viewer" });
      const damaged = await open(`${link.slice(0, -4)}AAAA`);
      await enter(damaged.page, "Bo");
      await damaged.page.getByText("The link is damaged").waitFor();
      const cut = await open(link.split("#")[0] ?? "");
      await cut.page.getByText("The part after # is missing").waitFor();
      await owner.call("shareRevoke", { session, invite });
      const revoked = await open(link);
      await enter(revoked.page, "Bo");
      await revoked.page.getByText("This link was revoked").waitFor();
      for (const { context } of [damaged, cut, revoked]) await context.close();
    });

    it("offers a guest only what its role allows, and says once that the link has ended", async () => {
      const driver = await owner.call("shareStart", { session, role: "driver" });
      const viewer = await owner.call("shareStart", { session, role: "viewer" });
      const driving = await open(driver.link, 390, 844);
      await enter(driving.page, "Ada");
      await driving.page.getByRole("textbox", { name: "Prompt" }).waitFor();
      assert.equal(await driving.page.getByRole("combobox", { name: "Effort" }).count(), 1);
      for (const name of ["Agent", "Mode", "Model"])
        assert.equal(await driving.page.getByRole("combobox", { name }).count(), 0, name);
      assert.equal(await driving.page.getByRole("button", { name: "New session" }).count(), 0);
      const watching = await open(viewer.link);
      await enter(watching.page, "Bo");
      await watching.page.getByText("To send prompts, ask the owner").waitFor();
      assert.equal(await watching.page.getByRole("textbox", { name: "Prompt" }).count(), 0);
      await owner.call("shareRevoke", { session, invite: viewer.invite });
      await watching.page
        .getByRole("alert")
        .getByText(/This link was revoked.* how the session was then/)
        .waitFor();
      assert.equal(await watching.page.getByText("To send prompts, ask the owner").count(), 0);
      let sockets = 0;
      watching.page.on("websocket", () => sockets++);
      // The other guest joins again with the new keys, by which time another attempt would have been made.
      await owner.call("turnPrompt", { session, text: "Still there?" });
      await driving.page.locator(".prompt", { hasText: "Still there?" }).waitFor();
      assert.equal(sockets, 0);
      assert.equal(await watching.page.getByRole("alert").count(), 1);
      for (const { context } of [driving, watching]) await context.close();
    });

    it("is shown by no other page, and its script is pinned", async () => {
      const { link } = await owner.call("shareStart", { session, role: "viewer" });
      const response = await fetch(link.split("#")[0] ?? "");
      assert.match(response.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
      assert.equal(response.headers.get("referrer-policy"), "no-referrer");
      assert.match(await response.text(), /<script src="\/guest-[A-Z0-9]+\.js"[^>]* integrity="sha384-/);
    });
  });
