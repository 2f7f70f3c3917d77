/** The system prompt of a session: loaded once, and again if the prompt size, the context or the agent differs. */
import { buildSystemPrompt, type Environment, type PromptSize } from "../agent/system-prompt.ts";
import type { Agent } from "../definitions/agent.ts";
import type { LoadedInstructions } from "../instructions/agents-md.ts";
import { dependsOnContext, limitInstructions } from "../instructions/limit-instructions.ts";
import type { Hash } from "../ports.ts";
import { SERVER_AUTHOR } from "../session/session.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { formatAgentPrompt } from "./apply-agent.ts";
import { estimateTextTokens } from "./context-budget.ts";

export interface InstructionsDeps {
  hash: Hash;
  instructions(cwd: string): Promise<LoadedInstructions>;
  environment(cwd: string): Promise<Environment>;
}

/** The session's instructions; loaded if there are none, or if they differ for this prompt size or this context. */
export async function ensureInstructions(
  deps: InstructionsDeps,
  session: TurnSession,
  agent: Agent,
  { size, context }: { size: PromptSize; context: number | null },
  loadFromHooks: () => Promise<string[]>,
): Promise<string> {
  const { cwd, task } = session.view();
  const known = session.history.instructions();
  const { systemPrompt } = agent;
  const agentPrompt =
    systemPrompt === undefined
      ? formatAgentPrompt(agent, task !== undefined)
      : `${systemPrompt}\n\n${agent.prompt}`.trim();
  const named = agentPrompt === "" ? {} : { agent: agent.name };
  const isSame = known?.size === size && known.agent === named.agent;
  const isKnown = isSame && (known.context === context || !dependsOnContext(known.text, context));
  if (isKnown) return known.text;
  const [loaded, environment] = await Promise.all([
    systemPrompt === undefined ? deps.instructions(cwd) : { files: [], warnings: [] },
    deps.environment(cwd),
  ]);
  const { files, shortened } = limitInstructions(loaded.files, context);
  for (const text of loaded.warnings) warn(session, text);
  for (const path of shortened)
    warn(session, `${path} is too long for the context of this model. The rest was skipped.`);
  const core = systemPrompt === undefined ? buildSystemPrompt(size, environment, files) : "";
  const parts = [core, agentPrompt, ...(await loadFromHooks())];
  const text = parts.filter((part) => part !== "").join("\n\n");
  const sources = files.map((file) => ({
    path: file.path,
    hash: deps.hash(file.text),
    tokens: Math.round(estimateTextTokens(file.text)),
  }));
  session.append({ type: "instructions.loaded", text, size, ...named, sources }, SERVER_AUTHOR);
  return text;
}

/** Shows a warning once per session, since it would repeat in every turn. */
export function warn(session: TurnSession, text: string): void {
  if (session.view().parts.some((part) => part.type === "notice" && part.text === text)) return;
  session.append({ type: "notice.shown", level: "warning", text }, SERVER_AUTHOR);
}
