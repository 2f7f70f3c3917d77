/** Help texts, made from the tables. */
import { everywhere } from "./args.ts";
import type { Command, Flag } from "./command.ts";
import { commands } from "./commands.ts";
import { tui } from "./tui.ts";

export function overview(version: string): string {
  const rows = commands.map(({ name, purpose }): [string, string] => [name, purpose]);
  return `tutti ${version}: an AI coding agent for any OpenAI-compatible model.

Usage: tutti [DIR] [FLAGS]      the terminal UI
       tutti COMMAND [FLAGS]

${table(rows)}

The terminal UI:
${table(tui.flags.map(flagRow))}

Everywhere:
${table(everywhere.map(flagRow))}

\`tutti COMMAND --help\` says more, with examples.
`;
}

export function helpOf(command: Command): string {
  const flags = command.flags.length > 0 ? `\nFlags:\n${table(command.flags.map(flagRow))}\n` : "";
  return `${command.purpose}

Usage: tutti ${[command.name, command.operands].filter((part) => part !== "").join(" ")}
${flags}
Everywhere:
${table(everywhere.map(flagRow))}

Examples:
${command.examples.map((example) => `  ${example}`).join("\n")}
`;
}

function flagRow({ name, short, value, of, purpose }: Flag): [string, string] {
  const head = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${of ? of.join("|") : value}`}`;
  return [head, purpose];
}

function table(rows: readonly [string, string][]): string {
  const width = Math.min(34, Math.max(...rows.map(([head]) => head.length)));
  return rows.map(([head, text]) => `  ${head.padEnd(width)}  ${text}`).join("\n");
}
