/** Text after wide and combined characters stays in its column, in the prompt and in the transcript. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

const samples = [
  "日本語",
  "👨‍👩‍👧‍👦",
  "🇩🇪🇯🇵",
  "e\u0301o\u0308",
  "❤️",
  "1️⃣",
  "مرحبا",
  "שלום",
  "👍🏽",
  "한국어",
  "नमस्ते",
  "abc",
];

/** The column of a cell that holds this character. */
function columnOf({ emulator }: TestTerminal, row: number, character: string): number {
  const line = emulator.buffer.active.getLine(emulator.buffer.active.baseY + row);
  for (let x = 0; x < emulator.cols; x++) if (line?.getCell(x)?.getChars() === character) return x;
  return -1;
}

/** Every cell with its characters, row by row. */
const cellsOf = ({ emulator }: TestTerminal): string[] =>
  Array.from({ length: emulator.rows }, (_, y) => {
    const line = emulator.buffer.active.getLine(emulator.buffer.active.baseY + y);
    return Array.from({ length: emulator.cols }, (_, x) => line?.getCell(x)?.getChars() || " ").join("|");
  });

describe("characters of every kind", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  const begin = (): Promise<TestTerminal> => terminals.ready([], { columns: 80, rows: 40 });

  it("line up in tables", async () => {
    await terminals.serve([
      answer(`| what | it |\n|---|---|\n${samples.map((sample) => `| ${sample} | x |`).join("\n")}`),
    ]);
    const one = await begin();
    one.type("Go");
    await one.waitFor(/› Go/);
    one.press("enter");
    await one.waitFor(/└/);
    await one.waitUntilSettled();
    const rows = one.text().flatMap((row, y) => (/│ x +│/.test(row) ? [y] : []));
    assert.equal(rows.length, samples.length, one.text().join("\n"));
    assert.deepEqual(new Set(rows.map((y) => columnOf(one, y, "x"))).size, 1, one.text().join("\n"));
    // Drawn anew in part: a message comes and goes at the edge, and the table stays as it is.
    one.type("/copy");
    await one.waitFor(/› \/copy/);
    one.press("enter");
    await one.waitFor(/Copied the last/);
    await one.waitFor((shown) => !shown.join("\n").includes("Copied the last"));
    assert.deepEqual(new Set(rows.map((y) => columnOf(one, y, "x"))).size, 1, one.text().join("\n"));
  });

  it("match a full redraw after scrolling and partial updates", async () => {
    const text = Array.from({ length: 60 }, (_, row) => `${row} ${samples[row % samples.length]} \u200fend ${row}`);
    await terminals.serve([answer(text.join("\n\n"))]);
    const one = await begin();
    one.type("Go");
    await one.waitFor(/› Go/);
    one.press("enter");
    await one.waitFor(/end 59/);
    const anew = async (): Promise<void> => {
      await one.waitUntilSettled();
      const before = cellsOf(one);
      one.press("ctrl+l");
      await one.waitUntilSettled();
      assert.deepEqual(before, cellsOf(one));
    };
    await anew();
    for (const by of [-1, -3, 2, -20, 7]) {
      one.wheel(by);
      await anew();
    }
    one.type("日本👨‍👩‍👧‍👦שלום");
    await one.waitFor(/› 日本/);
    await anew();
    one.press("left", "left", "backspace");
    await anew();
    one.resize(60, 24);
    await anew();
  });

  it("work in file names, calls and mentions", async () => {
    const names = ["日本語.txt", "e\u0301te\u0301.txt", "🎼.txt", "שלום.txt"];
    for (const name of names) writeFileSync(join(terminals.home().work, name), "x\n");
    await terminals.serve([
      callTools(...names.map((path): [string, unknown] => ["read", { path }])),
      answer("All read."),
    ]);
    const one = await begin();
    one.type("Go");
    await one.waitFor(/› Go/);
    one.press("enter");
    await one.waitFor(/All read\./);
    for (const name of names) assert.ok(one.text().join("\n").includes(name), one.text().join("\n"));
    one.type("@日");
    await one.waitFor((rows) => rows.filter((row) => row.includes("日本語.txt")).length === 2);
    one.press("tab");
    await one.waitFor(/› @"?日本語\.txt/);
  });

  it("are one step for the cursor and for deletion", async () => {
    await terminals.serve([answer("Never.")]);
    const one = await begin();
    one.type("<👨‍👩‍👧‍👦e\u0301🇩🇪日>");
    await one.waitFor(/<.*>/);
    one.press("left", "backspace", "backspace", "backspace", "backspace");
    await one.waitFor(/› <>/);
    one.press("right");
    one.type("!");
    await one.waitFor(/› <>!/);
  });
});
