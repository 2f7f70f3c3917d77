/** Records the output of the last command in each terminal. Needs VS Code's shell integration. */
import * as vscode from "vscode";
import { printable } from "../protocol/printable.ts";

/** Only the end of longer output is stored. */
const MAX_OUTPUT = 256 * 1024;

interface Run {
  execution: vscode.TerminalShellExecution;
  output: string;
}

const last = new WeakMap<vscode.Terminal, Run>();

export function watchTerminals(): vscode.Disposable {
  return vscode.window.onDidStartTerminalShellExecution(async ({ terminal, execution }) => {
    const run: Run = { execution, output: "" };
    last.set(terminal, run);
    for await (const piece of execution.read()) run.output = (run.output + piece).slice(-MAX_OUTPUT);
  });
}

/** For the active terminal; null if no command was recorded. */
export async function readLastCommand(terminal: vscode.Terminal): Promise<string | null> {
  const run = last.get(terminal);
  if (!run) return null;
  // Output begins with an escape sequence. In remote windows, a quick command may end before its stream is read, which leaves it empty.
  const shown = run.output === "" ? await readWithEditorTool() : null;
  return cleanOutput(shown ?? `$ ${run.execution.commandLine.value}\n${run.output}`);
}

const TOOL = "terminal_last_command";

/** Uses the editor's own tool, which reads the active terminal's screen. Older versions do not have it. */
async function readWithEditorTool(): Promise<string | null> {
  if (!vscode.lm?.tools.some(({ name }) => name === TOOL)) return null;
  const { content } = await vscode.lm.invokeTool(TOOL, { input: {}, toolInvocationToken: undefined });
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
}

const escapeSequence = /\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])/g;

/** Removes escape sequences and overwritten text, such as progress bars. */
function cleanOutput(text: string): string {
  const lines = text.replace(escapeSequence, "").replace(/\r+(?=\n|$)/g, "");
  return printable(lines.replace(/[^\n]*\r/g, ""), { keepNewlines: true });
}
