/** The prompt in the person's own editor. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "./app.ts";

/** What the editor left, without the line end that it added; rejects where it could not be started. */
export async function writtenElsewhere(app: App, text: string): Promise<string> {
  const editor = process.env.VISUAL || process.env.EDITOR || "vi";
  const folder = await mkdtemp(join(tmpdir(), "tutti-prompt-"));
  try {
    const file = join(folder, "prompt.md");
    await writeFile(file, text, { mode: 0o600 });
    app.screen.lend();
    try {
      await run(editor, file);
    } finally {
      app.screen.takeBack();
      app.set({}, "key");
    }
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `$EDITOR` may be a program with words, as in `code --wait`. */
function run(editor: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`The editor "${editor}" ended with ${code}; $EDITOR names it.`)),
    );
  });
}
