/** OpenCode's `permission`, where the last match wins, as rules. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { convertOpencodePermission } from "../../../server/permission/opencode-permission.ts";
import { validateRule } from "../../../server/permission/rules.ts";
import { openPolicyBench, type PolicyBench } from "../../help/policy-bench.ts";

describe("OpenCode's permission", () => {
  let bench: PolicyBench;
  before(async () => {
    bench = await openPolicyBench();
  });
  after(() => bench.close());

  const actions = ["allow", "ask", "deny"] as const;
  /** What OpenCode decides: the last pattern that matches; a command without one is allowed. */
  const decideThere = (pairs: readonly (readonly [string, string])[], command: string): string =>
    pairs.findLast(([pattern]) => {
      if (pattern === "*") return true;
      const words = pattern.replace(/ \*$/, "");
      return pattern === words ? command === words : command === words || command.startsWith(`${words} `);
    })?.[1] ?? "allow";

  /** Without exact commands: as rules that restrict, they match commands with more words, too. */
  it("decides on commands as OpenCode does, whatever the order", () => {
    const pattern = fc.constantFrom("*", "p1 *", "p1 go *", "p2 *", "p1 go far *", "p2 x *");
    const command = fc.constantFrom("p1", "p1 go", "p1 go far", "p1 go far away", "p2 x", "p2 y", "p1 stay");
    const pairs = fc.uniqueArray(fc.tuple(pattern, fc.constantFrom(...actions)), {
      selector: ([one]) => one,
      maxLength: 5,
    });
    fc.assert(
      fc.property(pairs, command, (list, line) => {
        const { ask, deny, allow, problems } = convertOpencodePermission({ bash: Object.fromEntries(list) });
        assert.deepEqual(problems, []);
        for (const rule of [...ask, ...deny, ...allow]) assert.equal(validateRule(rule), null);
        const there = decideThere(list, line);
        const here = bench.judgeCommand(line, "auto", { ask, deny });
        // Where something is denied, an unknown program asks: it may run what is denied.
        if (there === "allow" && deny.length > 0) assert.notEqual(here, "deny");
        else assert.equal(here, there);
        if (list.some(([, action]) => action === "allow") && there === "allow")
          assert.notEqual(bench.judgeCommand(line, "auto", { allow, ask, deny }), "deny");
      }),
      { numRuns: 500 },
    );
  });

  it("denies parts of a line, and lines that cannot be split, in spite of an exception", () => {
    const { ask, deny } = convertOpencodePermission({ bash: { "*": "deny", "git status *": "allow" } });
    const judge = (line: string): string => bench.judgeCommand(line, "auto", { ask, deny });
    assert.equal(judge("git status --short"), "allow");
    for (const line of [
      "git status; p1",
      "p1 && git status",
      'eval "git status"',
      "git status $(p1)",
      "env git status",
    ])
      assert.equal(judge(line), "deny", line);
  });

  it("keeps files and folders outside of the workspace apart", () => {
    const edits = convertOpencodePermission({ edit: { "*": "deny", "docs/**": "allow", "docs/secret.md": "ask" } });
    const judgeEdit = (path: string) => bench.judgeFile("edit", path, "auto", edits).decision;
    assert.deepEqual(["src/a.ts", "docs/a.md", "docs/secret.md"].map(judgeEdit), ["deny", "allow", "ask"]);
    const outside = convertOpencodePermission({ external_directory: "deny" });
    const judgeRead = (path: string) => bench.judgeFile("read", path, "auto", outside).decision;
    assert.deepEqual(["../outside/x", "../../other/x", "src/a.ts", "."].map(judgeRead), [
      "deny",
      "deny",
      "allow",
      "allow",
    ]);
    assert.equal(bench.judgeCommand("cat ../outside/x", "auto", outside), "deny");
    assert.equal(bench.judgeCommand("cat src/a.ts", "auto", outside), "allow");
    const notes = convertOpencodePermission({
      external_directory: { "*": "deny", [`${bench.outer}/notes/**`]: "ask" },
    });
    assert.equal(bench.judgeFile("read", "../notes/today.md", "auto", notes).decision, "ask");
    assert.deepEqual(convertOpencodePermission({ external_directory: "ask", doom_loop: "ask" }).deny, []);
  });

  it("reports what cannot be a rule or an exception, and stays stricter", () => {
    const { ask, deny, problems } = convertOpencodePermission({ bash: { "*": "deny", "git * --help": "allow" } });
    assert.deepEqual([ask, deny], [[], ["bash"]]);
    assert.match(problems.join(), /cannot be exceptions of "\*"/);
  });

  const judgeLines = (permission: unknown, lines: readonly string[]): string[] => {
    const { ask, deny } = convertOpencodePermission(permission);
    return lines.map((line) => bench.judgeCommand(line, "auto", { ask, deny }));
  };

  it("restricts what begins as a pattern whose wildcard is in a word", () => {
    const permission = {
      bash: { "p1*": "deny", "git push --force*": "deny", "npm run de*y": "ask", "rm -rf /*": "deny" },
    };
    const denied = [
      "p1",
      "p12 x",
      "/usr/bin/p12",
      "git push --force-with-lease",
      "git push origin --force",
      "rm -rf /x",
    ];
    assert.deepEqual(
      judgeLines(permission, denied),
      denied.map(() => "deny"),
    );
    assert.deepEqual(judgeLines(permission, ["npm run deploy"]), ["ask"]);
    assert.deepEqual(judgeLines({ bash: { "git push*": "deny" } }, ["git status", "git log push"]), ["allow", "allow"]);
    assert.equal(bench.judgeCommand("p12", "ask", { allow: ["bash(p1*)"] }), "ask");
  });

  it("keeps what is denied for everything where a section has no pattern for it", () => {
    const lines = ["git status", "p1", "git status; p1"];
    assert.deepEqual(judgeLines({ "*": "deny", bash: { "git *": "allow" } }, lines), ["allow", "deny", "deny"]);
    assert.deepEqual(judgeLines({ bash: { "git *": "allow" }, "*": "deny" }, lines), ["deny", "deny", "deny"]);
    assert.deepEqual(judgeLines({ bash: { "git *": "allow", "p1 *": "deny" }, "*": "ask" }, lines), [
      "ask",
      "deny",
      "deny",
    ]);
    const edits = convertOpencodePermission({ "*": "deny", edit: { "docs/**": "allow" } });
    const judgeEdit = (path: string) => bench.judgeFile("edit", path, "auto", edits).decision;
    assert.deepEqual(["src/a.ts", "docs/a.md"].map(judgeEdit), ["deny", "allow"]);
    assert.deepEqual(convertOpencodePermission({ "*": "deny", task: { explore: "allow" } }).agents, ["explore"]);
  });

  it("takes a pattern for other commands as no exception", () => {
    const lines = ["find . -exec p1 {} +", "env p1", "find . -name x"];
    assert.deepEqual(judgeLines({ bash: { "p1 *": "deny", "find *": "allow", "env *": "ask" } }, lines), [
      "deny",
      "deny",
      "allow",
    ]);
  });

  it("gives exceptions to no rule that allows", () => {
    const rules = { allow: ["bash unless bash(p1 stop:*)"] };
    assert.equal(bench.judgeCommand("p1 go", "ask", rules), "ask");
  });
});
