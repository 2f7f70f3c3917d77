import assert from "node:assert/strict";
import { type Key, keyName, parseChord, parseKey, typesText } from "../../../tui/keys/key.ts";

const key = (rest: Partial<Key> & { key: string }): Key => ({
  ctrl: false,
  alt: false,
  shift: false,
  super: false,
  ...rest,
});

describe("keys", () => {
  it("have a canonical name", () => {
    const names: readonly (readonly [Key, string])[] = [
      [key({ key: "p", ctrl: true }), "ctrl+p"],
      [key({ key: "enter", alt: true }), "alt+enter"],
      [key({ key: "tab", shift: true }), "shift+tab"],
      [key({ key: "g", shift: true, text: "G" }), "shift+g"],
      [key({ key: "G", text: "G" }), "shift+g"],
      [key({ key: "é", shift: true, text: "É" }), "shift+é"],
      [key({ key: "/", shift: true, text: "?" }), "?"],
      [key({ key: "?", text: "?" }), "?"],
      [key({ key: " ", text: " " }), "space"],
      [key({ key: "+", ctrl: true }), "ctrl++"],
      [key({ key: "x", ctrl: true, alt: true, shift: true, super: true }), "ctrl+alt+shift+super+x"],
    ];
    for (const [one, name] of names) assert.equal(keyName(one), name);
  });

  it("are parsed as users write them", () => {
    const names: readonly (readonly [string, string])[] = [
      ["Ctrl+P", "ctrl+p"],
      ["Shift+Alt+Return", "alt+shift+enter"],
      ["G", "shift+g"],
      ["esc", "escape"],
      ["PgUp", "pageup"],
      ["cmd+k", "super+k"],
      ["meta+x", "alt+x"],
      ["option+del", "alt+delete"],
      ["ctrl++", "ctrl++"],
      ["+", "+"],
      ["ctrl+plus", "ctrl++"],
      ["F12", "f12"],
      ["é", "é"],
    ];
    for (const [name, canonical] of names) assert.deepEqual(parseKey(name), { key: canonical });
    assert.deepEqual(parseChord(" ctrl+x   B "), { keys: ["ctrl+x", "shift+b"] });
  });

  it("are rejected with a reason if invalid", () => {
    for (const name of ["", "ctrl+", "banana", "ctrl+banana", "hyper+x", "f25"])
      assert.ok("problem" in parseKey(name), name);
  });

  it("type text or not", () => {
    for (const name of ["x", "shift+x", "space", "?", "é"]) assert.ok(typesText(name), name);
    for (const name of ["ctrl+x", "enter", "shift+tab", "alt+x"]) assert.ok(!typesText(name), name);
  });
});
