import assert from "node:assert/strict";
import xterm from "@xterm/headless";
import fc from "fast-check";
import { createFrame, drawLine, type Frame } from "../../../tui/draw/frame.ts";
import { paintFrame, paintScrollback, type TerminalEncoder } from "../../../tui/draw/paint.ts";
import { line, type Style, span } from "../../../tui/draw/style.ts";
import { seededOptions } from "../../help/seed.ts";

const [COLUMNS, ROWS] = [24, 8];
const styles: Style[] = [{}, { fg: "accent" }, { fg: "text", bg: "panel" }, { bold: true }];
const looks = new Map<Style, string>(styles.map((style, index) => [style, ["", "31", "32;44", "1"][index] ?? ""]));

/** What xterm is told, as tui/screen.ts does with the words of terminal-kit. */
const ink: TerminalEncoder = {
  move: (x, y) => `\x1b[${y + 1};${x + 1}H`,
  style: (style) => `\x1b[0;${lookOf(style)}m`,
  key: lookOf,
  reset: "\x1b[0m",
  scroll: (top, bottom, by) => `\x1b[${top + 1};${bottom + 1}r\x1b[${Math.abs(by)}${by > 0 ? "S" : "T"}\x1b[r`,
  link: () => "",
  scrollOut: (by, height) => `\x1b[${height};1H${"\r\n".repeat(by)}`,
};

function lookOf({ fg, bg, bold }: Style): string {
  const found = [...looks].find(([style]) => style.fg === fg && style.bg === bg && style.bold === bold);
  return found?.[1] ?? "";
}

const glyph = fc.constantFrom("a", "b", " ", "日", "é", "👨‍👩‍👧", "🇩🇪", "❤️", "e\u0301", "ي");
const row = fc.array(fc.record({ text: glyph, style: fc.constantFrom(...styles) }), { maxLength: COLUMNS });
const picture = fc.array(row, { minLength: ROWS, maxLength: ROWS });

function frameOf(rows: { text: string; style: Style }[][], scrolls: boolean): Frame {
  const frame = createFrame(COLUMNS, rows.length, {});
  for (const [y, spans] of rows.entries())
    drawLine(
      frame,
      0,
      y,
      COLUMNS,
      spans.map(({ text, style }) => span(text, style)),
      {},
    );
  if (scrolls) frame.scrollRegion = { x: 0, y: 0, width: COLUMNS, height: ROWS - 1 };
  return frame;
}

/** The rows of the screen, and before them those that the terminal has kept of what was moved away, where they are wanted. */
const shown = async (bytes: string, kept = false): Promise<string[]> => {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true, scrollback: 1000 });
  await new Promise<void>((resolve) => terminal.write(`\x1b[?7l${bytes}`, resolve));
  const { active } = terminal.buffer;
  const first = kept ? 0 : active.baseY;
  const rows = Array.from({ length: active.baseY + ROWS - first }, (_, y) =>
    Array.from({ length: COLUMNS }, (_, x) => {
      const cell = active.getLine(first + y)?.getCell(x);
      const blank = !cell?.getChars() || cell.getChars() === " ";
      const ground = `${cell?.getBgColor()}`;
      return blank ? `.${ground}` : `${cell?.getChars()}${ground}/${cell?.getFgColor()}/${cell?.isBold()}`;
    }).join("|"),
  );
  terminal.dispose();
  return rows;
};

describe("painting frames", () => {
  it("shows the same as drawing the whole frame", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(picture, { minLength: 2, maxLength: 4 }), fc.boolean(), async (pictures, scrolls) => {
        const frames = pictures.map((rows) => frameOf(rows, scrolls));
        let before: Frame | null = null;
        let bytes = "";
        for (const frame of frames) {
          bytes += paintFrame(before, frame, ink);
          before = frame;
        }
        assert.deepEqual(await shown(bytes), await shown(paintFrame(null, frames.at(-1) as Frame, ink)));
      }),
      seededOptions(150),
    );
  });

  it("scrolls text that moved instead of rewriting it", async () => {
    const text = (from: number): Frame => {
      const frame = createFrame(COLUMNS, ROWS, {});
      for (let y = 0; y < ROWS; y++) drawLine(frame, 0, y, COLUMNS, line(`this is row ${from + y} of many`), {});
      frame.scrollRegion = { x: 0, y: 0, width: COLUMNS, height: ROWS };
      return frame;
    };
    for (const [from, to] of [
      [0, 2],
      [5, 4],
    ] as const) {
      const bytes = paintFrame(text(from), text(to), ink);
      assert.match(bytes, from < to ? /\x1b\[2S/ : /\x1b\[1T/);
      assert.ok(bytes.length < 120, `${bytes.length} bytes`);
      assert.deepEqual(
        await shown(paintFrame(null, text(from), ink) + bytes),
        await shown(paintFrame(null, text(to), ink)),
      );
    }
  });

  it("moves rows to the scrollback once and in order", async () => {
    const step = fc.record({ leaving: fc.array(row, { maxLength: 2 * ROWS + 3 }), after: picture });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 3 }), async (steps) => {
        let before: Frame | null = null;
        let bytes = "";
        for (const { leaving, after } of steps) {
          if (leaving.length > 0) {
            const passed = paintScrollback(before, frameOf(leaving, false), ROWS, ink);
            bytes += passed.text;
            before = passed.shown;
          }
          const frame = frameOf(after, false);
          bytes += paintFrame(before, frame, ink);
          before = frame;
        }
        const all = [...steps.flatMap(({ leaving }) => leaving), ...(steps.at(-1)?.after ?? [])];
        const whole = await Promise.all(
          all.map(async (one) => (await shown(paintFrame(null, frameOf([one], false), ink)))[0]),
        );
        assert.deepEqual(await shown(bytes, true), whole);
      }),
      seededOptions(60),
    );
  });

  it("writes nothing if nothing changed", () => {
    const rows = Array.from({ length: ROWS }, () => [{ text: "a", style: {} }]);
    assert.equal(paintFrame(frameOf(rows, true), frameOf(rows, true), ink), "");
  });
});
