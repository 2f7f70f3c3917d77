/** How command lines are started in a folder. */
import type { ToolContext } from "../ports.ts";
import { findProgram } from "./programs.ts";
import { buildReadEnvironment } from "./read-environment.ts";

/** Uses bash if it exists outside of the workspace, otherwise sh. `onlyReads`: whether a command line does no more than read. */
export function createShellChooser(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
  onlyReads: (command: string) => Promise<boolean>,
): ToolContext["chooseShell"] {
  return async (command) => {
    const shell = process.platform === "win32" ? "bash" : (findProgram("bash", env.PATH, root) ?? "/bin/sh");
    return { argv: [shell, "-c", command], env: (await onlyReads(command)) ? buildReadEnvironment(env, root) : {} };
  };
}
