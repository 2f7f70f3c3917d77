/** Properties of permission decisions that hold for all rules, modes and calls. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { CallKind } from "../../../protocol/events.ts";
import { modes } from "../../../protocol/settings.ts";
import type { Call } from "../../../server/permission/policy.ts";
import { openPolicyBench, type PolicyBench } from "../../help/policy-bench.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const STRICTNESS = { allow: 0, ask: 1, deny: 2 };

describe(`properties of permission decisions (seed ${seed})`, () => {
  let bench: PolicyBench;
  before(async () => {
    bench = await openPolicyBench();
  });
  after(() => bench.close());

  const rule = fc.constantFrom(
    "*",
    "bash",
    "bash(p1:*)",
    "bash(p1)",
    "bash(ls:*)",
    "bash(p2 a)",
    "bash(env:*)",
    "read",
    "read(*.txt)",
    "edit(src/**)",
    "edit",
    "fetch(domain:a.example)",
    "other__*",
    "bash(p1 a && ls)",
  );
  const lists = fc.record({
    allow: fc.array(rule, { maxLength: 3 }),
    ask: fc.array(rule, { maxLength: 2 }),
    deny: fc.array(rule, { maxLength: 2 }),
  });
  const mode = fc.constantFrom(...modes);
  const command = fc
    .array(
      fc.constantFrom(
        "p1 a",
        "p2 a",
        "ls",
        "env p1 a",
        "p1 'x y'",
        "cat a.txt",
        "echo $(p1)",
        "bash -c 'p1 a'",
        "echo x > src/b",
        "p1 ../x",
        "xargs p1",
        "cat .env",
        "for f in a; do p1; done",
        "./p1 a",
        "node -e 1",
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((pieces) => pieces.join(" && "));
  const path = fc.constantFrom("a.txt", "src/a.ts", ".env", "../outside/x", ".git/config", "tutti.jsonc", "chain/x");
  const call: fc.Arbitrary<Call> = fc.oneof(
    command.map((line) => bench.toCall(line)),
    fc
      .tuple(fc.constantFrom("read", "edit") as fc.Arbitrary<"read" | "edit">, path)
      .map(([kind, shown]) => ({ tool: kind, kind, accesses: [bench.toAccess(kind, shown)] })),
    fc.constant<Call>({ tool: "fetch", kind: "fetch", accesses: [{ kind: "fetch", url: "https://a.example/" }] }),
    fc.constantFrom<CallKind>("other", "task").map((kind) => ({ tool: "other__thing", kind, accesses: [] })),
  );

  it("another deny or ask rule never makes a decision milder, another allow rule never changes a denial", () => {
    fc.assert(
      fc.property(call, mode, lists, rule, (tested, setMode, rules, extra) => {
        const now = STRICTNESS[bench.judge(tested, setMode, rules).decision];
        assert.ok(STRICTNESS[bench.judge(tested, setMode, { ...rules, deny: [...rules.deny, extra] }).decision] >= now);
        assert.ok(STRICTNESS[bench.judge(tested, setMode, { ...rules, ask: [...rules.ask, extra] }).decision] >= now);
        const more = bench.judge(tested, setMode, { ...rules, allow: [...rules.allow, extra] }).decision;
        assert.equal(more === "deny", now === STRICTNESS.deny);
      }),
      { seed, numRuns: 400 },
    );
  });

  it("a line with a denied program is never allowed, and a plain one is denied", () => {
    const hidden = fc.constantFrom(
      "p9 a",
      "/usr/bin/p9 a",
      "'p9' a",
      "p\\9",
      "env p9",
      "nohup nice p9",
      "sudo -u x p9",
      "xargs p9",
      "timeout 5 p9",
      "find . -exec p9 {} +",
      "busybox p9",
      "sh -c 'p9 a'",
      "env A=1 p9",
      "command p9",
    );
    fc.assert(
      fc.property(command, hidden, mode, lists, (line, forbidden, setMode, rules) => {
        const deny = [...rules.deny, "bash(p9:*)"];
        assert.notEqual(bench.judgeCommand(`${line}; ${forbidden}`, setMode, { ...rules, deny }), "allow");
        assert.equal(bench.judgeCommand(forbidden, setMode, { ...rules, deny }), "deny");
      }),
      { seed, numRuns: 300 },
    );
  });

  it("a stricter mode is never milder", () => {
    fc.assert(
      fc.property(call, lists, (tested, rules) => {
        const strictness = (["ask", "edit", "auto"] as const).map(
          (setMode) => STRICTNESS[bench.judge(tested, setMode, rules).decision],
        );
        assert.deepEqual(
          strictness,
          strictness.toSorted((a, b) => b - a),
        );
      }),
      { seed, numRuns: 200 },
    );
  });

  it("any text gets a decision, and is never allowed without a rule", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        assert.notEqual(bench.judgeCommand(`p1 ${text}`, "ask"), "allow");
        assert.notEqual(bench.judgeCommand(`${text}; p1`, "edit", { allow: ["bash(ls:*)"] }), "allow");
      }),
      { seed, numRuns: 500 },
    );
  });
});
