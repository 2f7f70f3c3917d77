/** Names of slash commands that users of other agents type: those that mean one of Tutti's commands, and where to find the others. */
import { findNearest } from "../protocol/nearest.ts";

/** Other names of Tutti's commands. */
export const slashAliases: Readonly<Record<string, string>> = {
  "?": "help",
  "allowed-tools": "permissions",
  approvals: "permissions",
  branch: "fork",
  checkpoints: "rewind",
  clear: "new",
  commands: "help",
  compress: "compact",
  connect: "setup",
  continue: "sessions",
  cost: "usage",
  details: "thinking",
  exit: "quit",
  file: "attach",
  history: "sessions",
  image: "paste",
  keybindings: "keys",
  keymap: "keys",
  login: "setup",
  mcp: "plugins",
  mcps: "plugins",
  mention: "attach",
  models: "model",
  plugin: "plugins",
  providers: "setup",
  q: "quit",
  reasoning: "effort",
  reset: "new",
  resume: "sessions",
  search: "find",
  session: "sessions",
  shortcuts: "keys",
  stats: "usage",
  summarize: "compact",
  themes: "theme",
  think: "effort",
  timeline: "rewind",
  title: "rename",
  tokens: "usage",
  undo: "rewind",
  variants: "effort",
};

/** What to use in place of a command that Tutti does not have. */
const alternatives: Readonly<Record<string, string>> = {
  "add-dir": "Name files outside the folder in the prompt, and approve access when you are asked.",
  bug: "Run `tutti doctor` in a shell and attach its output to an issue.",
  config: "Run `tutti config` in a shell.",
  connect: "Run `tutti providers login PROVIDER` in a shell.",
  doctor: "Run `tutti doctor` in a shell.",
  export: "Run `tutti sessions export` in a shell.",
  feedback: "Run `tutti doctor` in a shell and attach its output to an issue.",
  hooks: "Plugins provide hooks; /plugins shows them.",
  ide: "Editors connect with `tutti lsp` or `tutti acp`, or with the VS Code extension.",
  init: "Ask the agent to write an AGENTS.md. `# TEXT` adds a note to it.",
  login: "Run `tutti providers login PROVIDER` in a shell.",
  logout: "Run `tutti providers logout PROVIDER` in a shell.",
  memory: "Edit AGENTS.md; `# TEXT` adds a note to it.",
  plan: "Use /mode plan.",
  providers: "Run `tutti providers` in a shell.",
  redo: "A rewind changes a copy. Open the original session with /sessions.",
  settings: "Run `tutti config` in a shell.",
  share: "Run `tutti sessions export --format html` in a shell, and send the file.",
  skills: "Plugins provide prompts and commands; /plugins shows them.",
  status: "The status bar shows model, mode and context; /usage shows tokens and cost, `tutti status` the server.",
  update: "Install the new version with npm, then run `tutti stop`.",
  upgrade: "Install the new version with npm, then run `tutti stop`.",
  vim: "Run `tutti config set keys vim` in a shell.",
};

/** The command that the alias means, if it is one of these. */
export function resolveAlias(name: string, known: readonly string[]): string | null {
  const lower = name.toLowerCase();
  const target = Object.hasOwn(slashAliases, lower) ? slashAliases[lower] : undefined;
  return target !== undefined && known.includes(target) ? target : null;
}

/** `known`: all names that would run something here. */
export function explainUnknownCommand(name: string, known: readonly string[]): string {
  const lower = name.toLowerCase();
  if (Object.hasOwn(alternatives, lower)) return `Tutti has no command /${lower}. ${alternatives[lower]}`;
  const prefixed = known.find((one) => one.startsWith(lower));
  const nearest = prefixed ?? findNearest(name, known);
  const hints = [
    ...(nearest === null ? [] : [`Did you mean /${nearest}?`]),
    ...(known.includes("help") ? ["/help lists all commands."] : []),
  ];
  return [`Unknown command /${name}.`, ...hints, "To send it as text, start with a space."].join(" ");
}
