import assert from "node:assert/strict";
import fc from "fast-check";
import { nearestBoundary } from "../../../tui/edit/boundaries.ts";
import { type EditCommandName, editCommands } from "../../../tui/edit/commands.ts";
import {
  type Editor,
  endUndoStep,
  getDraft,
  openEditor,
  redo,
  replaceDraft,
  typeText,
  undo,
} from "../../../tui/edit/editor.ts";
import { emptyKillRing } from "../../../tui/edit/kill-ring.ts";
import { expandChips, expandPasteAtCursor, insertAttachment, insertPaste } from "../../../tui/edit/paste.ts";
import { seededOptions } from "../../help/seed.ts";

const of = (text: string): Editor => openEditor({ text, chips: new Map() });
const letters = [
  "a",
  "B",
  " ",
  "\n",
  "\t",
  "é",
  "e\u0301",
  "👨‍👩‍👧",
  "🇩🇪",
  "日",
  "\u200d",
  "\u0301",
  "1",
  ".",
  "(",
  "\u{10f000}",
];
const text = fc.array(fc.constantFrom(...letters), { maxLength: 12 }).map((all) => all.join(""));
const command = fc.constantFrom(...(Object.keys(editCommands) as EditCommandName[]));
const edit = fc.oneof(
  command.map((name) => ({ does: "command" as const, name })),
  text.map((what) => ({ does: "type" as const, what })),
  text.map((what) => ({ does: "paste" as const, what: what.repeat(3) })),
  fc.constant({ does: "pause" as const }),
);

function edited(start: Editor, edits: readonly (typeof edit extends fc.Arbitrary<infer T> ? T : never)[]): Editor {
  let now = { editor: start, killRing: emptyKillRing };
  for (const one of edits) {
    if (one.does === "command") now = editCommands[one.name].apply(now, 20);
    else if (one.does === "type") now = { ...now, editor: typeText(now.editor, one.what) };
    else if (one.does === "paste") now = { ...now, editor: insertPaste(now.editor, one.what) };
    else now = { ...now, editor: endUndoStep(now.editor) };
  }
  return now.editor;
}

const all = (editor: Editor, go: (editor: Editor) => Editor): Editor => {
  const next = go(editor);
  return next === editor ? editor : all(next, go);
};

describe("editor", () => {
  it("keeps the cursor on grapheme boundaries", () => {
    fc.assert(
      fc.property(text, fc.array(edit, { maxLength: 30 }), (start, edits) => {
        const { text: whole, cursor, chips } = edited(of(typeText(of(""), start).text), edits);
        assert.equal(nearestBoundary(whole, cursor), cursor);
        for (const mark of whole.match(/[\u{100000}-\u{10ffff}]/gu) ?? []) assert.ok(chips.has(mark));
      }),
      seededOptions(1000),
    );
  });

  it("restores the text with undo, and the changes with redo", () => {
    fc.assert(
      fc.property(text, fc.array(edit, { maxLength: 30 }), (start, edits) => {
        const first = of(typeText(of(""), start).text);
        const last = edited(first, edits);
        const back = all(last, undo);
        assert.equal(back.text, first.text);
        // What was undone among the edits is done again, too; so it ends where a second round ends.
        const forth = all(back, redo);
        assert.equal(all(all(forth, undo), redo).text, forth.text);
        if (last.future.length === 0) assert.equal(forth.text, last.text);
      }),
      seededOptions(500),
    );
  });

  it("is unchanged after typing and deleting a character", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z \n]{0,30}$/), fc.nat(), (start, place) => {
        const before = { ...of(start), cursor: place % (start.length + 1) };
        for (const letter of ["x", "👨‍👩‍👧", "日"]) {
          const between = { editor: typeText(before, letter), killRing: emptyKillRing };
          const { editor } = editCommands["edit.deleteLeft"].apply(between, 20);
          assert.deepEqual([editor.text, editor.cursor], [before.text, before.cursor]);
        }
      }),
      seededOptions(200),
    );
  });

  it("ends an undo step at a pause, a motion or another kind of edit", () => {
    const typing = (editor: Editor, letters: string): Editor => [...letters].reduce(typeText, editor);
    const one = endUndoStep(typing(of(""), "one"));
    assert.equal(undo(typing(one, " two")).text, "one");
    assert.equal(undo(undo(typing(one, " two"))).text, "");
    const { editor } = editCommands["edit.deleteLeft"].apply(
      { editor: typing(of(""), "ab"), killRing: emptyKillRing },
      20,
    );
    assert.equal(undo(editor).text, "ab");
  });

  it("moves by graphemes", () => {
    for (const letter of ["👨‍👩‍👧", "e\u0301", "日", "🇩🇪"]) {
      const { editor } = editCommands["edit.left"].apply({ editor: of(`a${letter}`), killRing: emptyKillRing }, 20);
      assert.equal(editor.cursor, 1);
      assert.equal(
        editCommands["edit.right"].apply({ editor, killRing: emptyKillRing }, 20).editor.cursor,
        1 + letter.length,
      );
    }
  });
});

describe("paste", () => {
  const long = "one\ntwo\nthree\nfour\nfive";

  it("inserts short text, and a chip for long text", () => {
    assert.equal(insertPaste(of(""), "one\r\ntwo\rthree").text, "one\ntwo\nthree");
    const editor = insertPaste(of("see: "), long);
    assert.equal(editor.text.length, "see: ".length + 2);
    assert.deepEqual(expandChips(editor), { text: `see: ${long}`, attachments: [] });
    assert.equal(insertPaste(of(""), "x".repeat(1001)).text.length, 2);
    const { editor: without } = editCommands["edit.deleteLeft"].apply({ editor, killRing: emptyKillRing }, 20);
    assert.equal(without.text, "see: ");
    assert.deepEqual(expandChips(undo(without)).text, `see: ${long}`);
  });

  it("removes control characters and unknown chips", () => {
    assert.equal(insertPaste(of(""), "a\x1b[201~b\x00\x7f\x9bc\t\u{10f000}\u{100000}").text, "a[201~bc\t");
    assert.equal(typeText(of(""), "\u{10f000}").text, "");
  });

  it("expands a chip to text", () => {
    const editor = insertPaste(of(""), long);
    assert.equal(expandPasteAtCursor(editor)?.text, long);
    assert.equal(expandPasteAtCursor({ ...editor, cursor: 0 })?.text, long);
    assert.equal(expandPasteAtCursor(of("text")), null);
  });

  it("attaches a file", () => {
    const cat = { name: "cat.png", mediaType: "image/png", blob: "abc" };
    const editor = typeText(insertAttachment(of("look at "), cat), "!");
    assert.deepEqual(expandChips(editor), { text: "look at [cat.png]!", attachments: [cat] });
  });

  it("is kept in a draft", () => {
    const draft = getDraft(insertPaste(of(""), long));
    const other = insertPaste(of(""), long.toUpperCase());
    const taken = replaceDraft(other, draft);
    assert.equal(expandChips(taken).text, long);
    assert.equal(expandChips(undo(taken)).text, long.toUpperCase());
  });
});
