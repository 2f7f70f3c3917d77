import assert from "node:assert/strict";
import fc from "fast-check";
import { keyName } from "../../../tui/keys/key.ts";
import { createDecoder, type InputEvent } from "../../../tui/terminal/decode.ts";
import { seededOptions } from "../../help/seed.ts";

const format = (event: InputEvent): string => {
  switch (event.type) {
    case "key":
      return keyName(event.key);
    case "paste":
      return `paste ${JSON.stringify(event.text)}`;
    case "mouse":
      return `${event.action} ${event.button} ${event.x},${event.y}`;
    case "focus":
      return event.focused ? "focus" : "blur";
    case "background":
      return `background ${event.r},${event.g},${event.b}`;
  }
};

/** Everything at once, and then quiet. */
function decoded(...pieces: string[]): string[] {
  const decoder = createDecoder();
  return [...pieces.flatMap((piece) => decoder.feed(piece)), ...decoder.flush()].map(format);
}

const rows: [bytes: string, ...events: string[]][] = [
  ["a", "a"],
  ["A", "shift+a"],
  ["é日", "é", "日"],
  [" ", "space"],
  ["\r", "enter"],
  ["\n", "ctrl+j"],
  ["\t", "tab"],
  ["\x7f", "backspace"],
  ["\x01\x1a", "ctrl+a", "ctrl+z"],
  ["\x00", "ctrl+space"],
  ["\x1b", "escape"],
  ["\x1bb", "alt+b"],
  ["\x1b\r", "alt+enter"],
  ["\x1b\x7f", "alt+backspace"],
  ["\x1b[A\x1b[D", "up", "left"],
  ["\x1bOA", "up"],
  ["\x1bOP", "f1"],
  ["\x1b[1;5C", "ctrl+right"],
  ["\x1b[3;2~", "shift+delete"],
  ["\x1b[15~", "f5"],
  ["\x1b[Z", "shift+tab"],
  ["\x1b[13;2u", "shift+enter"],
  ["\x1b[97;5u", "ctrl+a"],
  ["\x1b[27u", "escape"],
  ["\x1b[97;1:3u"],
  ["\x1b[27;5;13~", "ctrl+enter"],
  ["\x1b[57414u", "enter"],
  ["\x1b\x1b[A", "alt+up"],
  ["\x1b[I\x1b[O", "focus", "blur"],
  ["\x1b[<0;3;4M\x1b[<0;3;4m", "press left 2,3", "release left 2,3"],
  ["\x1b[<32;5;6M", "drag left 4,5"],
  ["\x1b[<64;1;1M\x1b[<65;1;1M", "wheelUp none 0,0", "wheelDown none 0,0"],
  ["\x1b]11;rgb:ffff/8080/0000\x1b\\", "background 255,128,0"],
  ["\x1b]11;rgb:ff/80/00\x07x", "background 255,128,0", "x"],
  ["\x1b[?62;4c", ...[]],
  ["\x1bP1$r0m\x1b\\y", "y"],
  ["\x1b[200~one\ntwo\x1b[201~", 'paste "one\\ntwo"'],
  ["\x1b[200~a\x1b[201~\r", 'paste "a"', "enter"],
  ["\x1b[200~a\x1b[201~\x1b[13u", 'paste "a"', "enter"],
  ["\x1b[200~a\x1b[106;5ub\x1b[13uc\x1b[27;5;106~d\x1b[9u\x1b[201~\x1b[27;1;13~", 'paste "a\\nb\\rc\\nd\\t"', "enter"],
  ["\x1b[200~a\x1b[201~rm\r\x1b[201~", 'paste "arm\\r"'],
  ["\x1b[200~a\x1b[201~\x1b[200~b\x1b[201~", 'paste "a"', 'paste "b"'],
];

describe("terminal input", () => {
  for (const [bytes, ...events] of rows)
    it(`decodes ${events.join(", ") || "nothing"}: ${JSON.stringify(bytes)}`, () =>
      assert.deepEqual(decoded(bytes), events));

  it("decodes the same for any chunking", () => {
    const sequence = fc.array(fc.constantFrom(...rows.map(([bytes]) => bytes).filter((bytes) => bytes !== "\x1b")), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(sequence, fc.array(fc.nat(40), { maxLength: 6 }), (all, cuts) => {
        const whole = all.join("");
        const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((one, other) => one - other);
        const pieces = [0, ...places].map((from, index) => whole.slice(from, places[index] ?? whole.length));
        assert.deepEqual(decoded(...pieces), decoded(whole));
      }),
      seededOptions(300),
    );
  });

  it("never throws, and never waits forever", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("\x1b", "[", "]", "O", "P", "2", "0", "1", "~", ";", "u", "M", "<", "a", "\x07", "\\"),
        }),
        (noise) => {
          const decoder = createDecoder();
          decoder.feed(noise);
          decoder.flush();
          decoder.feed("\x1b[201~");
          decoder.flush();
          assert.equal(decoder.isWaiting(), false);
        },
      ),
      seededOptions(500),
    );
  });
});
