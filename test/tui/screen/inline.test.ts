/** Inline mode: the conversation stays in the terminal's scrollback, during and after the program. */
import assert from "node:assert/strict";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer, chunk, done, finish } from "../../help/scripted-endpoint.ts";

const items = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `item number ${from + index} stands here`);

/** Everything that the terminal keeps and shows, from its first row. */
function kept({ emulator }: TestTerminal): string[] {
  const { active } = emulator.buffer;
  return Array.from(
    { length: active.baseY + emulator.rows },
    (_, y) => active.getLine(y)?.translateToString(true) ?? "",
  );
}
const numbers = (rows: readonly string[]): number[] =>
  rows.flatMap((row) => [...row.matchAll(/item number (\d+) stands here/g)].map(([, number]) => Number(number)));
const counted = (to: number): number[] => Array.from({ length: to }, (_, index) => index + 1);

describe("inline mode", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  const size = { columns: 70, rows: 16, shell: true } as const;
  const send = async (one: TestTerminal, text: string): Promise<void> => {
    one.type(`${text}\r`);
    await one.waitFor(
      (rows) => !rows.some((row) => /■ stop|connecting/.test(row)) && rows.some((row) => row.includes("THE END")),
    );
  };

  it("keeps each line once and in order, below earlier output and after exit", async () => {
    const list = items(1, 60).map((item) => `- ${item}\n`);
    await terminals.serve([
      { body: [...list.map((content) => chunk({ content })), chunk({ content: "\nTHE END" }), finish(), done] },
    ]);
    const one = await terminals.ready(["--inline"], size);
    assert.doesNotMatch(one.raw(), /\x1b\[\?(?:1049|1000)h/);
    await send(one, "count");
    assert.deepEqual(numbers(kept(one)), counted(60));
    one.press("ctrl+d");
    await one.waitFor((rows) => /[$#] ?$/.test(rows.filter((row) => row !== "").at(-1) ?? ""));
    const rows = kept(one);
    assert.deepEqual(numbers(rows), counted(60));
    const at = (what: RegExp): number => rows.findIndex((row) => what.test(row));
    assert.ok(at(/--inline/) >= 0 && at(/--inline/) < at(/item number 1 /), "what the shell showed is still there");
    assert.ok(at(/THE END/) < rows.findLastIndex((row) => /[$#] ?$/.test(row)), "the shell goes on below");
    assert.equal(
      rows.slice(at(/THE END/)).some((row) => row.includes("› Ask")),
      false,
      "nothing of the prompt is left",
    );
  });

  it("starts with the whole session, and adds no lines that a dialog covers", async () => {
    await terminals.serve([
      answer(
        `${items(1, 30)
          .map((item) => `- ${item}`)
          .join("\n")}\n\nTHE END`,
      ),
      answer("And THE END"),
    ]);
    await terminals.home().run(["run", "--base-url", terminals.endpoint().baseUrl, "--model", "m", "count"]);
    const one = await terminals.ready(["--inline", "--continue"], size);
    await one.waitFor(/THE END/);
    assert.deepEqual(numbers(kept(one)), counted(30));
    one.press("ctrl+p");
    await one.waitFor((rows) => rows.some((row) => / esc\b/.test(row)));
    one.press("escape");
    await one.waitFor((rows) => !rows.some((row) => / esc\b/.test(row)));
    one.press("pageup", "pageup");
    await one.waitFor(/more below/);
    one.press("pagedown", "pagedown", "end");
    await one.waitFor((rows) => !/more below/.test(rows.join("\n")));
    await send(one, "again");
    await one.waitFor(/And THE END/);
    assert.deepEqual(numbers(kept(one)), counted(30));
  });
});
