/** What plugins of OpenCode see and use: the arguments of tools in its names, and `$` where Bun is not there. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { createShell } from "../../mcp-plugins/opencode/shell.ts";
import { fromOpencodeArgs, toOpencodeArgs, toOpencodeName } from "../../mcp-plugins/opencode/tool-calls.ts";

describe("tool calls in OpenCode's names", () => {
  it("have its names of tools and arguments", () => {
    const names = ["bash", "fetch", "plan", "patch", "jira__search", "opencode-x__add", "task"];
    assert.deepEqual(
      names.map((name) => toOpencodeName(name, "opencode-x__")),
      ["bash", "webfetch", "todowrite", "apply_patch", "jira_search", "add", "task"],
    );
    const convert = (tool: string, input: unknown) => toOpencodeArgs(tool, input, "/work");
    assert.deepEqual(convert("read", { path: "a.txt", offset: 3 }), [{ filePath: "/work/a.txt", offset: 3 }]);
    assert.deepEqual(convert("write", { path: "/b.txt", content: "" }), [{ filePath: "/b.txt", content: "" }]);
    assert.deepEqual(convert("bash", { command: "ls", timeout: 5, cwd: "sub" }), [
      { command: "ls", timeout: 5000, workdir: "sub" },
    ]);
    assert.deepEqual(convert("grep", { pattern: "x", glob: "*.ts" }), [{ pattern: "x", include: "*.ts" }]);
    assert.deepEqual(convert("task", { agent: "Engineer", title: "t", prompt: "p", tier: "quick" }), [
      { subagent_type: "Engineer", description: "t", prompt: "p", model_tier: "quick" },
    ]);
    assert.deepEqual(convert("list", null), [{}]);
  });

  it("show each change of an edit as a call of its own", () => {
    const input = {
      path: "/a",
      edits: [
        { old: "1", new: "2" },
        { old: "3", new: "4", all: true },
      ],
    };
    assert.deepEqual(toOpencodeArgs("edit", input, "/work"), [
      { filePath: "/a", oldString: "1", newString: "2" },
      { filePath: "/a", oldString: "3", newString: "4", replaceAll: true },
    ]);
  });

  it("are the same input again, if a hook changes nothing", () => {
    const name = fc.constantFrom("command", "pattern", "content", "offset", "url", "prompt", "items");
    const value = fc.oneof(fc.string(), fc.integer({ min: 1, max: 3600 }), fc.boolean(), fc.array(fc.string()));
    const edit = fc.record({ old: fc.string(), new: fc.string(), all: fc.boolean() }, { requiredKeys: ["old", "new"] });
    fc.assert(
      fc.property(
        fc.constantFrom("read", "write", "grep", "fetch", "plan", "task", "jira__search"),
        fc.dictionary(name, value),
        (tool, input) => assert.deepEqual(fromOpencodeArgs(tool, toOpencodeArgs(tool, input, "/work")), { ...input }),
      ),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1 }), fc.integer({ min: 1, max: 3600 }), (edits, timeout) => {
        const changed = { path: "/work/a", edits: edits.map((one) => ({ ...one })) };
        assert.deepEqual(fromOpencodeArgs("edit", toOpencodeArgs("edit", changed, "/work")), changed);
        const command = { command: "x", timeout };
        assert.deepEqual(fromOpencodeArgs("bash", toOpencodeArgs("bash", command, "/work")), command);
      }),
    );
  });
});

describe("$ without Bun", () => {
  const $ = createShell(tmpdir());

  it("passes every value as one word", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
        async (text) => {
          assert.equal(await $`printf %s ${text}`.text(), text.toWellFormed());
        },
      ),
      { numRuns: 30 },
    );
    assert.equal(await $`printf '%s|' ${["a b", "$HOME", "`x`"]}`.text(), "a b|$HOME|`x`|");
    assert.equal(await $`echo ${{ raw: "a; echo b" }}`.text(), "a\nb\n");
  });

  it("returns JSON, lines and exit codes, and rejects for a failure unless asked not to", async () => {
    assert.deepEqual(await $`echo '{"a": [1]}'`.json(), { a: [1] });
    assert.deepEqual(await $`printf 'a\nb\n'`.lines(), ["a", "b"]);
    const { exitCode, stderr } = await $`echo no >&2; exit 3`.quiet().nothrow();
    assert.deepEqual([exitCode, stderr.toString()], [3, "no\n"]);
    await assert.rejects(async () => $`exit 4`.quiet(), /exit code 4/);
    assert.equal(await $`pwd`.cwd("/").text(), "/\n");
    assert.equal(await $`echo $WORD`.env({ WORD: "x" }).text(), "x\n");
  });
});
