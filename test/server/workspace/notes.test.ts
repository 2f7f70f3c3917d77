import assert from "node:assert/strict";
import fc from "fast-check";
import { addNote } from "../../../server/workspace/notes.ts";
import { seededOptions } from "../../help/seed.ts";

describe("adding a note", () => {
  const cases: Record<string, [before: string, after: string]> = {
    "begins the file": ["", "## Notes\n\n- new\n"],
    "begins its section at the end": ["# Project\n\nText.\n\n\n", "# Project\n\nText.\n\n## Notes\n\n- new\n"],
    "follows other notes": ["## Notes\n\n- old\n", "## Notes\n\n- old\n- new\n"],
    "stays before what follows": ["## Notes\n\n- old\n\n## Other\nText", "## Notes\n\n- old\n- new\n\n## Other\nText"],
    "comes under a heading without notes": ["## Notes\n\n# Other\n", "## Notes\n\n- new\n\n# Other\n"],
    "needs no line end": ["## Notes\n- old", "## Notes\n- old\n- new\n"],
    "is not fooled by code": ["## Notes\n```sh\n# a\n```\n", "## Notes\n```sh\n# a\n```\n- new\n"],
    "finds no heading in code": ["```\n## Notes\n```\n", "```\n## Notes\n```\n\n## Notes\n\n- new\n"],
  };
  for (const [name, [before, after]] of Object.entries(cases)) {
    it(name, () => {
      assert.equal(addNote(before, "new", "\n"), after);
      const dos = (text: string): string => text.replaceAll("\n", "\r\n");
      assert.equal(addNote(dos(before), "new", "\r\n"), dos(after));
    });
  }

  it("writes one line for any input", () =>
    assert.equal(addNote("", " a\r\n\n  b\nc ", "\n"), "## Notes\n\n- a b c\n"));

  it("preserves all existing lines in order", () => {
    const line = fc.constantFrom("## Notes", "# A", "- b", "", "```", "text", "## Notes of others");
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const after = addNote(lines.join("\n"), "new", "\n").split("\n");
        const rest = after.filter((text) => text !== "- new" && text !== "" && text !== "## Notes");
        assert.deepEqual(
          rest,
          lines.filter((text) => text !== "" && text !== "## Notes"),
        );
        assert.equal(after.filter((text) => text === "- new").length, 1);
      }),
      seededOptions(300),
    );
  });
});
