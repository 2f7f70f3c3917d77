/** A plugin's prompts as slash commands, `plugin:name`, or just the name if only one plugin has it. */
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { Approval } from "./approvals.ts";
import type { Plugin } from "./host.ts";
import type { PluginPrompt } from "./plugin-connection.ts";
import { formatContent, sanitizePluginText } from "./tool-results.ts";

type ApprovedPlugin = Plugin & { approval: Approval };

export const listCommands = ({ spec, approval }: ApprovedPlugin) =>
  approval.prompts.map((prompt) => ({
    name: `${spec.name}:${prompt.name}`,
    title: sanitizePluginText(prompt.title ?? prompt.name),
    description: sanitizePluginText(prompt.description),
    arguments: prompt.arguments,
  }));

export const hasCommand = (plugins: readonly ApprovedPlugin[], name: string): boolean =>
  plugins.some(({ spec, approval }) =>
    approval.prompts.some((prompt) => prompt.name === name || `${spec.name}:${prompt.name}` === name),
  );

export function findCommand(
  plugins: readonly ApprovedPlugin[],
  name: string,
): { plugin: ApprovedPlugin; prompt: PluginPrompt } {
  const commands = plugins.flatMap((plugin) => plugin.approval.prompts.map((prompt) => ({ plugin, prompt })));
  const exact = commands.find(({ plugin, prompt }) => `${plugin.spec.name}:${prompt.name}` === name);
  const matching = commands.filter(({ prompt }) => prompt.name === name);
  const found = exact ?? (matching.length === 1 ? matching[0] : undefined);
  if (found) return found;
  const names = (matching.length > 1 ? matching : commands).map(
    ({ plugin, prompt }) => `/${plugin.spec.name}:${prompt.name}`,
  );
  throw new TuttiError(
    "notFound",
    `There is no command /${name}.${names.length === 0 ? "" : ` Available commands: ${names.join(", ")}.`}`,
  );
}

const ASK_MS = 20_000;

export async function expandCommand(plugins: readonly ApprovedPlugin[], name: string, input: string): Promise<string> {
  const { plugin, prompt } = findCommand(plugins, name);
  const connection = await plugin.connect().catch((error: unknown) => {
    throw new TuttiError("failed", `/${name} failed: ${describeError(error)}`);
  });
  const messages = await connection.prompt(prompt.name, parseArguments(name, prompt, input), { timeoutMs: ASK_MS });
  const text = messages.map(({ role, content }) =>
    role === "user" ? formatContent(content) : `[Your response:]\n${formatContent(content)}`,
  );
  return sanitizePluginText(text.join("\n\n"));
}

function parseArguments(name: string, { arguments: parameters }: PluginPrompt, input: string): Record<string, string> {
  const words = input
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const values: Record<string, string> = {};
  const pairs = words.filter((word) => parameters.some((argument) => word.startsWith(`${argument.name}=`)));
  if (pairs.length === words.length)
    for (const word of pairs) values[word.slice(0, word.indexOf("="))] = word.slice(word.indexOf("=") + 1);
  else
    for (const [index, argument] of parameters.entries()) {
      const value = index === parameters.length - 1 ? words.slice(index).join(" ") : (words[index] ?? "");
      if (value !== "") values[argument.name] = value;
    }
  const missing = parameters.filter((argument) => argument.required && values[argument.name] === undefined);
  if (missing.length > 0) {
    const usage = parameters.map((argument) =>
      argument.required ? argument.name.toUpperCase() : `[${argument.name.toUpperCase()}]`,
    );
    throw new TuttiError(
      "usage",
      `/${name} needs ${missing.map((argument) => argument.name).join(", ")}: /${name} ${usage.join(" ")}`,
    );
  }
  return values;
}
