/** The help texts, made from the commands and their flags. */
import { globalFlags } from "./args.ts";
import type { Command, Flag } from "./command.ts";
import { commands } from "./commands.ts";
import { tui } from "./tui.ts";

export function formatOverview(version: string): string {
  const rows = commands.map(({ name, purpose }): [string, string] => [name, purpose]);
  return `tutti ${version}: an AI coding agent for any OpenAI-compatible endpoint.

Usage: tutti [DIR] [FLAGS]      Open the terminal UI
       tutti COMMAND [FLAGS]    Run a command

Commands:
${formatTable(rows)}

Terminal UI flags:
${formatTable(tui.flags.map(formatFlag))}

Global flags:
${formatTable(globalFlags.map(formatFlag))}

Run \`tutti COMMAND --help\` for details and examples.
`;
}

export function formatHelp(command: Command): string {
  const flags = command.flags.length > 0 ? `\nFlags:\n${formatTable(command.flags.map(formatFlag))}\n` : "";
  return `${command.purpose}

Usage: tutti ${[command.name, command.operands].filter((part) => part !== "").join(" ")}
${flags}
Global flags:
${formatTable(globalFlags.map(formatFlag))}

Examples:
${command.examples.map((example) => `  ${example}`).join("\n")}
`;
}

function formatFlag({ name, short, value, choices, purpose }: Flag): [string, string] {
  const head = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${choices ? choices.join("|") : value}`}`;
  return [head, purpose];
}

function formatTable(rows: readonly [string, string][]): string {
  const width = Math.min(34, Math.max(...rows.map(([head]) => head.length)));
  return rows.map(([head, text]) => `  ${head.padEnd(width)}  ${text}`).join("\n");
}
