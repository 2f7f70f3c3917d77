import assert from "node:assert/strict";
import { describePresenceChange } from "../../client/presence-text.ts";
import { nobody, type ParticipantList } from "../../protocol/participants.ts";

const listOf = (ids: string[], count = ids.length): ParticipantList => ({
  participants: ids.map((id) => ({ id, name: id, client: "terminal", role: "owner" })),
  count,
});

describe("the announcement of participants", () => {
  const cases: [string, ParticipantList, ParticipantList, string[]][] = [
    ["one who joined", listOf(["a"]), listOf(["a", "b"]), ["b (terminal) joined."]],
    [
      "one who left, and another who joined",
      listOf(["a"]),
      listOf(["b"]),
      ["b (terminal) joined.", "a (terminal) left."],
    ],
    ["nothing for the same people in another order", listOf(["a", "b"]), listOf(["b", "a"]), []],
    ["many as a number", nobody, listOf(["a", "b", "c", "d"]), ["4 participants joined."]],
    ["nothing where someone was listed because another one left", listOf(["a", "b"], 3), listOf(["a", "c"], 2), []],
    ["nothing where someone is not listed any more", listOf(["a", "b"]), listOf(["a", "c"], 3), []],
  ];
  for (const [title, before, current, expected] of cases)
    it(`has ${title}`, () =>
      assert.deepEqual(
        describePresenceChange(before, current, (name) => name),
        expected,
      ));
});
