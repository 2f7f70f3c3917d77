/** One session, first in a terminal, then also in a browser, in the middle of a turn. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { hasBrowser, launchBrowser } from "../help/page.ts";
import { useTerminals } from "../help/screen.ts";
import { answer, chunk, done, finish } from "../help/scripted-endpoint.ts";
import { waitForFile } from "../help/wait-for.ts";

if (hasBrowser())
  describe("moving to a browser", function () {
    this.timeout(60_000);
    const terminals = useTerminals();
    let browser: Browser;
    before(async () => {
      browser = await launchBrowser();
    });
    after(() => browser.close());

    /** Writes the address to a file, in place of a browser. */
    const fakeOpener = (): { PATH: string; opened(): Promise<string> } => {
      const { root, env } = terminals.home();
      const [programs, results] = [join(root, "programs"), join(root, "results")];
      for (const folder of [programs, results]) mkdirSync(folder);
      const script = `#!/bin/sh\nprintf %s "$1" >"${results}/new" && mv "${results}/new" "${results}/link"\n`;
      writeFileSync(join(programs, "xdg-open"), script);
      chmodSync(join(programs, "xdg-open"), 0o755);
      return {
        PATH: `${programs}:${env.PATH}`,
        async opened() {
          await waitForFile(results, "link");
          return readFileSync(join(results, "link"), "utf8");
        },
      };
    };

    it("offers a link for another device while the page is served at an address for it", async () => {
      await terminals.serve([answer("Here.")]);
      const terminal = await terminals.ready([], { columns: 120, rows: 50 });
      const listen = ["--listen", "127.0.0.1:0", "--allow-host", "tutti.example.com", "--behind-tls-proxy"];
      assert.equal((await terminals.home().run(["web", ...listen])).code, 0);
      terminal.type("/web");
      await terminal.waitFor(/› \/web/);
      terminal.press("enter");
      await terminal.waitFor(/Copy the link for another device/);
      terminal.press("down");
      await terminal.waitFor(/https:\/\/tutti\.example\.com\/#folder=/);
    });

    it("continues the session in the middle of a turn, and back", async () => {
      const released = Promise.withResolvers<void>();
      await terminals.serve([
        {
          body: [
            chunk({ role: "assistant", content: "The first half, " }),
            released.promise,
            chunk({ content: "the second half." }),
            finish(),
            done,
          ],
        },
        answer("Written in a browser."),
        answer("Written in a terminal."),
      ]);
      const opener = fakeOpener();
      const terminal = await terminals.ready([], { columns: 120, rows: 50, env: { PATH: opener.PATH } });
      terminal.type("Begin");
      await terminal.waitFor(/› Begin/);
      terminal.press("enter");
      await terminal.waitFor(/The first half,/);

      terminal.type("/web");
      await terminal.waitFor(/› \/web/);
      terminal.press("enter");
      await terminal.waitFor(/Open a browser on this machine/);
      await terminal.waitFor(/[▀▄█]{7}/);
      await terminal.waitFor(/http:\/\/127\.0\.0\.1:\d+\/#session=/);
      terminal.press("enter");
      await terminal.waitFor(/Opened in your browser/);
      const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      await page.goto(await opener.opened());
      await page.locator(".transcript", { hasText: "The first half," }).waitFor();
      released.resolve();
      await page.locator(".transcript", { hasText: "the second half." }).waitFor();
      await terminal.waitFor(/the second half\./);

      await page.getByRole("textbox", { name: "Prompt" }).fill("Go on here");
      await page.keyboard.press("Enter");
      await terminal.waitFor(/Go on here[\s\S]*Written in a browser\./);
      terminal.type("And back");
      await terminal.waitFor(/› And back/);
      terminal.press("enter");
      await page.locator(".transcript", { hasText: "Written in a terminal." }).waitFor();
      const shown = await page.locator(".transcript").innerText();
      const [first, second, third] = ["Begin", "Go on here", "And back"].map((text) => shown.indexOf(text));
      assert.ok(0 <= Number(first) && Number(first) < Number(second) && Number(second) < Number(third), shown);
      await context.close();
    });
  });
