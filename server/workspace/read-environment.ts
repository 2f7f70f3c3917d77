/** Variables for command lines that only read: nothing of the workspace decides which program, library or hook runs. */
import { cleanSearchPath } from "./programs.ts";

/** Settings for every git command of the line. They override those of the repository. */
const GIT_SETTINGS = { "core.hooksPath": "/dev/null", "core.fsmonitor": "false" } as const;

/** Variables with code or folders of code, for programs that read only. */
const CODE_VARIABLES = [
  "LD_LIBRARY_PATH",
  "NODE_OPTIONS",
  "NODE_PATH",
  "PYTHONPATH",
  "PYTHONHOME",
  "MAKEFLAGS",
  "GOFLAGS",
];

export function buildReadEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): Record<string, string> {
  return {
    PATH: cleanSearchPath(env.PATH, root),
    ...Object.fromEntries(CODE_VARIABLES.map((name) => [name, ""])),
    ...buildGitEnvironment(),
  };
}

/** For git commands that only read: no hooks, no file system monitor, and no connection, not even for missing objects. */
export function buildGitEnvironment(): Record<string, string> {
  const settings = Object.entries(GIT_SETTINGS);
  return {
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
    GIT_ALLOW_PROTOCOL: "none",
    GIT_NO_LAZY_FETCH: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
  };
}
