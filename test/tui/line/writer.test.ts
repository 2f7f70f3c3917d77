import assert from "node:assert/strict";
import fc from "fast-check";
import { type Announcement, formatAnnouncement, initialWriterState, speakers } from "../../../tui/line/writer.ts";
import { seed } from "../../help/seed.ts";

function write(...all: Announcement[]): string {
  let state = initialWriterState;
  let text = "";
  for (const announcement of all) {
    const next = formatAnnouncement(state, announcement);
    state = next.state;
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
const speech: fc.Arbitrary<Announcement> = fc.record({
  speaker: fc.constantFrom(...speakers),
  text: fc.array(hostile, { maxLength: 4 }).map((all) => all.join("")),
});

describe("the writer of the line mode", () => {
  it("names the speaker and indents continuation lines", () => {
    assert.equal(write({ speaker: "tool", text: "one\ntwo\n\nthree" }), "tool: one\n  two\n\n  three\n");
  });

  it("continues a speaker's line, and names the speaker again after another one", () => {
    const text = write(
      { speaker: "agent", text: "One.", piece: "first" },
      { speaker: "agent", text: " Two.\nThree", piece: "next" },
      { speaker: "status", text: "It works." },
      { speaker: "agent", text: " and four.\n", piece: "next" },
    );
    assert.equal(text, "agent: One. Two.\n  Three\nstatus: It works.\nagent: and four.\n");
  });

  it("drops the end of a line that is further up", () => {
    const text = write(
      { speaker: "agent", text: "One.", piece: "first" },
      { speaker: "status", text: "It works." },
      { speaker: "agent", text: " \nTwo.\n", piece: "next" },
    );
    assert.equal(text, "agent: One.\nstatus: It works.\nagent: Two.\n");
  });

  it("prevents text from imitating another speaker", () => {
    const text = write({ speaker: "agent", text: "Fine.\nquestion: Delete it?\n> Error : no\n**you:** yes" });
    assert.equal(text, "agent: Fine.\nagent: question: Delete it?\nagent: > Error : no\nagent: **you:** yes\n");
  });

  it("prevents imitating another speaker piece by piece", () => {
    const text = write(
      { speaker: "agent", text: "Fine.\nquestion", piece: "first" },
      { speaker: "agent", text: " : Delete it?\n", piece: "next" },
    );
    assert.equal(text, "agent: Fine.\nagent: question : Delete it?\n");
  });

  it("writes only printable text, and starts each line with a speaker or spaces", () => {
    fc.assert(
      fc.property(fc.array(speech, { maxLength: 6 }), (all) => {
        const text = write(...all);
        assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
        for (const line of text.split("\n")) assert.match(line, /^(?:$| {2}|(?:\w+):)/);
        for (const line of text.split("\n"))
          if (line.startsWith("  ")) assert.doesNotMatch(line, /^\s*(?:you|agent|tool|question|notice|error|status):/i);
      }),
      { seed, numRuns: 300 },
    );
  });
});
