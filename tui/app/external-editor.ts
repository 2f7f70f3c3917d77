/** Edits the prompt in the user's own editor. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "./app.ts";

/** Returns the saved text without the final line end. Rejects if the editor cannot be started or fails. */
export async function editInExternalEditor(app: App, text: string): Promise<string> {
  const editor = process.env.VISUAL || process.env.EDITOR || "vi";
  const folder = await mkdtemp(join(tmpdir(), "tutti-prompt-"));
  try {
    const file = join(folder, "prompt.md");
    await writeFile(file, text, { mode: 0o600 });
    app.screen.suspend();
    try {
      await runEditor(editor, file);
    } finally {
      app.screen.resume();
      app.set({}, "key");
    }
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `$EDITOR` may be a program with arguments, for example `code --wait`. */
function runEditor(editor: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`The editor "${editor}" exited with code ${code}. Check $EDITOR.`)),
    );
  });
}
