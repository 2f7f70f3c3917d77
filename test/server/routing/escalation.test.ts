import assert from "node:assert/strict";
import type { EventOf, SessionEvent } from "../../../protocol/events.ts";
import {
  chooseEscalation,
  type EscalationState,
  foldEscalation,
  startEscalation,
  trip,
} from "../../../server/routing/escalation.ts";
import { writeHandOver } from "../../../server/routing/hand-over.ts";
import { findTestCommand, readTestRun } from "../../../server/routing/test-runs.ts";

type Kind = EventOf<"call.asked">["kind"];
let count = 0;
interface Ended {
  kind?: Kind;
  name?: string;
  input?: unknown;
  raw?: string;
  state?: EventOf<"call.done">["state"];
  output?: string;
  diff?: string;
}

/** A call and its end. */
function call({
  kind = "read",
  name = "read",
  input = { n: ++count },
  raw,
  state = "failed",
  output = "no",
  diff,
}: Ended): SessionEvent[] {
  const id = `c${++count}`;
  return [
    {
      type: "call.asked",
      turn: "t1",
      step: 1,
      call: id,
      name,
      kind,
      title: name,
      input,
      locations: [],
      ...(raw !== undefined && { raw }),
    },
    { type: "call.done", call: id, state, output, ...(diff !== undefined && { diff }) },
  ];
}
const bash = (command: string, state: "done" | "failed", output: string): SessionEvent[] =>
  call({ kind: "execute", name: "bash", input: { command }, state, output });
const edit = (state: "done" | "failed"): SessionEvent[] => call({ kind: "edit", name: "edit", state, diff: "+x" });
const usage = { input: 1, cached: 0, output: 1, reasoning: 0, cost: null, estimated: false };
const counted = (step: number): SessionEvent => ({ type: "usage.counted", turn: "t1", step, model: "p/m", usage });
const fold = (events: readonly SessionEvent[], from: EscalationState = startEscalation("t1")): EscalationState =>
  events.reduce(foldEscalation, from);
const score = (...events: SessionEvent[][]): number => fold(events.flat()).score;
const same = (state: "done" | "failed") => call({ input: { path: "x" }, state });

describe("escalation", () => {
  it("counts what went wrong", () => {
    assert.equal(score(call({})), 1);
    assert.equal(score(same("failed"), same("failed")), 3);
    assert.equal(score(call({ input: null, raw: "{oops" })), 1);
    assert.equal(score(edit("failed")), 2);
    assert.equal(score([counted(1), counted(1)]), 3);
    assert.equal(score(same("done"), same("done"), same("done")), 4);
  });

  it("ignores refusals, interruptions, and faults of a provider", () => {
    assert.equal(score(call({ state: "refused" }), call({ state: "interrupted" })), 0);
    assert.equal(score([{ type: "notice.shown", level: "info", text: "429: retrying" }]), 0);
    assert.equal(score([counted(1), { type: "text.done", turn: "t1", step: 1, part: "p", text: "hi" }, counted(2)]), 0);
    assert.equal(score([counted(1)], call({ state: "done" }), [counted(2)], call({ state: "done" })), 0);
  });

  it("counts a test run that got worse, and one that fails as before after an edit", () => {
    const red = (failures: number) => bash("npm test", "failed", `${failures} failing`);
    assert.equal(score(red(1)), 0);
    assert.equal(score(red(1), red(1)), 0);
    assert.equal(score(red(1), red(3)), 3);
    assert.equal(score(red(1), edit("done"), red(1)), 3);
    assert.equal(score(red(3), edit("done"), red(1)), 0);
    assert.equal(score(bash("npm test", "done", "ok"), edit("done"), red(1)), 3);
  });

  it("starts again after a passing run and credits an applied edit", () => {
    assert.equal(score(call({}), call({}), bash("cargo test", "done", "test result: ok. 3 passed; 0 failed")), 0);
    assert.equal(score(call({}), call({}), edit("done")), 1);
    assert.equal(score(edit("done"), call({})), 1);
  });

  it("goes up one tier at five points, at most twice, and never past maxTier", () => {
    const bad = [...edit("failed"), ...edit("failed"), ...call({})];
    const state = fold(bad);
    assert.equal(state.score, 5);
    assert.equal(chooseEscalation(fold(bad.slice(0, -2)), "quick"), null);
    assert.equal(chooseEscalation(state, "quick"), "standard");
    assert.equal(chooseEscalation(state, "advanced"), null);
    assert.equal(chooseEscalation(state, "standard", "standard"), null);
    assert.equal(chooseEscalation(trip(startEscalation("t1")), "quick"), "standard");
    const routing = {
      source: "escalation" as const,
      agent: "build",
      from: "quick" as const,
      mode: "balanced" as const,
      score: null,
      signals: [],
      thresholds: { quick: -2, advanced: 4 },
      rejected: [],
      attempt: 2,
    };
    const routed: EventOf<"model.routed"> = {
      type: "model.routed",
      turn: "t1",
      model: "p/s",
      reason: "",
      context: null,
      tools: [],
      tier: "standard",
      routing,
    };
    const once = fold([routed], state);
    assert.equal(once.score, 0);
    assert.equal(chooseEscalation(fold(bad, once), "standard"), "advanced");
    const twice = fold([{ ...routed, routing: { ...routing, attempt: 3 } }], fold(bad, once));
    assert.equal(chooseEscalation(fold(bad, twice), "quick"), null);
  });

  it("starts with each turn", () => {
    const next: SessionEvent = { type: "turn.started", turn: "t2", text: "", attachments: [], agent: "a" };
    assert.deepEqual(fold([...edit("failed"), next]), startEscalation("t2"));
  });
});

describe("test runs", () => {
  it("are recognized by their command", () => {
    for (const command of [
      "npm test",
      "npm run test:unit -- --grep x",
      "cd app && CI=1 pnpm -C web test",
      "npx vitest run",
      "python3 -m pytest -q tests/test_a.py",
      "cargo test --workspace",
      "go test ./...",
      "make -j4 check",
      "./gradlew :app:test",
      "mvn -q verify",
      "dotnet test",
      "bundle exec rspec",
      "timeout 60 npm test 2>&1 | tail -20",
      "uv run pytest",
      "tsc --noEmit",
      "node --test",
      "mix test",
      "make",
    ])
      assert.notEqual(findTestCommand(command), null, command);
    for (const command of [
      "ls test",
      "cat package.json",
      "git commit -m 'npm test'",
      "npm install",
      "echo pytest",
      "grep -r test .",
    ])
      assert.equal(findTestCommand(command), null, command);
  });

  it("are read from what several programs print", () => {
    const cases: [string, string, number, string[]][] = [
      [
        "npm test",
        "  12 passing (2s)\n  2 failing\n\n  1) adds numbers\n  2) adds text",
        2,
        ["adds numbers", "adds text"],
      ],
      [
        "pytest",
        "FAILED tests/test_a.py::test_x - assert 1 == 2\n=== 1 failed, 4 passed in 0.1s ===",
        1,
        ["tests/test_a.py::test_x"],
      ],
      ["go test ./...", "--- FAIL: TestSum (0.00s)\nFAIL\texample.org/x\t0.2s\nFAIL", Number.NaN, ["TestSum"]],
      ["cargo test", "test a::b ... FAILED\ntest result: FAILED. 3 passed; 1 failed; 0 ignored", 1, ["a::b"]],
      ["tsc --noEmit", "src/a.ts(4,1): error TS2304: x\nFound 1 error in src/a.ts:4", 1, ["src/a.ts(4,1)"]],
      ["mvn test", "[ERROR] Tests run: 5, Failures: 2, Errors: 0", 2, []],
    ];
    for (const [command, output, failures, failing] of cases) {
      const run = readTestRun(command, false, output);
      assert.equal(run?.failures ?? Number.NaN, failures, command);
      assert.deepEqual(run?.failing, failing, command);
      assert.equal(run?.passed, false);
    }
  });

  it("do not pass because a pipe hides the exit code", () => {
    assert.equal(readTestRun("npm test | tail -5", true, "  3 failing")?.passed, false);
    assert.equal(readTestRun("npm test || true", true, "  3 failing")?.passed, false);
    assert.equal(readTestRun("npm test | tail -5", true, "  9 passing")?.passed, true);
    assert.equal(readTestRun("cargo test", true, "test result: ok. 3 passed; 0 failed")?.passed, true);
  });
});

describe("the hand-over of an escalated turn", () => {
  it("has the task, the changes, the end of the failing command and what was tried", () => {
    const start: SessionEvent = {
      type: "turn.started",
      turn: "t1",
      text: "Make sum() work",
      attachments: [],
      agent: "a",
    };
    const output = Array.from({ length: 100 }, (_, line) => `line ${line}`).join("\n");
    const events = [
      { type: "turn.started", turn: "t0", text: "Hello", attachments: [], agent: "a" } as SessionEvent,
      start,
      ...call({ kind: "edit", name: "edit", state: "done", diff: "-return a\n+return a + b" }),
      ...call({ kind: "edit", name: "edit", state: "failed", output: "the text occurs twice", diff: "+never" }),
      ...bash("cd app && npm test", "failed", output),
    ];
    const by = { kind: "agent", id: "a", name: "a" } as const;
    const text = writeHandOver(
      events.map((event, index) => ({ seq: index + 1, at: 0, by, event })),
      "t1",
    );
    assert.match(text, /Make sum\(\) work/);
    assert.match(text, /- Hello/);
    assert.match(text, /\+return a \+ b/);
    assert.doesNotMatch(text, /\+never/);
    assert.match(text, /line 60\n/);
    assert.doesNotMatch(text, /line 59\n/);
    assert.match(text, /edit: edit: failed: the text occurs twice/);
  });
});
