import assert from "node:assert/strict";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { glob } from "../../../server/tools/glob.ts";
import { grep } from "../../../server/tools/grep.ts";
import { openToolBench, type ToolBench } from "../../help/tool-world.ts";

describe("searching", () => {
  let bench: ToolBench;
  before(async () => {
    bench = await openToolBench();
    const files: Record<string, string> = {
      "b.ts": "const needle = 1;\n",
      "a.ts": "line\nneedle two\nline\n",
      "src/c.tsx": "NEEDLE\r\n",
      "src/deep/d.ts": "needle(\n",
      "node_modules/e.ts": "needle\n",
      "build.log": "needle\n",
      "conf/server.pem": "needle\n",
      ".env": "needle=1\n",
      ".github/w.yml": "needle\n",
      ".gitignore": "node_modules\n*.log\n",
      "other/src/f.ts": "needle\n",
      "évil\n.ts": "needle\n",
    };
    for (const [name, content] of Object.entries(files)) await bench.put(name, content);
  });
  after(() => bench.close());
  const found = async (tool: typeof grep | typeof glob, input: unknown) =>
    (await bench.call<never>(tool as never, input)).output.split("\n");

  describe("grep", () => {
    it("gives path, line and text, sorted, without what is ignored, hidden or secret", async () =>
      assert.deepEqual(await found(grep, { pattern: "needle" }), [
        "a.ts:2:needle two",
        "b.ts:1:const needle = 1;",
        "other/src/f.ts:1:needle",
        "src/deep/d.ts:1:needle(",
        "évil\\x0a.ts:1:needle",
        "(1 file with secrets left out; name one as path to search it)",
      ]));

    it("searches a file that is named, and wants to read that very file", async () => {
      assert.deepEqual(await found(grep, { pattern: "needle", path: ".env" }), [".env:1:needle=1"]);
      const { wants } = await bench.plan(grep, { pattern: "needle", path: ".env" });
      assert.deepEqual(wants, [{ kind: "read", path: join(bench.cwd, ".env"), shown: ".env" }]);
    });

    it("takes options", async () => {
      assert.deepEqual(await found(grep, { pattern: "needle", path: "src", ignoreCase: true, files: true }), [
        "src/c.tsx",
        "src/deep/d.ts",
      ]);
      assert.deepEqual(await found(grep, { pattern: "needle(", literal: "true" }), ["src/deep/d.ts:1:needle("]);
      assert.deepEqual(await found(grep, { pattern: "two", context: 1 }), [
        "a.ts-1-line",
        "a.ts:2:needle two",
        "a.ts-3-line",
      ]);
      assert.deepEqual(await found(grep, { pattern: "needle", glob: "*.{tsx,log}", ignoreCase: true }), [
        "src/c.tsx:1:NEEDLE",
      ]);
      assert.deepEqual(await found(grep, { pattern: "needle", glob: "src/**/*.ts" }), ["src/deep/d.ts:1:needle("]);
      assert.deepEqual(await found(grep, { pattern: "needle", path: "src", limit: 1, ignoreCase: true }), [
        "src/c.tsx:1:NEEDLE",
        "(1 more match; narrow the search)",
      ]);
    });

    it("takes a pattern that looks like an option as a pattern", async () =>
      assert.deepEqual(await found(grep, { pattern: "--pre=touch x" }), ["(no matches)"]));

    it("says what is wrong with a pattern or a path", async () => {
      assert.match((await found(grep, { pattern: "(" })).join("\n"), /unclosed group/);
      assert.match((await found(grep, { pattern: "x", path: "nowhere" })).join("\n"), /does not exist/);
      assert.match((await found(grep, { path: "src" })).join("\n"), /"pattern" is missing/);
    });

    it("is done at once with patterns and lines that exhaust others", async () => {
      await bench.put("heavy/a.txt", `${"a".repeat(1_000_000)}!\n`);
      const [line = ""] = await found(grep, { pattern: "(a+)+$|!", path: "heavy" });
      assert.match(line, /^heavy\/a\.txt:1:a+/);
      assert.ok(line.length < 700);
    });
  });

  describe("glob", () => {
    const cases: [string, string[]][] = [
      ["*.ts", ["a.ts", "b.ts", "other/src/f.ts", "src/deep/d.ts", "évil\\x0a.ts"]],
      ["**/*.tsx", ["src/c.tsx"]],
      ["src/**/*.ts", ["src/deep/d.ts"]],
      ["src/*", ["src/c.tsx"]],
      ["**/deep/*.ts", ["src/deep/d.ts"]],
      ["*.log", ["(no files)"]],
      ["./src/deep/d.ts", ["src/deep/d.ts"]],
      [".github/*.yml", [".github/w.yml"]],
      ["conf/*", ["(no files)", "(1 file with secrets left out)"]],
      ["nowhere/*.ts", ["(no files: nowhere does not exist)"]],
    ];
    for (const [pattern, expected] of cases)
      it(`finds ${pattern}`, async () => {
        assert.deepEqual(await found(glob, { pattern }), expected);
      });

    it("wants to read the folder that the pattern leads to, links resolved", async () => {
      await symlink(bench.outside, join(bench.cwd, "away"));
      await writeFile(join(bench.outside, "g.ts"), "");
      const { wants } = await bench.plan(glob, { pattern: "away/**/*.ts" });
      assert.deepEqual(wants, [{ kind: "read", path: bench.outside, shown: `away → ${bench.outside}` }]);
      const up = await bench.plan(glob, { pattern: "../outside/*" });
      assert.deepEqual(up.wants, [{ kind: "read", path: bench.outside, shown: bench.outside }]);
    });

    it("refuses to climb in the middle of a pattern", async () =>
      assert.match((await found(glob, { pattern: "**/x/../../*.ts" })).join(""), /may stand only at its start/));

    it("says what is wrong with a pattern", async () =>
      assert.match((await found(glob, { pattern: "{a" })).join(""), /cannot use this pattern/));
  });
});
