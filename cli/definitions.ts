/** `tutti agents`, `tutti skills` and `tutti commands`: what a folder has, where each comes from, and what is wrong with it. */

import { formatTable } from "../client/table.ts";
import type { Link } from "../protocol/link.ts";
import type { ResultOf } from "../protocol/methods.ts";
import { usageError } from "./args.ts";
import type { Command, CommandInput } from "./command.ts";
import { sanitize } from "./print/text.ts";

type Source = ResultOf<"agentList">["agents"][number]["source"];
type Problem = ResultOf<"agentList">["problems"][number];

interface Kind {
  name: string;
  /** One of them. */
  singular: string;
  purpose: string;
  examples: readonly [string, string];
  list(link: Link, cwd: string): Promise<{ rows: readonly object[]; table: string; problems: readonly Problem[] }>;
  read(link: Link, cwd: string, name: string): Promise<{ details: object; text: string }>;
}

const createCommand = ({ name, singular, purpose, examples, list, read }: Kind): Command => ({
  name,
  operands: "[list]|show NAME",
  purpose,
  verbs: ["list", "show"],
  flags: [{ name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" }],
  examples,
  async run(input) {
    const [verb = "list", wanted, ...more] = input.positionals;
    if (verb !== "list" && verb !== "show") throw usageError(`Unknown subcommand ${verb}. Use list or show NAME.`);
    if (verb === "show" && (wanted === undefined || more.length > 0))
      throw usageError(`Pass one ${singular}: \`tutti ${name} show NAME\`.`);
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    const isJson = input.text("format") === "json";
    try {
      if (verb === "show" && wanted !== undefined) {
        const { details, text } = await read(link, input.cwd, wanted);
        input.terminal.out(isJson ? `${JSON.stringify(details, null, 2)}\n` : text);
        return 0;
      }
      const { rows, table, problems } = await list(link, input.cwd);
      if (isJson) input.terminal.out(`${JSON.stringify(rows, null, 2)}\n`);
      else if (rows.length > 0) input.terminal.out(table);
      else input.terminal.note(`No ${name} found in this folder or your own configuration.\n`);
      printProblems(input, problems);
      return 0;
    } finally {
      await link.close();
    }
  },
});

function printProblems({ terminal }: CommandInput, problems: readonly Problem[]): void {
  for (const { path, line, text } of problems)
    terminal.note(`warning: ${sanitize(path)}${line === undefined ? "" : `:${line}`}: ${sanitize(text)}\n`);
}

const formatSource = ({ kind, path, plugin }: Source): string =>
  kind === "builtin" ? "included" : kind === "plugin" ? `plugin ${plugin ?? ""}` : sanitize(path ?? kind);

const MAX_DESCRIPTION = 60;

function shorten(text: string): string {
  const line = sanitize(text).replaceAll(/\s+/g, " ");
  return line.length <= MAX_DESCRIPTION ? line : `${line.slice(0, MAX_DESCRIPTION - 1).trimEnd()}…`;
}

/** `key: value` lines without those that are empty, then the text. */
function formatDetails(entries: readonly (readonly [string, unknown])[], text: string): string {
  const lines = entries
    .filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key}: ${typeof value === "string" ? sanitize(value) : sanitize(JSON.stringify(value))}`);
  return `${lines.join("\n")}\n${text === "" ? "" : `\n${sanitize(text)}\n`}`;
}

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

export const agents = createCommand({
  name: "agents",
  singular: "agent",
  purpose: "List the agents of this folder with their models, and show where each is defined.",
  examples: ["tutti agents", "tutti agents show Engineer"],
  async list(link, cwd) {
    const { agents: rows, problems } = await link.call("agentList", { cwd });
    const cells = rows
      .filter(({ hidden }) => !hidden)
      .map(({ name, mode, model, tier, tiers, description, source }) => [
        sanitize(name),
        mode,
        sanitize(model ?? tier ?? (isEmpty(tiers) ? "-" : Object.keys(tiers).join("/"))),
        shorten(description),
        formatSource(source),
      ]);
    return { rows, table: formatTable(["NAME", "USE", "MODEL", "DESCRIPTION", "FROM"], cells), problems };
  },
  async read(link, cwd, name) {
    const agent = await link.call("agentRead", { cwd, name });
    const { prompt, description, mode, model, tier, tiers, effort, tools, permissions, steps, extra } = agent;
    const entries = [
      ["name", agent.name],
      ["description", description],
      ["use", mode],
      ["model", model],
      ["tier", tier],
      ["tiers", isEmpty(tiers) ? undefined : tiers],
      ["effort", effort],
      ["tools", tools.allow ?? "all"],
      ["without tools", tools.deny],
      ["mode", permissions.mode],
      ["allow", permissions.allow],
      ["ask", permissions.ask],
      ["deny", permissions.deny],
      ["agents", agent.agents ?? undefined],
      ["skills", agent.skills],
      ["steps", steps],
      ["isolation", agent.isolation],
      ["color", agent.color],
      ["not used by Tutti", Object.keys(extra)],
      ["from", formatSource(agent.source)],
      ["configured by", agent.configuredBy],
    ] as const;
    return { details: agent, text: formatDetails(entries, prompt) };
  },
});

export const skills = createCommand({
  name: "skills",
  singular: "skill",
  purpose: "List the skills of this folder, and show where each is defined.",
  examples: ["tutti skills", "tutti skills show FirstPrinciples"],
  async list(link, cwd) {
    const { skills: rows, problems } = await link.call("skillList", { cwd });
    const cells = rows.map(({ name, description, source }) => [
      sanitize(name),
      shorten(description),
      formatSource(source),
    ]);
    return { rows, table: formatTable(["NAME", "DESCRIPTION", "FROM"], cells), problems };
  },
  async read(link, cwd, name) {
    const skill = await link.call("skillRead", { cwd, name });
    const entries = [
      ["name", skill.name],
      ["description", skill.description],
      ["arguments", skill.argumentHint],
      ["runs in a subagent", skill.fork ? "yes" : undefined],
      ["hidden from models", skill.hidden ? "yes" : undefined],
      ["not used by Tutti", Object.keys(skill.extra)],
      ["folder", skill.folder],
      ["from", formatSource(skill.source)],
    ] as const;
    return { details: skill, text: formatDetails(entries, skill.text) };
  },
});

export const definedCommands = createCommand({
  name: "commands",
  singular: "command",
  purpose: "List the slash commands of this folder, and show where each is defined.",
  examples: ["tutti commands", "tutti commands show review"],
  async list(link, cwd) {
    const { commands: rows, problems } = await link.call("commandList", { cwd });
    const cells = rows.map(({ name, argumentHint, description, source }) => [
      sanitize(`/${name} ${argumentHint}`.trim()),
      shorten(description),
      formatSource(source),
    ]);
    return { rows, table: formatTable(["COMMAND", "DESCRIPTION", "FROM"], cells), problems };
  },
  async read(link, cwd, name) {
    const command = await link.call("commandRead", { cwd, name: name.replace(/^\//, "") });
    const entries = [
      ["name", `/${command.name}`],
      ["description", command.description],
      ["arguments", command.argumentHint],
      ["model", command.model],
      ["agent", command.agent],
      ["runs in a subagent", command.subtask ? "yes" : undefined],
      ["allow", command.allow],
      ["not used by Tutti", Object.keys(command.extra)],
      ["from", formatSource(command.source)],
    ] as const;
    return { details: command, text: formatDetails(entries, command.template) };
  },
});
