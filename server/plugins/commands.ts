/** A plugin's prompts as slash commands, `plugin:name`; the name alone where only one plugin has it. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Approval } from "./approvals.ts";
import type { Plugin } from "./host.ts";
import type { PluginPrompt } from "./link.ts";
import { fromPlugin, textOf } from "./results.ts";

type Approved = Plugin & { approval: Approval };

export const commandsOf = ({ spec, approval }: Approved) =>
  approval.prompts.map((prompt) => ({
    name: `${spec.name}:${prompt.name}`,
    title: fromPlugin(prompt.title ?? prompt.name),
    description: fromPlugin(prompt.description),
    arguments: prompt.arguments,
  }));

export function commandNamed(plugins: readonly Approved[], name: string): { plugin: Approved; prompt: PluginPrompt } {
  const all = plugins.flatMap((plugin) => plugin.approval.prompts.map((prompt) => ({ plugin, prompt })));
  const exact = all.find(({ plugin, prompt }) => `${plugin.spec.name}:${prompt.name}` === name);
  const short = all.filter(({ prompt }) => prompt.name === name);
  const found = exact ?? (short.length === 1 ? short[0] : undefined);
  if (found) return found;
  const names = (short.length > 1 ? short : all).map(({ plugin, prompt }) => `/${plugin.spec.name}:${prompt.name}`);
  throw new TuttiError(
    "notFound",
    `There is no command /${name}${names.length === 0 ? "" : `; there are: ${names.join(", ")}`}.`,
  );
}

const ASK_MS = 20_000;

export async function expand(plugins: readonly Approved[], name: string, input: string): Promise<string> {
  const { plugin, prompt } = commandNamed(plugins, name);
  const link = await plugin.link().catch((error: unknown) => {
    throw new TuttiError(
      "failed",
      `/${name} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  const messages = await link.prompt(prompt.name, valuesOf(name, prompt, input), { timeoutMs: ASK_MS });
  const text = messages.map(({ role, content }) =>
    role === "user" ? textOf(content) : `[You said:]\n${textOf(content)}`,
  );
  return fromPlugin(text.join("\n\n"));
}

function valuesOf(name: string, { arguments: wanted }: PluginPrompt, input: string): Record<string, string> {
  const words = input
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const values: Record<string, string> = {};
  const pairs = words.filter((word) => wanted.some((argument) => word.startsWith(`${argument.name}=`)));
  if (pairs.length === words.length)
    for (const word of pairs) values[word.slice(0, word.indexOf("="))] = word.slice(word.indexOf("=") + 1);
  else
    for (const [index, argument] of wanted.entries()) {
      const value = index === wanted.length - 1 ? words.slice(index).join(" ") : (words[index] ?? "");
      if (value !== "") values[argument.name] = value;
    }
  const missing = wanted.filter((argument) => argument.required && values[argument.name] === undefined);
  if (missing.length > 0) {
    const usage = wanted.map((argument) =>
      argument.required ? argument.name.toUpperCase() : `[${argument.name.toUpperCase()}]`,
    );
    throw new TuttiError(
      "usage",
      `/${name} needs ${missing.map((argument) => argument.name).join(", ")}: /${name} ${usage.join(" ")}`,
    );
  }
  return values;
}
