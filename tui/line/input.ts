/** Reads lines from the user or a script. At a terminal they can be edited and recalled; nothing but the line being typed is drawn. */
import { createInterface, emitKeypressEvents } from "node:readline";

export interface LineInputListener {
  line(text: string): void;
  /** A key at a terminal, before it is shown. */
  key(): void;
  interrupt(): void;
  end(): void;
  /** The terminal was closed. */
  lost(): void;
}

export interface LineInput {
  /** The terminal shows what is typed. */
  isEchoed: boolean;
  /** The text of the line being typed, as far as it can be known. */
  partial(): string;
  close(): void;
}

export function openLineInput(prompts: readonly string[], listener: LineInputListener): LineInput {
  const { stdin, stdout } = process;
  const isEchoed = stdin.isTTY === true;
  const isEditable = isEchoed && stdout.isTTY === true && process.env.TERM !== "dumb";
  if (isEditable) {
    // Registered before readline: announcements must not end up in the line being typed.
    emitKeypressEvents(stdin);
    stdin.on("keypress", listener.key);
  }
  const history = prompts.filter((text) => !text.includes("\n")).reverse();
  const lines = createInterface(
    isEditable
      ? { input: stdin, output: stdout, terminal: true, history, prompt: "" }
      : { input: stdin, terminal: false },
  );
  let continued = "";
  let isClosed = false;
  lines.on("line", (line) => {
    if (line.endsWith("\\")) continued += `${line.slice(0, -1)}\n`;
    else {
      const text = continued + line;
      continued = "";
      listener.line(text);
    }
  });
  stdin.on("error", listener.lost);
  // Readline cannot restore a terminal that was closed. Its type declarations have no such event.
  (lines as NodeJS.EventEmitter).on("error", listener.lost);
  lines.on("SIGINT", listener.interrupt);
  lines.on("close", () => {
    if (isClosed) return;
    if (continued !== "") listener.line(continued.trimEnd());
    listener.end();
  });
  return {
    isEchoed,
    partial: () => (isEditable ? lines.line : ""),
    close() {
      isClosed = true;
      lines.close();
      stdin.off("keypress", listener.key);
      stdin.destroy();
    },
  };
}
