import assert from "node:assert/strict";
import { openKeyboard } from "../../../tui/keys/keyboard.ts";
import { createInput, formatInput, pressKeys } from "./keystrokes.ts";

const { keyboard } = openKeyboard("emacs", {});

const rows: readonly (readonly [before: string, keys: string, after: string])[] = [
  ["|one two", "<c-f><c-f><c-b>", "o|ne two"],
  ["|one two", "<m-f>", "one| two"],
  ["one two|", "<m-b>", "one |two"],
  ["one|\ntwo", "<c-n>", "one\ntwo|"],
  ["one\ntwo|", "<c-p>", "one|\ntwo"],
  ["one\ntw|o", "<m-lt>", "|one\ntwo"],
  ["one|\ntwo", "<m-gt>", "one\ntwo|"],
  ["one |two three", "<c-k>", "one |"],
  ["one |two three", "<c-k><c-a><c-y>", "two three|one "],
  ["|one two three", "<m-d><m-d><c-y>", "one two| three"],
  ["|one two", "<c-space><m-f><c-w>", "| two"],
  ["|one two", "<c-space><m-f><c-w><c-e> <c-y>", " two one|"],
  ["|one two", "<c-space><m-f><m-w><c-e> <c-y>", "one two one|"],
  ["|one two", "<c-space><m-f>x", "onex| two"],
  ["|one two", "<c-space><m-f><c-g><c-w>", "one| two"],
  ["|one two", "<c-space><m-f><c-x><c-x><c-w>", "| two"],
  ["|a b", "<c-k>x<c-space><c-a><c-w><c-y><m-y>", "a b|"],
  ["|a b", "<c-k>x<c-space><c-a><c-w><c-y><m-y><m-y>", "x|"],
  ["a|b", "<c-t>", "ba|"],
  ["ab|", "<c-t>", "ba|"],
  ["one| two", "<m-t>", "two one|"],
  ["|one two", "<m-u>", "ONE| two"],
  ["|ONE two", "<m-l>", "one| two"],
  ["|one two", "<m-c>", "One| two"],
  ["one|", "x<c-/>", "one|"],
  ["one|", "x<c-x>u", "one|"],
  ["o|ne", "<c-o>", "o|\nne"],
  ["o|ne", "<c-x>hx", "x|"],
  ["|one two three", "<c-u><c-f>", "one |two three"],
  ["|one two three", "<c-u>7<c-f>", "one two| three"],
  ["|one two three", "<m-2><m-f>", "one two| three"],
  ["|one two three", "<m-1><m-0><c-f>", "one two th|ree"],
  ["|", "<c-u>12x", "xxxxxxxxxxxx|"],
  ["|", "<c-u><c-u>x", "xxxxxxxxxxxxxxxx|"],
  ["|", "<c-u>3<c-g>x", "x|"],
  ["👨‍👩‍👧|", "<c-h>", "|"],
];

describe("the Emacs key table", () => {
  for (const [before, keys, after] of rows) {
    it(`${JSON.stringify(before)} ${keys}`, () =>
      assert.equal(formatInput(pressKeys(keyboard, createInput(before), keys).state), after));
  }

  it("returns other commands", () => {
    const commandsOf = (keys: string, before = "x|") =>
      pressKeys(keyboard, createInput(before), keys).commands.map(({ action }) => action);
    assert.deepEqual(commandsOf("<m-x>"), ["palette.open"]);
    assert.deepEqual(commandsOf("<c-x><c-c>"), ["app.quit"]);
    assert.deepEqual(commandsOf("<c-x><c-s>"), ["prompt.stash"]);
    assert.deepEqual(commandsOf("<c-g>"), ["turn.interrupt"]);
    assert.deepEqual(commandsOf("<c-x><c-g>"), []);
    assert.deepEqual(commandsOf("<m-p><m-n>"), ["prompt.older", "prompt.newer"]);
    assert.deepEqual(commandsOf("<c-v><m-v>"), ["transcript.pageDown", "transcript.pageUp"]);
    assert.deepEqual(commandsOf("<m-gt>", "|"), ["transcript.bottom"]);
  });
});
