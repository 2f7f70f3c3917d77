/** skill: loads the text of a skill, or runs it in a subagent. */
import { describeError } from "../../protocol/errors.ts";
import { findNearest } from "../../protocol/nearest.ts";
import type { Tool, ToolCallContext, ToolResult } from "../ports.ts";
import { failWith } from "./apply-file-change.ts";
import { type Fields, normalizeFields, readFields, toSchema } from "./input-schema.ts";
import { formatTask } from "./task-output.ts";

export interface OfferedSkill {
  name: string;
  /** One line. */
  description: string;
  /** Where relative paths in its text start; absent if it has no files. */
  folder?: string;
  /** It runs in a subagent: this agent, or a general one. */
  fork: boolean;
  agent?: string;
  /** Not listed, but it can be used by name. */
  hidden: boolean;
  read(): Promise<string>;
}

export interface OfferedSkills {
  find(name: string): OfferedSkill | undefined;
  list(): readonly OfferedSkill[];
}

const fields = {
  name: { type: "text", aliases: ["skill", "skill_name", "command"] },
  args: {
    type: "text",
    optional: true,
    empty: true,
    description: "what to do with it",
    aliases: ["arguments", "input"],
  },
} satisfies Fields;

interface Input {
  name: string;
  args: string;
}

const PURPOSE = "Load a skill: instructions for one kind of task. Load it before you start such a task.";
const NAMES_LEFT_OUT = "(more exist; use a name that the user mentions)";

/** `maxLength`: characters for the list of skills. */
export function createSkillTool(skills: OfferedSkills, maxLength: number): Tool<Input> {
  const listed = skills.list().filter(({ hidden }) => !hidden);
  const description = `${PURPOSE} Skills:\n${listSkills(listed, maxLength)}`;
  return {
    name: "skill",
    kind: "read",
    description,
    long: "",
    schema: toSchema(fields),
    normalize: (input) => normalizeFields(fields, input),
    parallel: true,
    parse(input) {
      const read = readFields("skill", fields, input);
      return read.ok
        ? { ok: true, input: { name: read.input.name.replace(/^\//, ""), args: read.input.args ?? "" } }
        : read;
    },
    prepare: async ({ name }) => ({
      title: skills.find(name)?.name ?? name,
      locations: [],
      accesses: [{ kind: "none" }],
    }),
    run: (input, context) => run(skills, input, context),
  };
}

async function run(skills: OfferedSkills, { name, args }: Input, context: ToolCallContext): Promise<ToolResult> {
  const skill = skills.find(name);
  if (!skill) {
    const names = skills.list().map((one) => one.name);
    const near = findNearest(name, names);
    return failWith(
      `There is no skill ${name}. ${near === null ? `Available skills: ${names.join(", ")}.` : `Did you mean ${near}?`}`,
    );
  }
  try {
    const text = await formatSkill(skill, args);
    if (!skill.fork || context.subagents === null) return { ok: true, output: text, title: skill.name };
    return await runInSubagent(skill, text, context);
  } catch (error) {
    return failWith(describeError(error));
  }
}

/** What the model gets of a skill. */
export async function formatSkill({ name, folder, read }: OfferedSkill, args: string): Promise<string> {
  const text = await read();
  const filled = fillArguments(text, args);
  const given = args.trim() === "" || filled !== text ? "" : `\n\nArguments: ${args.trim()}`;
  const place = folder === undefined ? "" : ` Its base directory is ${folder}; relative paths in it start there.`;
  return `Skill ${name}.${place}\n\n${filled}${given}`;
}

/** `$ARGUMENTS` is all of it, `$1` to `$9` are its words; quotes keep words together. Without a placeholder, the text stays as it is. */
export function fillArguments(text: string, args: string, quote?: (word: string) => string): string {
  const words = (args.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/s, "$2"));
  const whole = quote ? words.map(quote).join(" ") : args.trim();
  return text.replaceAll(/\$(ARGUMENTS\b|[1-9](?!\d))/g, (_, name: string) => {
    const word = words[Number(name) - 1];
    return name === "ARGUMENTS" ? whole : word === undefined ? "" : quote ? quote(word) : word;
  });
}

async function runInSubagent(skill: OfferedSkill, prompt: string, context: ToolCallContext): Promise<ToolResult> {
  const { subagents, signal, call } = context;
  if (subagents === null) return failWith("This session may start no agent.");
  const request = {
    ...(skill.agent !== undefined && { agent: skill.agent }),
    prompt,
    title: skill.name,
    background: false,
    call,
    onActivity: (title: string) => context.output(`${title}\n`),
  };
  const id = await subagents.start(request, signal);
  const state = await subagents.wait(id, null, signal);
  return { ok: state.state === "done", output: formatTask(state, ""), title: skill.name };
}

/** Shorter descriptions before fewer names: with a name alone, a skill can still be used. */
const LENGTHS = [1024, 512, 300, 200, 120, 80];

function listSkills(skills: readonly OfferedSkill[], maxLength: number): string {
  for (const length of LENGTHS) {
    const lines = skills.map(({ name, description }) => `- ${name}: ${shorten(description, length)}`).join("\n");
    if (lines.length <= maxLength) return lines;
  }
  const names: string[] = [];
  let left = maxLength - NAMES_LEFT_OUT.length;
  for (const { name } of skills) {
    left -= name.length + 2;
    if (left < 0) return `${names.join(", ")} ${NAMES_LEFT_OUT}`.trim();
    names.push(name);
  }
  return names.join(", ");
}

/** Ends with a whole word. */
function shorten(line: string, length: number): string {
  if (line.length <= length) return line;
  const cut = line.slice(0, length - 1);
  const space = cut.lastIndexOf(" ");
  return `${(/\s/.test(line[length - 1] ?? "") || space <= 0 ? cut : cut.slice(0, space)).trimEnd()}…`;
}
