/** Dialogs at all sizes, over a transcript with wide characters: their box has even edges, and nothing of it stays once it is closed. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer, chunk, type Script } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

/** Wide and joined characters begin at each column, so that some of them are cut by each edge. */
const WIDE = Array.from({ length: 60 }, (_, row) => `${"x".repeat(row % 4)}${"日本👩‍💻é".repeat(40)}`).join("\n\n");

const scripts = (): Script[] => [
  callTools(
    ["plan", { items: [{ text: "日本", state: "active" }] }],
    ["bash", { command: "printf '日本 %s\\n' 1 2 3 4 5 6 7 8 9" }],
  ),
  answer(WIDE),
  { body: [chunk({ content: "日本" })], end: "open" },
];

/** `each`: otherwise a list, one with a preview, an input and the longest list. */
const sizes = [
  { columns: 60, rows: 20, each: true },
  { columns: 80, rows: 24, each: false },
  { columns: 120, rows: 40, each: true },
  { columns: 200, rows: 50, each: false },
];
const samples: ReadonlySet<string> = new Set(["/theme", "/plugins", "/rename", "/help"]);

/** What opens a dialog, and its title. */
const dialogs = [
  ["/theme", "Themes"],
  ["/model", "Models"],
  ["/setup", "Set up a model"],
  ["/sessions", "Sessions"],
  ["/rewind", "Rewind to a prompt"],
  ["/keys", "Keys"],
  ["/usage", "Usage"],
  ["/context", "Context of this session"],
  ["/permissions", "Saved permission rules"],
  ["/todos", "Plan"],
  ["/plugins", "Plugins"],
  ["/rename", "Rename"],
  ["/help", "Help"],
] as const;

interface Cell {
  chars: string;
  width: number;
  style: string;
}

function readCells({ emulator }: TestTerminal): Cell[][] {
  const { active } = emulator.buffer;
  return Array.from({ length: emulator.rows }, (_, y) =>
    Array.from({ length: emulator.cols }, (_, x) => {
      const cell = active.getLine(active.baseY + y)?.getCell(x);
      if (!cell) throw new Error(`no cell at ${x}, ${y}`);
      const style = [cell.getFgColor(), cell.getBgColor(), cell.isBold(), cell.isInverse(), cell.isUnderline()].join();
      return { chars: cell.getChars() || " ", width: cell.getWidth(), style };
    }),
  );
}

/** The cells that differ, with both styles. */
const listDifferences = (before: Cell[][], after: Cell[][]): string[] =>
  before.flatMap((row, y) =>
    row.flatMap((cell, x) => {
      const { chars, style } = after[y]?.[x] ?? { chars: "", style: "" };
      return chars === cell.chars && style === cell.style
        ? []
        : [`${x},${y} ${cell.chars} ${cell.style} → ${chars} ${style}`];
    }),
  );

const show = (cells: Cell[][]): string =>
  cells
    .map((row) =>
      row
        .map(({ chars, width }) => (width === 0 ? "" : chars))
        .join("")
        .trimEnd(),
    )
    .join("\n");

/** What is wrong with the border of the dialog with this title. */
function findGaps(cells: Cell[][], title: string): string[] {
  const glyph = (x: number, y: number): string => cells[y]?.[x]?.chars ?? "";
  const texts = cells.map((row) => row.map(({ chars }) => (chars.length === 1 ? chars : "?")).join(""));
  const top = texts.findIndex((text) => text.includes(`╭─ ${title} `));
  const bottom = texts.findIndex((text, y) => y > top && /╰─/.test(text));
  const left = texts[top]?.indexOf(`╭─ ${title} `) ?? 0;
  const right = texts[top]?.lastIndexOf(" esc ─╮") ?? 0;
  const inside = Array.from({ length: Math.max(0, bottom - top - 1) }, (_, index) => top + 1 + index);
  // Text of the screen beside a dialog that fills it would be fragments.
  const strip = left < 8 ? texts.slice(top, bottom + 1).map((text) => text.slice(0, left) + text.slice(right + 7)) : [];
  return [
    ...(top < 0 || bottom < 0 || right < 0 ? ["it has no upper or lower border"] : []),
    ...inside.filter((y) => glyph(left, y) !== "│" || glyph(right + 6, y) !== "│").map((y) => `row ${y} is not closed`),
    ...(glyph(left, bottom) === "╰" && glyph(right + 6, bottom) === "╯" ? [] : ["its lower corners are elsewhere"]),
    ...strip.filter((text) => text.trim() !== "").map((text) => `beside it stands ${JSON.stringify(text)}`),
  ];
}

describe("dialogs", function () {
  this.timeout(180_000);
  const terminals = useTerminals();
  const submit = async (one: TestTerminal, command: string): Promise<void> => {
    one.type(command);
    await one.waitFor((rows) => rows.some((row) => row.includes(`› ${command}`)));
    one.press("enter");
    await one.waitFor((rows) => !rows.some((row) => row.includes(`› ${command}`)));
  };
  const isOpen = (title: string) => (rows: string[]) => rows.some((row) => row.includes(title) && / esc\b/.test(row));
  const folder = join(import.meta.dirname, "../../../client/themes");
  const themes = readdirSync(folder).map((file) => file.slice(0, -".json".length));
  /** Null for a color of the terminal. */
  const panelColor = (theme: string): number | null => {
    const { colors } = JSON.parse(readFileSync(join(folder, `${theme}.json`), "utf8")) as { colors: { panel: string } };
    return colors.panel.startsWith("#") ? Number.parseInt(colors.panel.slice(1), 16) : null;
  };
  const statusBarColor = ({ emulator }: TestTerminal): number | null => {
    const { active } = emulator.buffer;
    const cell = active.getLine(active.baseY + emulator.rows - 1)?.getCell(0);
    return cell?.isBgRGB() ? cell.getBgColor() : null;
  };

  it("are closed by a border, and leave the screen as it was, at each size and in each theme", async () => {
    await terminals.serve(scripts());
    const one = await terminals.ready(["--mode", "auto"]);
    await submit(one, "Write 日本");
    await one.waitFor(/日本[\s\S]*Ask anything/);
    await one.waitUntilSettled();
    let shown = 0;
    for (const { columns, rows, each } of sizes) {
      one.resize(columns, rows);
      await one.waitUntilSettled();
      for (const [command, title] of dialogs.filter(([name]) => each || samples.has(name))) {
        const theme = themes[shown++ % themes.length] ?? "";
        await submit(one, `/theme ${theme}`);
        await one.waitFor(() => statusBarColor(one) === panelColor(theme));
        await one.waitUntilSettled();
        const before = readCells(one);
        await submit(one, command);
        await one.waitFor((text) => isOpen(title)(text) && !text.some((row) => /^[ │]+…[ │]*$/.test(row)));
        const open = readCells(one);
        const what = `${title} at ${columns}×${rows} in ${theme}`;
        assert.deepEqual(findGaps(open, title), [], `${what}\n${show(open)}`);
        one.press("escape");
        await one.waitFor((text) => !isOpen(title)(text));
        await one.waitUntilSettled();
        assert.equal(show(readCells(one)), show(before), what);
        assert.deepEqual(listDifferences(before, readCells(one)), [], what);
      }
    }
    assert.ok(shown >= themes.length, `${shown} of ${themes.length} themes were shown`);
  });
});
