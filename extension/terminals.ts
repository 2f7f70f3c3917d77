/** What the last command of a terminal wrote, as far as its shell says where commands begin and end. */
import * as vscode from "vscode";
import { printable } from "../protocol/printable.ts";

/** Of a command that writes more than this, the end is kept. */
const MOST = 256 * 1024;

interface Run {
  execution: vscode.TerminalShellExecution;
  wrote: string;
}

const last = new WeakMap<vscode.Terminal, Run>();

export function listenToTerminals(): vscode.Disposable {
  return vscode.window.onDidStartTerminalShellExecution(async ({ terminal, execution }) => {
    const run: Run = { execution, wrote: "" };
    last.set(terminal, run);
    for await (const piece of execution.read()) run.wrote = (run.wrote + piece).slice(-MOST);
  });
}

/** Of this terminal, which is the active one; null where it told of no command. */
export async function lastCommand(terminal: vscode.Terminal): Promise<string | null> {
  const run = last.get(terminal);
  if (!run) return null;
  // What is heard begins with a mark. Remote editors hand over a quick command from beginning to end at once, before its stream is read.
  const shown = run.wrote === "" ? await asEditorShows() : null;
  return readable(shown ?? `$ ${run.execution.commandLine.value}\n${run.wrote}`);
}

const TOOL = "terminal_last_command";

/** The editor's own tool reads the screen of the active terminal. Older editors have none. */
async function asEditorShows(): Promise<string | null> {
  if (!vscode.lm?.tools.some(({ name }) => name === TOOL)) return null;
  const { content } = await vscode.lm.invokeTool(TOOL, { input: {}, toolInvocationToken: undefined });
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
}

const steering = /\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])/g;

/** Without colours and marks, and without what was written over in its line, as bars of progress are. */
function readable(text: string): string {
  const lines = text.replace(steering, "").replace(/\r+(?=\n|$)/g, "");
  return printable(lines.replace(/[^\n]*\r/g, ""), { keepNewlines: true });
}
