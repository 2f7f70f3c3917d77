/** The desktop application in Electron, wherever one is installed. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { _electron } from "playwright-core";
import { build } from "../help/build.ts";
import { hasDisplay, openDisplay, type TestDisplay } from "../help/display.ts";
import { type Home, openHome } from "../help/tutti.ts";

const root = join(import.meta.dirname, "../..");
const { ELECTRON_OVERRIDE_DIST_PATH: dist, PATH = "" } = process.env;
const electron = [
  ...(dist === undefined ? [] : [dist]),
  ...PATH.split(delimiter).filter((path) => !path.includes("node_modules")),
]
  .map((folder) => join(folder, process.platform === "win32" ? "electron.exe" : "electron"))
  .find(existsSync);

if (electron === undefined) process.stdout.write("Electron is not installed: its smoke test is skipped.\n");
else if (hasDisplay())
  describe("the desktop application", function () {
    this.timeout(60_000);
    let display: TestDisplay;
    let home: Home;
    before(async () => {
      build();
      display = await openDisplay();
      home = await openHome();
    });
    after(async () => {
      await home.stop();
      await display.close();
      await home.close();
    });

    it("shows the page of the local server, which reaches nothing of Node.js", async () => {
      const application = await _electron.launch({
        executablePath: electron,
        args: ["--no-sandbox", join(root, "dist/desktop")],
        cwd: home.work,
        env: { ...home.env, DISPLAY: display.name },
      });
      const page = await application.firstWindow();
      await page.getByRole("textbox", { name: "Prompt" }).waitFor();
      assert.deepEqual(await page.evaluate("[typeof require, typeof process, location.hash]"), [
        "undefined",
        "undefined",
        "",
      ]);
      await application.close();
    });
  });
