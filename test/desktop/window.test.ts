/** `tutti desktop` with a real browser, on a real display. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { build } from "../help/build.ts";
import { hasDisplay, openDisplay, type TestDisplay } from "../help/display.ts";
import { browserProgram, hasBrowser, saveScreenshot } from "../help/page.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { type Home, openHome } from "../help/tutti.ts";
import { waitForFile } from "../help/wait-for.ts";

if (hasBrowser() && hasDisplay())
  describe("tutti desktop", function () {
    this.timeout(60_000);
    let display: TestDisplay;
    let endpoint: ScriptedEndpoint;
    let home: Home;
    before(async () => {
      build();
      display = await openDisplay();
      endpoint = await scriptedEndpoint([answer("It is **there**.")]);
    });
    after(async () => {
      await display.close();
      await endpoint.close();
    });
    beforeEach(async () => {
      home = await openHome();
    });
    afterEach(async () => {
      await home.stop();
      await home.close();
    });

    /** As `name` on the PATH: a browser that a test can look into, and that runs as root. */
    const install = (name: string, script: string): Record<string, string> => {
      const folder = join(home.root, "programs");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, name), 0o755);
      return { DISPLAY: display.name, PATH: `${folder}:/usr/bin:/bin` };
    };
    const flags = "--no-sandbox --disable-gpu --disable-background-networking --remote-debugging-port=0";
    const installChromium = (): Record<string, string> =>
      install("google-chrome", `${browserProgram()} ${flags} "$@"\ntouch "${join(home.root, "closed")}"`);
    const lookInside = async <T>(look: (page: Page) => Promise<T>): Promise<T> => {
      const [port] = readFileSync(join(home.data, "desktop", "DevToolsActivePort"), "utf8").split("\n");
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
      const page = browser
        .contexts()[0]
        ?.pages()
        .find((one) => one.url().startsWith("http://127.0.0.1:"));
      assert.ok(page);
      try {
        return await look(page);
      } finally {
        const session = await browser.newBrowserCDPSession();
        await session.send("Browser.close").catch(() => undefined);
        await browser.close();
        await waitForFile(home.root, "closed");
      }
    };

    it("opens the sessions in a window of its own, where a prompt is answered", async () => {
      await home.run(["config", "set", "model", "here/m"]);
      const provider = JSON.stringify({ baseUrl: endpoint.baseUrl, models: { m: {} } });
      await home.run(["config", "set", "providers.here", provider]);
      const { code, out, err } = await home.run(["desktop"], { env: installChromium() });
      assert.deepEqual([code, out, err], [0, "", "Opened in a window of its own.\n"]);
      await lookInside(async (page) => {
        assert.ok(await page.evaluate("matchMedia('(display-mode: standalone)').matches"));
        assert.equal(await page.evaluate("location.hash"), "");
        await page.getByRole("textbox", { name: "Prompt" }).fill("Where is it?");
        await page.keyboard.press("Enter");
        await page.locator(".transcript strong", { hasText: "there" }).waitFor();
        await saveScreenshot(page, "desktop");
      });
    });

    it("says why there is no window", async () => {
      const empty = join(home.root, "programs");
      mkdirSync(empty);
      const none = await home.run(["desktop"], { env: { PATH: empty, DISPLAY: display.name } });
      assert.equal(none.code, 2);
      assert.match(none.err, /No browser of the Chromium family is installed[\s\S]*--browser[\s\S]*tutti web/);
      const failing = install("chromium", "echo 'cannot open display' >&2; exit 1");
      const failed = await home.run(["desktop"], { env: failing });
      assert.equal(failed.code, 1);
      assert.match(failed.err, /programs\/chromium ended without a window\. It wrote: cannot open display/);
      const wrong = await home.run(["desktop", "--browser", "/no/such/browser"], { env: failing });
      assert.equal(wrong.code, 1);
      assert.match(wrong.err, /Cannot start the browser: \/no\/such\/browser: no such file or folder/);
      const link = await home.run(["desktop", "https://hub.example.com/s/abc#def"], { env: failing });
      assert.equal(link.code, 2);
      assert.match(link.err, /not a complete link to a shared session/);
      const two = await home.run(["desktop", "a", "b"], { env: failing });
      assert.equal(two.code, 2);
      assert.ok(!existsSync(join(home.work, "desktop")));
    });
  });
