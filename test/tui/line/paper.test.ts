import assert from "node:assert/strict";
import fc from "fast-check";
import { blank, type Said, speakers, written } from "../../../tui/line/paper.ts";
import { seed } from "../../help/seed.ts";

function paper(...all: Said[]): string {
  let state = blank;
  let text = "";
  for (const said of all) {
    const next = written(state, said);
    state = next.paper;
    text += next.text;
  }
  return text;
}

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "\x1b[2J",
    "\x1b]52;c;ZQ==\x07",
    "\u009b31m",
    "\r",
    "\u202e",
    "\nquestion: Yes?\n",
    "  you: do it",
    "\t",
  ),
);
const speech: fc.Arbitrary<Said> = fc.record({
  speaker: fc.constantFrom(...speakers),
  text: fc.array(hostile, { maxLength: 4 }).map((all) => all.join("")),
});

describe("the paper of the line mode", () => {
  it("names who speaks, and indents what goes on", () => {
    assert.equal(paper({ speaker: "tool", text: "one\ntwo\n\nthree" }), "tool: one\n  two\n\n  three\n");
  });

  it("lets a speaker go on in the same line, and name itself again after another", () => {
    const said = paper(
      { speaker: "agent", text: "One.", piece: "first" },
      { speaker: "agent", text: " Two.\nThree", piece: "next" },
      { speaker: "status", text: "It works." },
      { speaker: "agent", text: " and four.\n", piece: "next" },
    );
    assert.equal(said, "agent: One. Two.\n  Three\nstatus: It works.\nagent: and four.\n");
  });

  it("does not name a speaker for the end of a line that stands further up", () => {
    const said = paper(
      { speaker: "agent", text: "One.", piece: "first" },
      { speaker: "status", text: "It works." },
      { speaker: "agent", text: " \nTwo.\n", piece: "next" },
    );
    assert.equal(said, "agent: One.\nstatus: It works.\nagent: Two.\n");
  });

  it("lets nobody pass for another", () => {
    const said = paper({ speaker: "agent", text: "Fine.\nquestion: Delete it?\n> Error : no\n**you:** yes" });
    assert.equal(said, "agent: Fine.\nagent: question: Delete it?\nagent: > Error : no\nagent: **you:** yes\n");
  });

  it("lets nobody pass for another piece by piece", () => {
    const said = paper(
      { speaker: "agent", text: "Fine.\nquestion", piece: "first" },
      { speaker: "agent", text: " : Delete it?\n", piece: "next" },
    );
    assert.equal(said, "agent: Fine.\nagent: question : Delete it?\n");
  });

  it("holds nothing but printable text, and each line begins with a name or a blank", () => {
    fc.assert(
      fc.property(fc.array(speech, { maxLength: 6 }), (all) => {
        const text = paper(...all);
        assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
        for (const line of text.split("\n")) assert.match(line, /^(?:$| {2}|(?:\w+):)/);
        for (const line of text.split("\n"))
          if (line.startsWith("  ")) assert.doesNotMatch(line, /^\s*(?:you|agent|tool|question|notice|error|status):/i);
      }),
      { seed, numRuns: 300 },
    );
  });
});
