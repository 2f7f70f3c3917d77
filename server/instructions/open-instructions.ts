/** What the system prompt says about a folder: its instruction files, and the facts of its environment. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Environment } from "../agent/system-prompt.ts";
import type { Configuration } from "../config/open-configuration.ts";
import { isRelativeInside } from "../config/restrict-project.ts";
import type { Clock, Files } from "../ports.ts";
import { type LoadedInstructions, readInstructions } from "./agents-md.ts";

export interface InstructionsDeps {
  clock: Clock;
  files: Files;
  home: string;
  configDir: string;
  /** False for `--no-project`: then no file is read, not even the user's own. */
  project: boolean;
  configuration: Pick<Configuration, "configFor">;
}

export interface Instructions {
  instructions(cwd: string): Promise<LoadedInstructions>;
  environment(cwd: string): Promise<Environment>;
}

/** The user's own instructions for other programs; the first one counts if there are none for Tutti. */
const foreignFiles = [".claude/CLAUDE.md", ".config/opencode/AGENTS.md"];

export function openInstructions(deps: InstructionsDeps): Instructions {
  const { clock, files, home, configDir, project, configuration } = deps;
  return {
    async instructions(cwd) {
      if (!project) return { files: [], warnings: [] };
      const { instructions: named = [] } = await configuration.configFor(cwd);
      const configured = named.map((path) => ({
        path: resolve(cwd, path.replace(/^~(?=[/\\])/, home)),
        anywhere: !isRelativeInside(path),
      }));
      const own = [join(configDir, "AGENTS.md"), ...foreignFiles.map((name) => join(home, name))].find(existsSync);
      const ownFile = own === undefined ? [] : [{ path: own, anywhere: true, imports: true as const }];
      return readInstructions(files, cwd, repositoryRoot(cwd), [...configured, ...ownFile]);
    },
    environment: async (cwd) => ({
      cwd,
      platform: process.platform,
      date: new Date(clock.now()).toISOString().slice(0, 10),
      git: existsSync(join(repositoryRoot(cwd), ".git")),
    }),
  };
}

/** The nearest folder upwards that is a repository, or the folder itself. */
function repositoryRoot(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
}
