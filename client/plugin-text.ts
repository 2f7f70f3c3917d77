/** Describes plugins for approval: verbatim, with every invisible or misleading character escaped. */
import type { PluginInspection, PluginRow } from "../protocol/plugin-methods.ts";
import { printable } from "../protocol/printable.ts";

/** Escapes line ends too: a name must not be able to forge another line. */
const escapeLine = (text: string): string => printable(text).replaceAll("\t", "\\t");

export const stateLabels: Readonly<Record<PluginRow["state"], string>> = {
  disabled: "disabled",
  unapproved: "not approved",
  changed: "changed since it was approved",
  idle: "approved",
  starting: "starting",
  ready: "running",
  failed: "failed",
  off: "off",
};

/** The command or URL, quoted as in a shell. */
export const formatLaunch = ({ command, url }: PluginRow): string =>
  url ?? (command ?? []).map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");

export const formatPluginSummary = (row: PluginRow): string =>
  `${escapeLine(row.name)}  ${stateLabels[row.state]}${row.reason === undefined ? "" : ` (${escapeLine(row.reason)})`}  ${escapeLine(formatLaunch(row))}`;

export function formatPlugin(row: PluginRow): string[] {
  const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.map(escapeLine).join(", "));
  return [
    `${escapeLine(row.name)}: ${stateLabels[row.state]}${row.reason === undefined ? "" : `, ${escapeLine(row.reason)}`}`,
    `  source     ${escapeLine(row.source)}`,
    ...(row.url === undefined
      ? [
          ...(row.command ?? []).map(
            (word, index) => `  ${index === 0 ? "program   " : "argument  "} ${escapeLine(word)}`,
          ),
          `  in folder  ${escapeLine(row.cwd)}`,
          `  variables  PATH, HOME, LANG${row.env.length === 0 ? "" : `, ${list(row.env)}`}`,
        ]
      : [`  address    ${escapeLine(row.url)}`, `  headers    ${list(row.headers)}`]),
    ...(row.variables ? [`  fills in   the values of ${list(row.variables)} from your environment`] : []),
    `  identity   ${row.identity}`,
  ];
}

export function formatInspection(row: PluginRow, look: PluginInspection): string[] {
  const { server, tools, prompts, resources, hooks, contributes, digest } = look;
  const total = tools.reduce((sum, { tokens }) => sum + tokens, 0);
  return [
    `  server     ${escapeLine(server.title ?? server.name)} ${escapeLine(server.version)}`,
    `  tools: ${tools.length}, about ${total} tokens in each request`,
    ...tools.flatMap((tool) => [
      `    ${escapeLine(row.name)}__${escapeLine(tool.name)}  (${tool.tokens} tokens)${formatToolNotes(row.name, tool)}`,
      ...indentLines(tool.description),
    ]),
    ...look.problems.map((problem) => `    LEFT OUT: ${escapeLine(problem)}`),
    ...prompts.flatMap((prompt) => [
      `  command /${escapeLine(row.name)}:${escapeLine(prompt.name)}`,
      ...indentLines(prompt.description),
    ]),
    ...(resources.length > 0 ? [`  resources: ${resources.length}`] : []),
    ...hooks.map(
      ({ event, match }) => `  hook ${escapeLine(event)}${match === undefined ? "" : ` for ${escapeLine(match)}`}`,
    ),
    ...(contributes.length > 0 ? [`  contributes ${contributes.map(escapeLine).join(", ")}`] : []),
    ...look.agents.map(({ name, description }) => `  agent ${escapeLine(name)}: ${escapeLine(description)}`),
    ...look.skills.map(({ name, description }) => `  skill ${escapeLine(name)}: ${escapeLine(description)}`),
    `  digest     ${digest}`,
  ];
}

/** What is unusual about a tool. */
function formatToolNotes(plugin: string, tool: PluginInspection["tools"][number]): string {
  const { name, offeredAs, problem, warning } = tool;
  if (problem !== undefined) return `  NOT USED: ${escapeLine(problem)}`;
  const renamed = offeredAs === undefined || offeredAs === `${plugin}__${name}` ? [] : [`offered as ${offeredAs}`];
  return [...renamed, ...(warning === undefined ? [] : [warning])].map((note) => `  ${escapeLine(note)}`).join(";");
}

export function formatChanges({ changes }: PluginInspection): string[] {
  return [
    "  Changes since your approval:",
    ...changes.flatMap(({ kind, name, change, before, after }) => [
      `    ${kind} ${escapeLine(name)}: ${change}`,
      ...(before === undefined ? [] : [`      - ${printable(before)}`]),
      ...(after === undefined ? [] : [`      + ${printable(after)}`]),
    ]),
  ];
}

const indentLines = (text: string): string[] =>
  text === ""
    ? []
    : printable(text, { keepNewlines: true })
        .split("\n")
        .map((line) => `      ${line}`);
