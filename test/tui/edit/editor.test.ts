import assert from "node:assert/strict";
import fc from "fast-check";
import { boundary } from "../../../tui/edit/boundaries.ts";
import { type EditCommandName, editCommands } from "../../../tui/edit/commands.ts";
import {
  draftOf,
  type Editor,
  openEditor,
  paused,
  redone,
  typed,
  undone,
  withDraft,
} from "../../../tui/edit/editor.ts";
import { noKills } from "../../../tui/edit/kills.ts";
import { attached, expanded, pasted, unfolded } from "../../../tui/edit/paste.ts";
import { law } from "../../help/seed.ts";

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
  let now = { editor: start, kills: noKills };
  for (const one of edits) {
    if (one.does === "command") now = editCommands[one.name].apply(now, 20);
    else if (one.does === "type") now = { ...now, editor: typed(now.editor, one.what) };
    else if (one.does === "paste") now = { ...now, editor: pasted(now.editor, one.what) };
    else now = { ...now, editor: paused(now.editor) };
  }
  return now.editor;
}

const all = (editor: Editor, go: (editor: Editor) => Editor): Editor => {
  const next = go(editor);
  return next === editor ? editor : all(next, go);
};

describe("an editor", () => {
  it("keeps its cursor on the boundary of a character", () => {
    fc.assert(
      fc.property(text, fc.array(edit, { maxLength: 30 }), (start, edits) => {
        const { text: whole, cursor, chips } = edited(of(typed(of(""), start).text), edits);
        assert.equal(boundary(whole, cursor), cursor);
        for (const mark of whole.match(/[\u{100000}-\u{10ffff}]/gu) ?? []) assert.ok(chips.has(mark));
      }),
      law(1000),
    );
  });

  it("is what it was when everything is undone, and what it became when everything is done again", () => {
    fc.assert(
      fc.property(text, fc.array(edit, { maxLength: 30 }), (start, edits) => {
        const first = of(typed(of(""), start).text);
        const last = edited(first, edits);
        const back = all(last, undone);
        assert.equal(back.text, first.text);
        // What was undone among the edits is done again, too; so it ends where a second round ends.
        const forth = all(back, redone);
        assert.equal(all(all(forth, undone), redone).text, forth.text);
        if (last.future.length === 0) assert.equal(forth.text, last.text);
      }),
      law(500),
    );
  });

  it("is the same after a character was typed and deleted", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z \n]{0,30}$/), fc.nat(), (start, place) => {
        const before = { ...of(start), cursor: place % (start.length + 1) };
        for (const letter of ["x", "👨‍👩‍👧", "日"]) {
          const between = { editor: typed(before, letter), kills: noKills };
          const { editor } = editCommands["edit.deleteLeft"].apply(between, 20);
          assert.deepEqual([editor.text, editor.cursor], [before.text, before.cursor]);
        }
      }),
      law(200),
    );
  });

  it("undoes what was typed until a pause, a move, or another kind of edit", () => {
    const typing = (editor: Editor, letters: string): Editor => [...letters].reduce(typed, editor);
    const one = paused(typing(of(""), "one"));
    assert.equal(undone(typing(one, " two")).text, "one");
    assert.equal(undone(undone(typing(one, " two"))).text, "");
    const { editor } = editCommands["edit.deleteLeft"].apply({ editor: typing(of(""), "ab"), kills: noKills }, 20);
    assert.equal(undone(editor).text, "ab");
  });

  it("moves over what a person sees as one character", () => {
    for (const letter of ["👨‍👩‍👧", "e\u0301", "日", "🇩🇪"]) {
      const { editor } = editCommands["edit.left"].apply({ editor: of(`a${letter}`), kills: noKills }, 20);
      assert.equal(editor.cursor, 1);
      assert.equal(editCommands["edit.right"].apply({ editor, kills: noKills }, 20).editor.cursor, 1 + letter.length);
    }
  });
});

describe("a paste", () => {
  const long = "one\ntwo\nthree\nfour\nfive";

  it("that is short is text, and that is long is one character", () => {
    assert.equal(pasted(of(""), "one\r\ntwo\rthree").text, "one\ntwo\nthree");
    const editor = pasted(of("see: "), long);
    assert.equal(editor.text.length, "see: ".length + 2);
    assert.deepEqual(expanded(editor), { text: `see: ${long}`, attachments: [] });
    assert.equal(pasted(of(""), "x".repeat(1001)).text.length, 2);
    const { editor: without } = editCommands["edit.deleteLeft"].apply({ editor, kills: noKills }, 20);
    assert.equal(without.text, "see: ");
    assert.deepEqual(expanded(undone(without)).text, `see: ${long}`);
  });

  it("holds no control characters, and no chips of others", () => {
    assert.equal(pasted(of(""), "a\x1b[201~b\x00\x7f\x9bc\t\u{10f000}\u{100000}").text, "a[201~bc\t");
    assert.equal(typed(of(""), "\u{10f000}").text, "");
  });

  it("is plain text again when it is unfolded", () => {
    const editor = pasted(of(""), long);
    assert.equal(unfolded(editor)?.text, long);
    assert.equal(unfolded({ ...editor, cursor: 0 })?.text, long);
    assert.equal(unfolded(of("text")), null);
  });

  it("goes along where it is a file", () => {
    const cat = { name: "cat.png", mediaType: "image/png", blob: "abc" };
    const editor = typed(attached(of("look at "), cat), "!");
    assert.deepEqual(expanded(editor), { text: "look at [cat.png]!", attachments: [cat] });
  });

  it("is kept with a prompt that is put aside", () => {
    const draft = draftOf(pasted(of(""), long));
    const other = pasted(of(""), long.toUpperCase());
    const taken = withDraft(other, draft);
    assert.equal(expanded(taken).text, long);
    assert.equal(expanded(undone(taken)).text, long.toUpperCase());
  });
});
