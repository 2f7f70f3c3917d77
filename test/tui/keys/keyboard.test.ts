import assert from "node:assert/strict";
import fc from "fast-check";
import { actionNames, actions } from "../../../tui/actions.ts";
import { nearestBoundary } from "../../../tui/edit/boundaries.ts";
import { isCommandName } from "../../../tui/keys/binding.ts";
import { parseChord } from "../../../tui/keys/key.ts";
import {
  bindingsFor,
  cursorShapeOf,
  type KeyTableName,
  keyboardStatus,
  keyTables,
  listBindings,
  listContinuations,
  openKeyboard,
  pressKey,
  promptSelection,
} from "../../../tui/keys/keyboard.ts";
import { seededOptions } from "../../help/seed.ts";
import { createInput, formatInput, parseKeystrokes, pressKeys } from "./keystrokes.ts";

const { keyboard } = openKeyboard("default", {});
const names = Object.keys(keyTables) as KeyTableName[];

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
      assert.equal(formatInput(pressKeys(keyboard, createInput(before), keys).state), after));
  }

  it("return commands that are not edits", () => {
    const commandsOf = (keys: string, before = "text|") => pressKeys(keyboard, createInput(before), keys).commands;
    assert.deepEqual(commandsOf("<cr>"), [{ action: "prompt.submit" }]);
    assert.deepEqual(commandsOf("<c-cr>"), [{ action: "prompt.steer" }]);
    assert.deepEqual(commandsOf("<up>"), [{ action: "prompt.older" }]);
    assert.deepEqual(commandsOf("<up>", "one\ntwo|"), []);
    assert.deepEqual(commandsOf("<c-d>"), []);
    assert.deepEqual(commandsOf("<c-d>", "|"), [{ action: "app.quit" }]);
    assert.deepEqual(commandsOf("<esc>"), [{ action: "turn.interrupt" }]);
    assert.deepEqual(commandsOf("<s-left><esc>"), []);
    assert.deepEqual(commandsOf("<c-x>n"), [{ action: "session.new" }]);
    assert.deepEqual(commandsOf("<m-a><m-w>"), [{ action: "clipboard.write", argument: "text" }]);
  });

  it("report keys without a meaning as unhandled", () => {
    assert.equal(pressKeys(keyboard, createInput("|"), "<f9>").handled, false);
    assert.equal(pressKeys(keyboard, createInput("|"), "x", "transcript").handled, false);
    assert.deepEqual(pressKeys(keyboard, createInput("|"), "<home>", "transcript").commands, [
      { action: "transcript.top" },
    ]);
  });

  it("work in lists, questions and menus, where text can be typed too", () => {
    assert.deepEqual(pressKeys(keyboard, createInput("|"), "<down><cr>", "list").commands, [
      { action: "list.next" },
      { action: "list.accept" },
    ]);
    assert.equal(formatInput(pressKeys(keyboard, createInput("|"), "ab<c-a>c", "list").state), "c|ab");
    assert.deepEqual(pressKeys(keyboard, createInput("|"), "2", "question").commands, [
      { action: "question.choose", argument: "2" },
    ]);
    assert.deepEqual(pressKeys(keyboard, createInput("@re|"), "<tab>", "completion").commands, [
      { action: "completion.accept" },
    ]);
  });
});

describe("the modes of Vim", () => {
  const vim = openKeyboard("vim", {}).keyboard;
  const does = (keys: string, before = "|") => pressKeys(vim, createInput(before), keys).commands;

  it("start in insert mode, and report the mode", () => {
    const start = createInput("|");
    assert.deepEqual(keyboardStatus(vim, start), { mode: "INSERT", pending: "" });
    assert.equal(cursorShapeOf(vim, start), "bar");
    const normal = pressKeys(vim, start, "one two<esc>").state;
    assert.equal(formatInput(normal), "one tw|o");
    assert.deepEqual(keyboardStatus(vim, normal), { mode: "NORMAL", pending: "" });
    assert.equal(cursorShapeOf(vim, normal), "block");
    const pending = pressKeys(vim, normal, "2d3").state;
    assert.deepEqual(keyboardStatus(vim, pending), { mode: "NORMAL", pending: "2d3" });
    assert.equal(cursorShapeOf(vim, pending), "underline");
    const visual = pressKeys(vim, normal, "vb").state;
    assert.deepEqual(keyboardStatus(vim, visual), { mode: "VISUAL", pending: "" });
    assert.deepEqual(promptSelection(vim, visual), { from: 4, to: 7 });
  });

  it("send from both modes, and insert lines in insert mode", () => {
    assert.deepEqual(does("a<cr>"), [{ action: "prompt.submit" }]);
    assert.deepEqual(does("a<esc><cr>"), [{ action: "prompt.submit" }]);
    assert.equal(formatInput(pressKeys(vim, createInput("|"), "a<c-j>b").state), "a\nb|");
  });

  it("repeat only changes since the prompt was sent", () => {
    const sent = pressKeys(vim, createInput("|"), "one<cr>two<esc>.").state;
    assert.equal(formatInput(sent), "onetwtw|oo");
  });

  it("scroll the transcript while the prompt is empty, and show older prompts at the first line", () => {
    assert.deepEqual(does("<esc>2j"), [{ action: "transcript.down" }, { action: "transcript.down" }]);
    assert.deepEqual(does("<esc>zz"), [{ action: "transcript.center" }]);
    assert.deepEqual(does("<esc>k", "one|"), [{ action: "prompt.older" }]);
  });

  it("search and run commands", () => {
    assert.deepEqual(does("<esc>/"), [{ action: "transcript.search" }]);
    assert.deepEqual(does("<esc>:"), [{ action: "palette.open", argument: ":" }]);
    assert.deepEqual(does("<c-[><c-[>"), [{ action: "turn.interrupt" }]);
    assert.deepEqual(does("<esc><esc>"), [{ action: "turn.interrupt" }]);
    assert.deepEqual(does('<esc>"+yiw', "one|"), [{ action: "clipboard.write", argument: "one" }]);
  });
});

describe("custom bindings", () => {
  it("take precedence over the table", () => {
    const custom = openKeyboard("default", {
      "ctrl+t": "model.next",
      "transcript:x": "session.archive",
      "Ctrl+X Ctrl+E": "prompt.external",
    });
    assert.deepEqual(custom.problems, []);
    assert.deepEqual(pressKeys(custom.keyboard, createInput("|"), "<c-t>").commands, [{ action: "model.next" }]);
    assert.deepEqual(pressKeys(custom.keyboard, createInput("|"), "x", "transcript").commands, [
      { action: "session.archive" },
    ]);
    assert.deepEqual(pressKeys(custom.keyboard, createInput("|"), "<c-x><c-e>").commands, [
      { action: "prompt.external" },
    ]);
    assert.deepEqual(bindingsFor(custom.keyboard, "model.next"), ["ctrl+t", "ctrl+x shift+m"]);
  });

  it("apply to a single Vim mode", () => {
    const custom = openKeyboard("vim", {
      "vim.normal:gz": "model.next",
      "vim.normal:g z": "session.new",
      "vim.insert:ctrl+t": "none",
    });
    assert.deepEqual(custom.problems, ['bindings: "g z" is bound twice in vim.normal; model.next is used.']);
    assert.deepEqual(pressKeys(custom.keyboard, createInput("one|"), "<esc>gz").commands, [{ action: "model.next" }]);
  });

  it("pass an argument, and remove bindings", () => {
    const { keyboard: custom } = openKeyboard("default", { "ctrl+1": "models.open groq/small", "ctrl+s": "none" });
    assert.deepEqual(pressKeys(custom, createInput("|"), "<c-1>").commands, [
      { action: "models.open", argument: "groq/small" },
    ]);
    const after = pressKeys(custom, createInput("|"), "<c-s>");
    assert.deepEqual([after.commands, after.handled], [[], false]);
  });

  it("report invalid ones and apply the others", () => {
    const { keyboard: custom, problems } = openKeyboard("default", {
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
      problems.filter((problem) => !problem.includes('"ctrl+x" hides')),
      [
        'bindings: invalid key "ctrl+banana": "banana" is not a character or a key name such as enter or pageup.',
        'bindings: invalid key "hyper+x": unknown modifier "hyper". Use ctrl, alt, shift, super.',
        'bindings: unknown command "sesion.new" for "ctrl+1". Did you mean session.new?',
        `bindings: unknown context "moon" in "moon:x". Use one of ${contextsIn(problems)}.`,
        'bindings: "x" would prevent typing "x". Add a context, for example transcript:x.',
        'bindings: "ctrl+2" is bound twice in prompt; session.new is used.',
        'bindings: "ctrl+2" is bound twice in transcript; session.new is used.',
      ],
    );
    assert.ok(problems.some((problem) => problem.includes('"ctrl+x" hides "ctrl+x n"')));
    assert.deepEqual(pressKeys(custom, createInput("|"), "<c-2>").commands, [{ action: "session.new" }]);
    assert.deepEqual(pressKeys(custom, createInput("|"), "<c-x>").commands, [{ action: "palette.open" }]);
  });
});

const contextsIn = (problems: readonly string[]): string =>
  /Use one of (empty.*)\./.exec(problems.join("\n"))?.[1] ?? "";

describe("the key tables", () => {
  for (const name of names) {
    it(`${name}: every row is canonical, has a command, and is unique in its context`, () => {
      const seen = new Set<string>();
      for (const { context, keys, commands } of listBindings(openKeyboard(name, {}).keyboard)) {
        const parsed = parseChord(keys);
        assert.deepEqual("keys" in parsed && parsed.keys.join(" "), keys);
        for (const one of commands) assert.ok(isCommandName(one), one);
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

  it("list continuations", () => {
    const { state } = pressKeys(keyboard, createInput("|"), "<c-x>");
    assert.deepEqual(keyboardStatus(keyboard, state), { mode: null, pending: "ctrl+x" });
    const all = listContinuations(keyboard, state, { focus: "prompt", columns: 40 });
    assert.deepEqual(all[0], { keys: "n", title: actions["session.new"].title, command: "session.new" });
    assert.ok(all.length > 20);
  });

  it("keep the cursor on a boundary and the text well formed for any keys", () => {
    const keys = parseKeystrokes(
      '<esc><esc>ifo. (x)é日👨‍👩‍👧<c-x><c-u>32dwWcbeiwaypPvVGg/n:qxXJrRu<c-r>.~$^0;,tTfF%{}()<lt>>"a<c-v><up><down><cr><c-j><left><home><m-y><c-y><c-k><c-space><m-f><m-t><c-t><c-w><bs><del>',
    );
    const presses = fc.array(fc.constantFrom(...keys), { maxLength: 80 });
    const start = createInput('one |two\n(three) "four"\n\n  日本 👨‍👩‍👧 e\u0301.');
    fc.assert(
      fc.property(fc.constantFrom(...names), presses, fc.integer({ min: 3, max: 30 }), (name, all, columns) => {
        const { keyboard: one } = openKeyboard(name, {});
        let state = start;
        for (const key of all) {
          ({ state } = pressKey(one, state, key, { focus: "prompt", columns }));
          const { text, cursor } = state.editor;
          assert.equal(nearestBoundary(text, cursor), cursor);
          assert.ok(text.isWellFormed());
          if (text.length > 5000) break;
        }
      }),
      seededOptions(1000),
    );
  });

  it("undo a Vim change in one step", () => {
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
      const before = pressKeys(vim, createInput("one t|wo three\n\nfour five"), "<esc>l").state;
      const after = pressKeys(vim, before, keys).state;
      assert.notEqual(after.editor.text, before.editor.text, keys);
      const steps = keys === "x3." ? "2u" : "u";
      assert.equal(pressKeys(vim, after, steps).state.editor.text, before.editor.text, keys);
    }
  });
});
