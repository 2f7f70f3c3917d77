import assert from "node:assert/strict";
import type { Author } from "../../protocol/events.ts";
import type { PendingEdit } from "../../protocol/parts.ts";
import { emptyView, reduceAll } from "../../protocol/view.ts";

const agent: Author = { kind: "agent", id: "tutti", name: "tutti" };
const ada: Author = { kind: "person", id: "ada", name: "Ada" };

type Step =
  | { by: Author; from: string | null; to: string | null; call?: string; path?: string }
  | { kept: string | null; path?: string };

function edits(...steps: Step[]): readonly PendingEdit[] {
  const events = steps.map((step) => {
    const { path = "/a" } = step;
    if ("kept" in step) return { by: ada, event: { type: "edits.accepted" as const, path, base: step.kept } };
    const change = { path, before: step.from, after: step.to, added: 1, removed: 1 };
    const call = step.call === undefined ? {} : { call: step.call };
    return { by: step.by, event: { type: "file.changed" as const, change, ...call } };
  });
  return reduceAll(
    emptyView,
    events.map(({ by, event }, index) => ({ seq: index + 1, at: index, by, event })),
  ).edits;
}
const first = { by: agent, from: "1", to: "2", call: "c1" } as const;
const second = { by: agent, from: "2", to: "3", call: "c2" } as const;
const one = { path: "/a", base: "1", after: "2", edits: 1, calls: ["c1"], by: agent };

describe("edits that nobody has looked through", () => {
  const cases: { what: string; steps: Step[]; are: readonly PendingEdit[] }[] = [
    { what: "an agent's", steps: [first], are: [one] },
    {
      what: "two of an agent's, against what was there before both",
      steps: [first, second],
      are: [{ ...one, after: "3", edits: 2, calls: ["c1", "c2"] }],
    },
    { what: "none of a person's own", steps: [{ by: ada, from: "1", to: "2" }], are: [] },
    {
      what: "an agent's that a person went on with",
      steps: [first, { by: ada, from: "2", to: "9" }],
      are: [{ ...one, after: "9" }],
    },
    { what: "none that was put back", steps: [first, { by: ada, from: "2", to: "1" }], are: [] },
    { what: "none that the agent took back itself", steps: [first, { ...second, to: "1" }], are: [] },
    { what: "none that was kept", steps: [first, { kept: "2" }], are: [] },
    { what: "the rest of what was kept in part", steps: [first, { kept: "1½" }], are: [{ ...one, base: "1½" }] },
    {
      what: "what came after it was kept",
      steps: [first, { kept: "2" }, second],
      are: [{ ...one, base: "2", after: "3", calls: ["c2"] }],
    },
    {
      what: "a new file's, and not when it is gone again",
      steps: [{ ...first, from: null }],
      are: [{ ...one, base: null }],
    },
    {
      what: "none of a new file that is gone again",
      steps: [
        { ...first, from: null },
        { ...second, to: null },
      ],
      are: [],
    },
    {
      what: "each file's own",
      steps: [first, { ...first, path: "/b" }, { kept: "2" }, { kept: "x", path: "/c" }],
      are: [{ ...one, path: "/b" }],
    },
  ];
  for (const { what, steps, are } of cases) it(`are ${what}`, () => assert.deepEqual(edits(...steps), are));
});
