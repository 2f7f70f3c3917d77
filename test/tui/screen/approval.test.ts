/** A request can be read whole before it is approved, whatever its size, the size of the screen and the key table. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

const numbered = (count: number, text: string): string =>
  Array.from({ length: count }, (_, index) => `${text} ${index + 1};`).join("\n");

const panel = (terminal: TestTerminal): string =>
  terminal
    .text()
    .filter((row) => row.startsWith("┃"))
    .join("\n");

/** The lines with this text that are shown in the panel of the request. */
const shown = (terminal: TestTerminal, text: string): number[] =>
  [...panel(terminal).matchAll(new RegExp(`${text} (\\d+);`, "g"))].map(([, number]) => Number(number));

const position = (terminal: TestTerminal): { from: number; to: number; of: number } => {
  const [, from, to, of] = /lines (\d+)-(\d+) of (\d+)/.exec(panel(terminal)) ?? [];
  return { from: Number(from), to: Number(to), of: Number(of) };
};

/** Pages to the end, and returns all lines that were shown on the way. */
async function readAll(terminal: TestTerminal, text: string, pageDown: string): Promise<Set<number>> {
  const seen = new Set(shown(terminal, text));
  for (let now = position(terminal); now.to < now.of; now = position(terminal)) {
    terminal.press(pageDown);
    await terminal.waitFor(() => position(terminal).from > now.from);
    for (const line of shown(terminal, text)) seen.add(line);
  }
  return seen;
}

const tables = [
  { table: "default", pageDown: "pagedown", hint: "PgUp/PgDn" },
  { table: "emacs", pageDown: "ctrl+v", hint: "Alt+V/Ctrl+V" },
  { table: "vim", pageDown: "ctrl+f", hint: "Ctrl+B/Ctrl+F" },
] as const;

const requests: [name: string, tool: string, input: (text: string) => unknown][] = [
  ["a new file", "write", (text) => ({ path: "long.txt", content: `${text}\n` })],
  ["a command", "bash", (text) => ({ command: `cat > long.txt <<'END'\n${text}\nEND` })],
  ["a file in a new folder", "write", (text) => ({ path: "long.txt", content: `${text}\n` })],
];

describe("a long request", function () {
  this.timeout(60_000);
  const terminals = useTerminals();

  const ask = async (tool: string, input: unknown, size: { columns: number; rows: number }): Promise<TestTerminal> => {
    await terminals.serve([callTools([tool, input]), answer("It is written.")]);
    const terminal = await terminals.ready([], size);
    terminal.type("Write it");
    await terminal.waitFor(/› Write it/);
    terminal.press("enter");
    await terminal.waitUntilAnswerable(/1\. Approve/);
    return terminal;
  };

  for (const [index, { table, pageDown, hint }] of tables.entries()) {
    const [name, tool, input] = requests[index] ?? assert.fail();
    for (const size of [
      { columns: 80, rows: 24 },
      { columns: 60, rows: 20 },
    ])
      it(`is read with the ${table} keys, for ${name}, at ${size.columns}×${size.rows}`, async () => {
        await terminals.home().run(["config", "set", "keys", table]);
        const terminal = await ask(tool, input(numbered(80, "line")), size);
        const before = position(terminal);
        assert.equal(before.from, 1);
        assert.ok(before.to >= 4 && before.of >= 80, panel(terminal));
        assert.ok(panel(terminal).includes(`${hint} to scroll`), panel(terminal));

        const seen = await readAll(terminal, "line", pageDown);
        assert.deepEqual(
          [...seen].sort((one, other) => one - other),
          Array.from({ length: 80 }, (_, line) => line + 1),
        );
        terminal.press("ctrl+o");
        await terminal.waitFor(/to go back/);
        assert.ok(panel(terminal).split("\n").length > size.rows - 6, panel(terminal));
        assert.equal(position(terminal).to, position(terminal).of);
        terminal.press("escape");
        await terminal.waitFor(/to deny/);
        assert.match(panel(terminal), /1\. Approve/);
        terminal.press("1");
        await terminal.waitFor(/It is written\./);
        assert.equal(readFileSync(join(terminals.home().work, "long.txt"), "utf8"), `${numbered(80, "line")}\n`);
      });
  }

  it("is read with the mouse wheel", async () => {
    const terminal = await ask("write", { path: "a.md", content: numbered(300, "row") }, { columns: 100, rows: 30 });
    terminal.wheel(5, "row 5;");
    await terminal.waitFor(() => position(terminal).from === 16);
    terminal.press("home");
    await terminal.waitFor(() => position(terminal).from === 1);
    terminal.press("end");
    await terminal.waitFor(() => shown(terminal, "row").at(-1) === 300);
  });

  it("is printed whole in line mode", async () => {
    await terminals.serve([callTools(["write", { path: "a.md", content: numbered(300, "row") }]), answer("Done.")]);
    const terminal = terminals.open(["--line"]);
    await terminal.waitFor(/Type a prompt/);
    terminal.type("Write it\r");
    await terminal.waitFor(/Type a number/);
    const lines = [...terminal.raw().matchAll(/added: row (\d+);/g)].map(([, number]) => Number(number));
    assert.deepEqual(
      lines,
      Array.from({ length: 300 }, (_, line) => line + 1),
    );
  });
});
