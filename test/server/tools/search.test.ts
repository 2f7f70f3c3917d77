import assert from "node:assert/strict";
import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tool } from "../../../server/ports.ts";
import { glob } from "../../../server/tools/glob.ts";
import { grep } from "../../../server/tools/grep.ts";
import { openFileList } from "../../../server/workspace/file-list.ts";
import { openToolBench, type ToolBench } from "../../help/tool-bench.ts";

describe("search tools", () => {
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
    for (const [name, content] of Object.entries(files)) await bench.writeFile(name, content);
  });
  after(() => bench.close());
  const searchAll = async (tool: typeof grep | typeof glob, input: unknown) =>
    (await bench.call<never>(tool as never, input)).output.split("\n");
  const isSkipNote = (line: string) => /^\(.* ignored or hidden files? skipped/.test(line);
  const search = async (tool: typeof grep | typeof glob, input: unknown) =>
    (await searchAll(tool, input)).filter((line) => !isSkipNote(line));

  describe("grep", () => {
    it("returns path, line and text, sorted, without ignored, hidden or secret files", async () =>
      assert.deepEqual(await search(grep, { pattern: "needle" }), [
        "a.ts:2:needle two",
        "b.ts:1:const needle = 1;",
        "other/src/f.ts:1:needle",
        "src/deep/d.ts:1:needle(",
        "évil\\x0a.ts:1:needle",
        "(1 file with secrets omitted; pass one as path to search it)",
      ]));

    it("searches a named file, and requests read access to it", async () => {
      assert.deepEqual(await search(grep, { pattern: "needle", path: ".env" }), [".env:1:needle=1"]);
      const { accesses } = await bench.prepare(grep, { pattern: "needle", path: ".env" });
      assert.deepEqual(accesses, [{ kind: "read", path: join(bench.cwd, ".env"), shown: ".env" }]);
    });

    it("supports its options", async () => {
      assert.deepEqual(await search(grep, { pattern: "needle", path: "src", ignoreCase: true, files: true }), [
        "src/c.tsx",
        "src/deep/d.ts",
      ]);
      assert.deepEqual(await search(grep, { pattern: "needle(", literal: "true" }), ["src/deep/d.ts:1:needle("]);
      assert.deepEqual(await search(grep, { pattern: "two", context: 1 }), [
        "a.ts-1-line",
        "a.ts:2:needle two",
        "a.ts-3-line",
      ]);
      assert.deepEqual(await search(grep, { pattern: "needle", glob: "*.{tsx,log}", ignoreCase: true }), [
        "src/c.tsx:1:NEEDLE",
      ]);
      assert.deepEqual(await search(grep, { pattern: "needle", glob: "src/**/*.ts" }), ["src/deep/d.ts:1:needle("]);
      assert.deepEqual(await search(grep, { pattern: "needle", path: "src", limit: 1, ignoreCase: true }), [
        "src/c.tsx:1:NEEDLE",
        "(1 more match; narrow the search)",
      ]);
    });

    it("treats a pattern that looks like an option as a pattern", async () =>
      assert.deepEqual(await search(grep, { pattern: "--pre=touch x" }), ["(no matches)"]));

    it("reports an invalid pattern or path", async () => {
      assert.match((await search(grep, { pattern: "(" })).join("\n"), /unclosed group/);
      assert.match((await search(grep, { pattern: "x", path: "nowhere" })).join("\n"), /does not exist/);
      assert.match((await search(grep, { path: "src" })).join("\n"), /"pattern" is missing/);
    });

    it("is fast with patterns and lines that cause catastrophic backtracking", async () => {
      await bench.writeFile("heavy/a.txt", `${"a".repeat(1_000_000)}!\n`);
      const [line = ""] = await search(grep, { pattern: "(a+)+$|!", path: "heavy" });
      assert.match(line, /^heavy\/a\.txt:1:…a+! \(at column 1,000,001\)$/);
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
      ["conf/*", ["(no files)", "(1 file with secrets omitted)"]],
      ["nowhere/*.ts", ["(no files: nowhere does not exist)"]],
    ];
    for (const [pattern, expected] of cases)
      it(`finds ${pattern}`, async () => {
        assert.deepEqual(await search(glob, { pattern }), expected);
      });

    it("requests read access to the folder of the pattern, with links resolved", async () => {
      await symlink(bench.outside, join(bench.cwd, "away"));
      await writeFile(join(bench.outside, "g.ts"), "");
      const { accesses } = await bench.prepare(glob, { pattern: "away/**/*.ts" });
      assert.deepEqual(accesses, [{ kind: "read", path: bench.outside, shown: `away → ${bench.outside}` }]);
      const up = await bench.prepare(glob, { pattern: "../outside/*" });
      assert.deepEqual(up.accesses, [{ kind: "read", path: bench.outside, shown: bench.outside }]);
    });

    it("refuses .. in the middle of a pattern", async () =>
      assert.match((await search(glob, { pattern: "**/x/../../*.ts" })).join(""), /is allowed only at its start/));

    it("reports an invalid pattern", async () =>
      assert.match((await search(glob, { pattern: "{a" })).join(""), /cannot use this pattern/));
  });

  describe("what a search covers", () => {
    let other: ToolBench;
    const call = async (tool: typeof grep | typeof glob, input: unknown, context = other.context) => {
      const parsed = tool.parse(input);
      assert.ok(parsed.ok);
      const run = tool as Tool<unknown>;
      return (await run.run(parsed.input, context, await run.prepare(parsed.input, context))).output.split("\n");
    };
    beforeEach(async () => {
      other = await openToolBench();
    });
    afterEach(() => other.close());

    it("counts ignored and hidden files that were skipped", async () => {
      for (const name of ["a.txt", "b.log", "logs/c.txt", ".hidden/d.txt", ".git/e.txt"])
        await other.writeFile(name, "needle\n");
      await other.writeFile(".gitignore", "*.log\nlogs\n");
      const note = (count: string) => `(${count} skipped; pass a path to include it)`;
      assert.deepEqual(await call(grep, { pattern: "needle" }), ["a.txt:1:needle", note("4 ignored or hidden files")]);
      assert.deepEqual(await call(glob, { pattern: "**/*.log" }), ["(no files)", note("1 ignored or hidden file")]);
      assert.deepEqual(await call(grep, { pattern: "needle", path: "a.txt" }), ["a.txt:1:needle"]);
    });

    for (const ignored of ["dist", "dist/", "dist/*", "dist/**", "*"])
      it(`searches a named folder that .gitignore excludes with ${ignored}`, async () => {
        await other.writeFile(".gitignore", `${ignored}\n`);
        await other.writeFile("dist/js/a.js", "needle\n");
        for (const path of ["dist", "dist/js"]) {
          assert.deepEqual(await call(grep, { pattern: "needle", path }), ["dist/js/a.js:1:needle"]);
          assert.deepEqual(await call(glob, { pattern: "**/*.js", path }), ["dist/js/a.js"]);
        }
      });

    for (const marker of ["folder", "file"])
      it(`takes no .gitignore above a repository, with .git as a ${marker}`, async () => {
        await other.writeFile(".gitignore", "*\n");
        await other.writeFile("repo/.gitignore", "*.log\n");
        await other.writeFile(marker === "folder" ? "repo/.git/HEAD" : "repo/.git", "gitdir: ../x\n");
        for (const name of ["repo/src/a.txt", "repo/b.log"]) await other.writeFile(name, "needle\n");
        const context = { ...other.context, cwd: join(other.cwd, "repo") };
        const only = (lines: string[]) => lines.filter((line) => !isSkipNote(line));
        assert.deepEqual(only(await call(grep, { pattern: "needle" }, context)), ["src/a.txt:1:needle"]);
        assert.deepEqual(only(await call(glob, { pattern: "**/*.txt" }, context)), ["src/a.txt"]);
        const list = openFileList(other.context.processes, other.context.clock);
        assert.deepEqual(
          (await list.get(context.cwd, false)).entries.map((entry) => entry.name),
          ["src/", "src/a.txt"],
        );
      });

    it("shows the part of a long line that matches", async () => {
      const line = `${"é".repeat(3000)}needle${"b".repeat(3000)}`;
      await other.writeFile("a.js", `first\n${line}\nlast\n`);
      await other.writeFile("b.js", `${"x".repeat(395)}needle\r\n`);
      const [a = "", b = ""] = await call(grep, { pattern: "needle" });
      assert.match(a, /^a\.js:2:…é+needleb+… \(at column 6,001\)$/);
      assert.match(b, /^b\.js:1:…x+needle \(at column 396\)$/);
    });

    it("does not take words in matches for errors", async () => {
      await other.writeFile("a.js", "throw new Error('ENOENT: error'); // rg: error\n");
      const result = await other.call(grep, { pattern: "error|ENOENT" });
      assert.ok(result.ok);
      assert.match(result.output, /^a\.js:1:throw/);
    });

    it("finds names with brackets", async () => {
      for (const name of ["app/[slug]/page.tsx", "app/[[...all]]/page.tsx", "app/s/x.tsx", "[id].ts"])
        await other.writeFile(name, "needle\n");
      assert.deepEqual(await call(glob, { pattern: "app/[slug]/*.tsx" }), ["app/s/x.tsx"]);
      await rm(join(other.cwd, "app/s"), { recursive: true });
      assert.deepEqual(await call(glob, { pattern: "app/[slug]/*.tsx" }), ["app/[slug]/page.tsx"]);
      assert.deepEqual(await call(glob, { pattern: "app/[[...all]]/**" }), ["app/[[...all]]/page.tsx"]);
      assert.deepEqual(await call(glob, { pattern: "[id].ts" }), ["[id].ts"]);
      assert.deepEqual(await call(grep, { pattern: "needle", glob: "app/[slug]/**" }), [
        "app/[slug]/page.tsx:1:needle",
      ]);
    });
  });
});
