import assert from "node:assert/strict";
import fc from "fast-check";
import { actionNames, actions } from "../../../tui/actions.ts";
import { boundary } from "../../../tui/edit/boundaries.ts";
import { isDoes } from "../../../tui/keys/binding.ts";
import { parseChord } from "../../../tui/keys/key.ts";
import {
  bindingsFor,
  continuations,
  cursorShape,
  listBindings,
  openKeyboard,
  press,
  selected,
  status,
  type TableName,
  tables,
} from "../../../tui/keys/keyboard.ts";
import { law } from "../../help/seed.ts";
import { pressed, strokes, textAt, written } from "./strokes.ts";

const { keyboard } = openKeyboard("default", {});
const names = Object.keys(tables) as TableName[];

describe("the default keys", () => {
  const rows: readonly (readonly [before: string, keys: string, after: string])[] = [
    ["|", "Hello", "Hello|"],
    ["one t|wo", "<c-a>", "|one two"],
    ["o|ne two", "<c-e>", "one two|"],
    ["one| two", "<c-b><c-b><c-f>", "on|e two"],
    ["one| two", "<m-f><m-b>", "one |two"],
    ["a/b one|", "<c-w>x", "a/b x|"],
    ["one two-three|", "<c-w>", "one |"],
    ["one two-three|", "<m-bs>", "one two-|"],
    ["on|e two", "<c-u>", "|e two"],
    ["on|e two", "<c-k>", "on|"],
    ["on|e\ntwo", "<c-k><c-k>", "on|two"],
    ["one two|", "<m-b><c-k><c-a><c-y>", "two|one "],
    ["one two three|", "<m-bs><m-bs><c-y>", "one two three|"],
    ["|one two", "<m-d><c-e>x<m-bs><c-y><m-y>", " one|"],
    ["one|", "<cr>", "one|"],
    ["one|", "<s-cr>two", "one\ntwo|"],
    ["one|", "<m-cr>two<c-j>", "one\ntwo\n|"],
    ["one\ntw|o", "<up>x", "onx|e\ntwo"],
    ["one|", "<s-left><s-left>x", "ox|"],
    ["on|e", "<c-s-left><c-d>", "|e"],
    ["one|", "<m-a>x", "x|"],
    ["one|", "x<c-_>", "one|"],
    ["|", "one<c-_><m-_>", "one|"],
    ["one t|wo", "<m-u>", "one tWO|"],
    ["one |two", "<m-c>", "one Two|"],
    ["one t|wo", "<m-t>", "two one|"],
    ["one|", "<c-x>zx", "onex|"],
    ["one|", "<c-x><esc>x", "onex|"],
  ];
  for (const [before, keys, after] of rows) {
    it(`${JSON.stringify(before)} ${keys}`, () =>
      assert.equal(written(pressed(keyboard, textAt(before), keys).state), after));
  }

  it("ask for what is not writing", () => {
    const asks = (keys: string, before = "text|") => pressed(keyboard, textAt(before), keys).does;
    assert.deepEqual(asks("<cr>"), [{ action: "prompt.submit" }]);
    assert.deepEqual(asks("<c-cr>"), [{ action: "prompt.steer" }]);
    assert.deepEqual(asks("<up>"), [{ action: "prompt.older" }]);
    assert.deepEqual(asks("<up>", "one\ntwo|"), []);
    assert.deepEqual(asks("<c-d>"), []);
    assert.deepEqual(asks("<c-d>", "|"), [{ action: "app.quit" }]);
    assert.deepEqual(asks("<esc>"), [{ action: "turn.interrupt" }]);
    assert.deepEqual(asks("<s-left><esc>"), []);
    assert.deepEqual(asks("<c-x>n"), [{ action: "session.new" }]);
    assert.deepEqual(asks("<m-a><m-w>"), [{ action: "clipboard.write", argument: "text" }]);
  });

  it("leave to others what means nothing here", () => {
    assert.equal(pressed(keyboard, textAt("|"), "<f9>").handled, false);
    assert.equal(pressed(keyboard, textAt("|"), "x", "transcript").handled, false);
    assert.deepEqual(pressed(keyboard, textAt("|"), "gg", "transcript").does, [{ action: "transcript.top" }]);
  });

  it("choose in lists, questions and menus, and write in them", () => {
    assert.deepEqual(pressed(keyboard, textAt("|"), "<down><cr>", "list").does, [
      { action: "list.next" },
      { action: "list.accept" },
    ]);
    assert.equal(written(pressed(keyboard, textAt("|"), "ab<c-a>c", "list").state), "c|ab");
    assert.deepEqual(pressed(keyboard, textAt("|"), "2", "question").does, [
      { action: "question.choose", argument: "2" },
    ]);
    assert.deepEqual(pressed(keyboard, textAt("@re|"), "<tab>", "completion").does, [{ action: "completion.accept" }]);
  });
});

describe("the modes of Vim", () => {
  const vim = openKeyboard("vim", {}).keyboard;
  const does = (keys: string, before = "|") => pressed(vim, textAt(before), keys).does;

  it("begin with insert mode, and show where they are", () => {
    const start = textAt("|");
    assert.deepEqual(status(vim, start), { mode: "INSERT", pending: "" });
    assert.equal(cursorShape(vim, start), "bar");
    const normal = pressed(vim, start, "one two<esc>").state;
    assert.equal(written(normal), "one tw|o");
    assert.deepEqual(status(vim, normal), { mode: "NORMAL", pending: "" });
    assert.equal(cursorShape(vim, normal), "block");
    const pending = pressed(vim, normal, "2d3").state;
    assert.deepEqual(status(vim, pending), { mode: "NORMAL", pending: "2d3" });
    assert.equal(cursorShape(vim, pending), "underline");
    const visual = pressed(vim, normal, "vb").state;
    assert.deepEqual(status(vim, visual), { mode: "VISUAL", pending: "" });
    assert.deepEqual(selected(vim, visual), { from: 4, to: 7 });
  });

  it("send from both modes, and write lines in insert mode", () => {
    assert.deepEqual(does("a<cr>"), [{ action: "prompt.submit" }]);
    assert.deepEqual(does("a<esc><cr>"), [{ action: "prompt.submit" }]);
    assert.equal(written(pressed(vim, textAt("|"), "a<c-j>b").state), "a\nb|");
  });

  it("repeat only what was written since something was sent", () => {
    const sent = pressed(vim, textAt("|"), "one<cr>two<esc>.").state;
    assert.equal(written(sent), "onetwtw|oo");
  });

  it("reach the transcript while nothing is written, and older prompts at the first line", () => {
    assert.deepEqual(does("<esc>2j"), [{ action: "transcript.down" }, { action: "transcript.down" }]);
    assert.deepEqual(does("<esc>zz"), [{ action: "transcript.center" }]);
    assert.deepEqual(does("<esc>k", "one|"), [{ action: "prompt.older" }]);
  });

  it("search and command", () => {
    assert.deepEqual(does("<esc>/"), [{ action: "transcript.search" }]);
    assert.deepEqual(does("<esc>:"), [{ action: "palette.open", argument: ":" }]);
    assert.deepEqual(does("<c-[><c-[>"), [{ action: "turn.interrupt" }]);
    assert.deepEqual(does("<esc><esc>"), [{ action: "turn.interrupt" }]);
    assert.deepEqual(does('<esc>"+yiw', "one|"), [{ action: "clipboard.write", argument: "one" }]);
  });
});

describe("own bindings", () => {
  it("come before the table's", () => {
    const own = openKeyboard("default", {
      "ctrl+t": "model.next",
      "transcript:x": "session.archive",
      "Ctrl+X Ctrl+E": "prompt.external",
    });
    assert.deepEqual(own.problems, []);
    assert.deepEqual(pressed(own.keyboard, textAt("|"), "<c-t>").does, [{ action: "model.next" }]);
    assert.deepEqual(pressed(own.keyboard, textAt("|"), "x", "transcript").does, [{ action: "session.archive" }]);
    assert.deepEqual(pressed(own.keyboard, textAt("|"), "<c-x><c-e>").does, [{ action: "prompt.external" }]);
    assert.deepEqual(bindingsFor(own.keyboard, "model.next"), ["ctrl+t", "ctrl+x shift+m"]);
  });

  it("hold in one mode of Vim", () => {
    const own = openKeyboard("vim", {
      "vim.normal:gz": "model.next",
      "vim.normal:g z": "session.new",
      "vim.insert:ctrl+t": "none",
    });
    assert.deepEqual(own.problems, ['bindings: "g z" is bound twice in vim.normal; it does model.next.']);
    assert.deepEqual(pressed(own.keyboard, textAt("one|"), "<esc>gz").does, [{ action: "model.next" }]);
  });

  it("take an argument, and unbind", () => {
    const { keyboard: own } = openKeyboard("default", { "ctrl+1": "models.open groq/small", "ctrl+s": "none" });
    assert.deepEqual(pressed(own, textAt("|"), "<c-1>").does, [{ action: "models.open", argument: "groq/small" }]);
    const after = pressed(own, textAt("|"), "<c-s>");
    assert.deepEqual([after.does, after.handled], [[], false]);
  });

  it("that cannot be are said, and the rest holds", () => {
    const { keyboard: own, problems } = openKeyboard("default", {
      "ctrl+banana": "session.new",
      "hyper+x": "session.new",
      "ctrl+1": "sesion.new",
      "moon:x": "session.new",
      x: "session.new",
      "ctrl+2": "session.new",
      "Ctrl+2": "sessions.open",
      "ctrl+x": "palette.open",
      "ctrl+a b": "help.open",
    });
    assert.deepEqual(
      problems.filter((problem) => !problem.includes('the beginning of "ctrl+x')),
      [
        'bindings: "ctrl+banana" is no key: "banana" is neither one character nor a name like enter or pageup.',
        'bindings: "hyper+x" is no key: "hyper" is none of ctrl, alt, shift, super.',
        'bindings: "ctrl+1" does "sesion.new", which is no action; is it session.new?',
        `bindings: "moon:x" begins with "moon", which is none of ${contextsIn(problems)}.`,
        'bindings: "x" would take "x" from writing; put a context before it, as in transcript:x.',
        'bindings: "ctrl+2" is bound twice in prompt; it does session.new.',
        'bindings: "ctrl+2" is bound twice in transcript; it does session.new.',
      ],
    );
    assert.ok(problems.some((problem) => problem.includes('"ctrl+x" is also the beginning of "ctrl+x n"')));
    assert.deepEqual(pressed(own, textAt("|"), "<c-2>").does, [{ action: "session.new" }]);
    assert.deepEqual(pressed(own, textAt("|"), "<c-x>").does, [{ action: "palette.open" }]);
  });
});

const contextsIn = (problems: readonly string[]): string =>
  /"moon", which is none of (.*)\./.exec(problems.join("\n"))?.[1] ?? "";

describe("the key tables", () => {
  for (const name of names) {
    it(`${name}: every row is canonical, has an action, and is the only one of its context`, () => {
      const seen = new Set<string>();
      for (const { context, keys, does } of listBindings(openKeyboard(name, {}).keyboard)) {
        const parsed = parseChord(keys);
        assert.deepEqual("keys" in parsed && parsed.keys.join(" "), keys);
        for (const one of does) assert.ok(isDoes(one), one);
        assert.ok(!seen.has(`${context} ${keys}`), `${context} ${keys} twice`);
        seen.add(`${context} ${keys}`);
      }
      for (const one of seen) {
        const beginnings = one.split(" ").slice(0, -1);
        assert.ok(beginnings.length < 2 || !seen.has(beginnings.join(" ")), `${one} is hidden`);
      }
    });

    it(`${name}: every action has a key`, () => {
      const { keyboard: all } = openKeyboard(name, {});
      const without = actionNames.filter((action) => bindingsFor(all, action).length === 0);
      assert.deepEqual(without, []);
    });
  }

  it("say what could follow", () => {
    const { state } = pressed(keyboard, textAt("|"), "<c-x>");
    assert.deepEqual(status(keyboard, state), { mode: null, pending: "ctrl+x" });
    const all = continuations(keyboard, state, { context: "prompt", columns: 40 });
    assert.deepEqual(all[0], { keys: "n", title: actions["session.new"].title, does: "session.new" });
    assert.ok(all.length > 20);
  });

  it("keep the cursor on a boundary and the text well formed, whatever is pressed", () => {
    const keys = strokes(
      '<esc><esc>ifo. (x)é日👨‍👩‍👧<c-x><c-u>32dwWcbeiwaypPvVGg/n:qxXJrRu<c-r>.~$^0;,tTfF%{}()<lt>>"a<c-v><up><down><cr><c-j><left><home><m-y><c-y><c-k><c-space><m-f><m-t><c-t><c-w><bs><del>',
    );
    const presses = fc.array(fc.constantFrom(...keys), { maxLength: 80 });
    const start = textAt('one |two\n(three) "four"\n\n  日本 👨‍👩‍👧 e\u0301.');
    fc.assert(
      fc.property(fc.constantFrom(...names), presses, fc.integer({ min: 3, max: 30 }), (name, all, columns) => {
        const { keyboard: one } = openKeyboard(name, {});
        let state = start;
        for (const key of all) {
          ({ state } = press(one, state, key, { context: "prompt", columns }));
          const { text, cursor } = state.editor;
          assert.equal(boundary(text, cursor), cursor);
          assert.ok(text.isWellFormed());
          if (text.length > 5000) break;
        }
      }),
      law(1000),
    );
  });

  it("undo in Vim what one change did", () => {
    const changes = [
      "x",
      "dw",
      "3dw",
      "dd",
      "cwab<esc>",
      "ofoo bar<esc>",
      "3ixy<esc>",
      "vjd",
      "yyp",
      "J",
      "Rabc<esc>",
      ">>",
      "gUU",
      "x3.",
      "2~",
    ];
    const vim = openKeyboard("vim", {}).keyboard;
    for (const keys of changes) {
      const before = pressed(vim, textAt("one t|wo three\n\nfour five"), "<esc>l").state;
      const after = pressed(vim, before, keys).state;
      assert.notEqual(after.editor.text, before.editor.text, keys);
      const steps = keys === "x3." ? "2u" : "u";
      assert.equal(pressed(vim, after, steps).state.editor.text, before.editor.text, keys);
    }
  });
});
