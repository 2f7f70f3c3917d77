/** The official MCP conformance suite, with our plugin host as the tested client: every client scenario of 2025-06-18 and 2025-11-25. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileCache } from "../help/build.ts";
import { repository } from "../help/plugins.ts";

const suite = join(repository, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
const client = join(import.meta.dirname, "conformance-client.ts");

const run = (args: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [suite, ...args],
      { env: { ...process.env, ...compileCache, ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, out, err) => resolve({ code: error ? 1 : 0, out: `${out}${err}` }),
    );
  });

describe("the MCP conformance suite", function () {
  this.timeout(300_000);

  it("passes every client scenario of both versions", async () => {
    const { out } = await run(["list"]);
    const scenarios = (out.split("Client scenarios")[1] ?? "")
      .split("\n")
      .map((line) => /^\s+- (\S+) \[(.*)\]/.exec(line))
      .filter((found) => found !== null && /2025-06-18|2025-11-25|2025-03-26/.test(found[2] ?? ""))
      .map((found) => found?.[1] ?? "");
    assert.ok(scenarios.length >= 20, `the suite lists ${scenarios.length} scenarios`);
    const failed: string[] = [];
    const waiting = [...scenarios];
    const work = async (): Promise<void> => {
      for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
        const folder = mkdtempSync(join(tmpdir(), "tutti-conformance-"));
        const { code, out: output } = await run(
          ["client", "--command", `${process.execPath} ${client}`, "--scenario", scenario],
          { CONFORMANCE_DATA: folder },
        );
        rmSync(folder, { recursive: true, force: true });
        // A warning, such as of a late reconnection on a busy machine, also ends it with an error.
        const hasOnlyWarnings = /^Passed: (\d+)\/\1, 0 failed, [1-9]\d* warnings$/m.test(output);
        if (code !== 0 && !hasOnlyWarnings) failed.push(`${scenario}\n${output.slice(-2_000)}`);
      }
    };
    await Promise.all([work(), work()]);
    assert.deepEqual(failed, []);
  });
});
