import assert from "node:assert/strict";
import { type ColorDepth, colorDepth, kindFromEnvironment, kindOfBackground } from "../../../tui/theme/depth.ts";

const cases: readonly [Record<string, string>, ColorDepth][] = [
  [{}, "16"],
  [{ TERM: "xterm" }, "16"],
  [{ TERM: "linux" }, "16"],
  [{ TERM: "dumb" }, "none"],
  [{ TERM: "dumb", COLORTERM: "truecolor" }, "none"],
  [{ TERM: "xterm-256color" }, "256"],
  [{ TERM: "xterm-256color", COLORTERM: "truecolor" }, "truecolor"],
  [{ TERM: "xterm-256color", COLORTERM: "24bit" }, "truecolor"],
  [{ TERM: "xterm-256color", COLORTERM: "yes" }, "256"],
  [{ TERM: "xterm-direct" }, "truecolor"],
  [{ TERM: "xterm-kitty" }, "truecolor"],
  [{ TERM: "xterm-ghostty" }, "truecolor"],
  [{ TERM: "alacritty" }, "truecolor"],
  [{ TERM: "foot-extra" }, "truecolor"],
  [{ TERM: "footer" }, "16"],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "iTerm.app" }, "truecolor"],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "vscode" }, "truecolor"],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "Apple_Terminal" }, "256"],
  [{ WT_SESSION: "1f0e" }, "truecolor"],
  [{ TERM: "tmux-256color" }, "256"],
  [{ TERM: "tmux-256color", TERM_PROGRAM: "iTerm.app", WT_SESSION: "1f0e" }, "256"],
  [{ TERM: "screen-256color", COLORTERM: "truecolor" }, "truecolor"],
  [{ TERM: "tmux-direct" }, "truecolor"],
  [{ TERM: "screen" }, "16"],
  [{ NO_COLOR: "1", COLORTERM: "truecolor" }, "none"],
  [{ NO_COLOR: "", TERM: "xterm-256color" }, "256"],
  [{ NO_COLOR: "1", FORCE_COLOR: "3" }, "none"],
  [{ FORCE_COLOR: "0", COLORTERM: "truecolor" }, "none"],
  [{ FORCE_COLOR: "1", COLORTERM: "truecolor" }, "16"],
  [{ FORCE_COLOR: "2", TERM: "dumb" }, "256"],
  [{ FORCE_COLOR: "3" }, "truecolor"],
  [{ FORCE_COLOR: "many", TERM: "xterm-256color" }, "256"],
];

describe("color depth", () => {
  for (const [env, depth] of cases)
    it(`is ${depth} with ${JSON.stringify(env)}`, () => {
      assert.equal(colorDepth(env), depth);
      assert.equal(colorDepth(env, true), "none");
    });
});

describe("terminal background", () => {
  it("is classified by its color", () => {
    assert.equal(kindOfBackground({ r: 0, g: 0, b: 0 }), "dark");
    assert.equal(kindOfBackground({ r: 0x28, g: 0x2a, b: 0x36 }), "dark");
    assert.equal(kindOfBackground({ r: 0xfd, g: 0xf6, b: 0xe3 }), "light");
    assert.equal(kindOfBackground({ r: 255, g: 255, b: 255 }), "light");
  });

  it("is read from COLORFGBG if set", () => {
    const kinds = ["15;0", "0;15", "15;default;8", "0;7", "12;6", "0;default", "0;16", "0", ""];
    assert.deepEqual(
      kinds.map((COLORFGBG) => kindFromEnvironment({ COLORFGBG })),
      ["dark", "light", "dark", "light", "dark", null, null, null, null],
    );
    assert.equal(kindFromEnvironment({}), null);
  });
});
