/** Plugins for people to judge: literally, with every character that could hide written out. */
import type { PluginLook, PluginRow } from "../protocol/plugin-methods.ts";
import { printable } from "../protocol/printable.ts";

/** On one line: a line end in a name would make another line of it. */
const safe = (text: string): string => printable(text).replaceAll("\t", "\\t");

export const stateWords: Readonly<Record<PluginRow["state"], string>> = {
  disabled: "disabled",
  unapproved: "not approved",
  changed: "changed since it was approved",
  idle: "approved",
  starting: "starting",
  ready: "running",
  failed: "failed",
  off: "off",
};

/** What would be started or called, as one would write it in a shell. */
export const startOf = ({ command, url }: PluginRow): string =>
  url ?? (command ?? []).map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");

export const rowLine = (row: PluginRow): string =>
  `${safe(row.name)}  ${stateWords[row.state]}${row.why === undefined ? "" : ` (${safe(row.why)})`}  ${safe(startOf(row))}`;

export function rowLines(row: PluginRow): string[] {
  const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.map(safe).join(", "));
  return [
    `${safe(row.name)}: ${stateWords[row.state]}${row.why === undefined ? "" : `, ${safe(row.why)}`}`,
    `  named by   ${safe(row.source)}`,
    ...(row.url === undefined
      ? [
          ...(row.command ?? []).map((word, index) => `  ${index === 0 ? "program   " : "argument  "} ${safe(word)}`),
          `  in folder  ${safe(row.cwd)}`,
          `  variables  PATH, HOME, LANG${row.env.length === 0 ? "" : `, ${list(row.env)}`}`,
        ]
      : [`  address    ${safe(row.url)}`, `  headers    ${list(row.headers)}`]),
    `  identity   ${row.identity}`,
  ];
}

export function lookLines(row: PluginRow, look: PluginLook): string[] {
  const { server, tools, prompts, resources, hooks, contributes, digest } = look;
  const total = tools.reduce((sum, { tokens }) => sum + tokens, 0);
  return [
    `  calls itself ${safe(server.title ?? server.name)} ${safe(server.version)}`,
    `  tools: ${tools.length}, about ${total} tokens in each request`,
    ...tools.flatMap((tool) => [
      `    ${safe(row.name)}__${safe(tool.name)}  (${tool.tokens} tokens)${tool.problem === undefined ? "" : `  NOT USED: ${safe(tool.problem)}`}`,
      ...indented(tool.description),
    ]),
    ...prompts.flatMap((prompt) => [
      `  command /${safe(row.name)}:${safe(prompt.name)}`,
      ...indented(prompt.description),
    ]),
    ...(resources.length > 0 ? [`  resources: ${resources.length}`] : []),
    ...hooks.map(({ event, match }) => `  hook ${safe(event)}${match === undefined ? "" : ` for ${safe(match)}`}`),
    ...(contributes.length > 0 ? [`  brings ${contributes.map(safe).join(", ")}`] : []),
    ...look.agents.map(({ name, description }) => `  agent ${safe(name)}: ${safe(description)}`),
    ...look.skills.map(({ name, description }) => `  skill ${safe(name)}: ${safe(description)}`),
    `  digest     ${digest}`,
  ];
}

export function changeLines({ changes }: PluginLook): string[] {
  return [
    "  What is different from what you approved:",
    ...changes.flatMap(({ what, name, change, before, after }) => [
      `    ${what} ${safe(name)}: ${change}`,
      ...(before === undefined ? [] : [`      - ${printable(before)}`]),
      ...(after === undefined ? [] : [`      + ${printable(after)}`]),
    ]),
  ];
}

const indented = (text: string): string[] =>
  text === ""
    ? []
    : printable(text, { keepNewlines: true })
        .split("\n")
        .map((line) => `      ${line}`);
