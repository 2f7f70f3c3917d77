/** What follows wide, joined and combined characters stands in its own column, in the prompt and in what was said. */
import assert from "node:assert/strict";
import { eachAtATerminal, type Person } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";

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
function columnOf({ emulator }: Person, row: number, character: string): number {
  const line = emulator.buffer.active.getLine(emulator.buffer.active.baseY + row);
  for (let x = 0; x < emulator.cols; x++) if (line?.getCell(x)?.getChars() === character) return x;
  return -1;
}

describe("characters of every kind", function () {
  this.timeout(60_000);
  const desk = eachAtATerminal();
  const begin = (): Promise<Person> => desk.ready([], { columns: 80, rows: 40 });

  it("line up in tables", async () => {
    await desk.serve([answer(`| what | it |\n|---|---|\n${samples.map((sample) => `| ${sample} | x |`).join("\n")}`)]);
    const one = await begin();
    one.type("Go");
    await one.until(/› Go/);
    one.press("enter");
    await one.until(/└/);
    await one.settled();
    const rows = one.text().flatMap((row, y) => (/│ x +│/.test(row) ? [y] : []));
    assert.equal(rows.length, samples.length, one.text().join("\n"));
    assert.deepEqual(new Set(rows.map((y) => columnOf(one, y, "x"))).size, 1, one.text().join("\n"));
    // Drawn anew in part: a message comes and goes at the edge, and the table stays as it is.
    one.type("/copy");
    await one.until(/› \/copy/);
    one.press("enter");
    await one.until(/in the clipboard/);
    await one.until((shown) => !shown.join("\n").includes("in the clipboard"));
    assert.deepEqual(new Set(rows.map((y) => columnOf(one, y, "x"))).size, 1, one.text().join("\n"));
  });

  it("are one step for the cursor, and one to take away", async () => {
    await desk.serve([answer("Never.")]);
    const one = await begin();
    one.type("<👨‍👩‍👧‍👦e\u0301🇩🇪日>");
    await one.until(/<.*>/);
    one.press("left", "backspace", "backspace", "backspace", "backspace");
    await one.until(/› <>/);
    one.press("right");
    one.type("!");
    await one.until(/› <>!/);
  });
});
