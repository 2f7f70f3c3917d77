/**
 * Expands a prompt such as `/review main`: the text of a command or a skill of that name, with its arguments. In the log, the prompt
 * stays as it was typed, and the expanded text follows as its replacement for the model.
 */
import type { Settings } from "../../protocol/events.ts";
import type { PermissionDecision, QuestionRequest } from "../agent/turn-context.ts";
import type { Command, Skill } from "../definitions/skill.ts";
import type { PermissionRequest } from "../permission/judge.ts";
import type { Access, Tool, ToolContext } from "../ports.ts";
import { SERVER_AUTHOR } from "../session/session.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { fillArguments, formatSkill } from "../tools/skill.ts";
import type { PromptCommand } from "./find-prompt-command.ts";

export interface RunInput {
  session: TurnSession;
  context: ToolContext;
  /** With `bash` and `read`. */
  tools: readonly Tool[];
  judge(request: PermissionRequest): Promise<PermissionDecision>;
  settings: Settings;
}

type Expanded = { text: string } | { problem: string };

/** Records the expanded text; resolves with a reason if it cannot be expanded. */
export async function expandPrompt(command: PromptCommand, input: RunInput): Promise<string | null> {
  const { session } = input;
  const expanded = await expandText(command, input);
  if ("problem" in expanded) return expanded.problem;
  session.append(
    { type: "hook.done", hook: "prompt.before", effect: "rewrote", turn: session.turn, text: expanded.text },
    SERVER_AUTHOR,
  );
  return null;
}

/** What the model gets for a prompt or a message that names a command or a skill. */
export async function expandText({ command, skill, args }: PromptCommand, input: RunInput): Promise<Expanded> {
  if (skill) return { text: skill.fork ? forkSkill(skill, args) : await formatSkill(skill, args) };
  const filled = await fillTemplate(command.template, args, input);
  if ("problem" in filled) return { problem: `/${command.name}: ${filled.problem}` };
  return command.subtask ? { text: forkCommand(command, filled.text) } : filled;
}

const forkSkill = ({ name }: Skill, args: string): string =>
  `Call the skill tool with the name ${JSON.stringify(name)} and the arguments ${JSON.stringify(args)}, then report its result.`;

const forkCommand = ({ agent = "general", description }: Command, text: string): string =>
  `Call the task tool once, with the agent ${JSON.stringify(agent)}, the title ${JSON.stringify(description.slice(0, 60))} and this prompt, then report its result:\n\n${text}`;

/** Commands in the template run first: the arguments never become part of a command that was not written with them. */
async function fillTemplate(template: string, args: string, input: RunInput): Promise<Expanded> {
  const hasPlaceholder = /\$(ARGUMENTS\b|[1-9](?!\d))/.test(template);
  const parts = template.split(/(!`[^`\n]+`)/);
  const filled: string[] = [];
  for (const part of parts) {
    const [, line] = /^!`([^`\n]+)`$/.exec(part) ?? [];
    if (line === undefined) filled.push(await inlineFiles(fillArguments(part, args), input));
    else {
      const ran = await runLine(fillArguments(line, args, quoteWord), input);
      if ("problem" in ran) return ran;
      filled.push(ran.text);
    }
  }
  const text = filled.join("").trim();
  return { text: hasPlaceholder || args === "" ? text : `${text}\n\n${args}` };
}

/** Arguments in a command line are words, whatever they contain. */
const quoteWord = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

const MAX_OUTPUT = 20_000;

/** Runs a command line as a call of the model would run: allowed, asked or refused. */
async function runLine(command: string, input: RunInput): Promise<Expanded> {
  const { session, context } = input;
  const access: Access = { kind: "execute", command, cwd: context.cwd };
  const permission = await decide("bash", { command }, access, input);
  if (permission.decision === "deny") return { problem: `\`${command}\` was not run: ${permission.reason}` };
  if (permission.decision === "ask") {
    const resolution = await session.ask(createQuestion(command, permission.reason));
    if (!resolution)
      return { problem: `\`${command}\` was not run: ${permission.reason}, and no one was available to approve it` };
    if (!("choice" in resolution.answer) || resolution.answer.choice !== "yes")
      return { problem: `\`${command}\` was not run: it was refused by ${resolution.by.name}` };
  }
  const { argv, env } = await context.chooseShell(command);
  const end = await context.processes.run({ argv, cwd: context.cwd, env, timeoutMs: 120_000, signal: session.signal });
  const output = [end.head, end.tail].filter(Boolean).join("\n");
  session.append(
    {
      type: "notice.shown",
      level: "info",
      text: `Ran \`${command}\` for this prompt (exit code ${end.code ?? "none"}).`,
    },
    SERVER_AUTHOR,
  );
  return { text: output.slice(0, MAX_OUTPUT).trimEnd() };
}

async function decide(name: string, args: unknown, access: Access, input: RunInput): Promise<PermissionDecision> {
  const { session, tools, judge, settings } = input;
  const { id, cwd } = session.view();
  const tool = tools.find((one) => one.name === name);
  if (!tool) return { decision: "deny", reason: `this agent has no tool ${name}` };
  const request = { tool, input: args, accesses: [access], session: id, cwd, settings };
  return judge({ ...request, approved: session.approvedRules() });
}

const createQuestion = (command: string, reason: string): QuestionRequest => ({
  kind: "approval",
  title: `bash: ${command}`,
  detail: `${command}\n\nThe prompt's command runs this: ${reason}.`,
  choices: [
    { id: "yes", label: "Approve" },
    { id: "no", label: "Deny" },
  ],
  freeText: false,
});

const MAX_FILE = 256 * 1024;

/** `@path` of a file in the workspace that may be read without approval is followed by its content. */
async function inlineFiles(text: string, input: RunInput): Promise<string> {
  const { files, cwd } = input.context;
  const names = [...new Set(Array.from(text.matchAll(/(?<=^|\s)@([\w./-]*\w)/g), ([, name = ""]) => name))];
  const blocks: string[] = [];
  for (const name of names) {
    const stat = await files.stat(`${cwd}/${name}`).catch(() => null);
    if (stat?.kind !== "file") continue;
    const access: Access = { kind: "read", path: stat.real, shown: name };
    if ((await decide("read", { path: name }, access, input)).decision !== "allow") continue;
    const bytes = await files.read(stat.real, MAX_FILE).catch(() => null);
    if (bytes) blocks.push(`<file path="${name}">\n${new TextDecoder().decode(bytes).trimEnd()}\n</file>`);
  }
  return blocks.length === 0 ? text : `${text}\n\n${blocks.join("\n\n")}`;
}
