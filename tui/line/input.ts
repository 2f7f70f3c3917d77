/** Lines from a person or a script. At a terminal they can be edited and called back; nothing is drawn but what is being written. */
import { createInterface, emitKeypressEvents } from "node:readline";

export interface Hears {
  line(text: string): void;
  /** A key at a terminal, before it shows. */
  key(): void;
  interrupt(): void;
  end(): void;
}

export interface LineInput {
  /** What was written shows already, since a terminal echoes it. */
  echoes: boolean;
  /** What stands in the line that is being written, as far as can be known. */
  partial(): string;
  close(): void;
}

export function openInput(older: readonly string[], hears: Hears): LineInput {
  const { stdin, stdout } = process;
  const echoes = stdin.isTTY === true;
  const edits = echoes && stdout.isTTY === true && process.env.TERM !== "dumb";
  if (edits) {
    // Before the line is edited: what the program says must not stand in the line that is written.
    emitKeypressEvents(stdin);
    stdin.on("keypress", hears.key);
  }
  const history = older.filter((text) => !text.includes("\n")).reverse();
  const lines = createInterface(
    edits ? { input: stdin, output: stdout, terminal: true, history, prompt: "" } : { input: stdin, terminal: false },
  );
  let begun = "";
  lines.on("line", (line) => {
    if (line.endsWith("\\")) begun += `${line.slice(0, -1)}\n`;
    else {
      const text = begun + line;
      begun = "";
      hears.line(text);
    }
  });
  lines.on("SIGINT", hears.interrupt);
  let closed = false;
  lines.on("close", () => {
    if (closed) return;
    if (begun !== "") hears.line(begun.trimEnd());
    hears.end();
  });
  return {
    echoes,
    partial: () => (edits ? lines.line : ""),
    close() {
      closed = true;
      lines.close();
      stdin.off("keypress", hears.key);
      stdin.destroy();
    },
  };
}
