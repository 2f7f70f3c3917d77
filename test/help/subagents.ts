/** Sessions whose scripted model answers by the first prompt, so that parallel subagents have scripts of their own. */
import assert from "node:assert/strict";
import type { ModelRequest } from "../../server/ports.ts";
import type { Session } from "../../server/session/session.ts";
import type { AgentBench } from "./agent-bench.ts";
import { createAgent, createAgents } from "./agents.ts";
import { done, type ScriptedEvent, scriptedModel, text } from "./scripted-model.ts";

export const taskAgents = createAgents(
  createAgent({ name: "general", mode: "subagent" }),
  createAgent({
    name: "Engineer",
    prompt: "You build things.",
    permissions: { allow: ["bash"], ask: [], deny: ["bash(rm:*)"] },
  }),
  createAgent({ name: "explore", mode: "subagent", tools: { allow: ["read", "grep"], deny: [] } }),
);

/** The prompt of a request, and the number of its responses so far. */
const promptOf = ({ messages }: ModelRequest): string => {
  const first = messages.find(({ role }) => role === "user");
  const part = first?.role === "user" ? first.content[0] : undefined;
  return part?.type === "text" ? part.text : "";
};
const stepOf = ({ messages }: ModelRequest): number => messages.filter(({ role }) => role === "assistant").length + 1;

export type Script = Readonly<Record<string, (step: number, request: ModelRequest) => readonly ScriptedEvent[]>>;

/** Answers by the first prompt of a session. */
export const byPrompt = (script: Script) =>
  scriptedModel([
    (request) =>
      script[promptOf(request)]?.(stepOf(request), request) ?? [text(`No script for ${promptOf(request)}`), done],
  ]);

export const results = (session: Session): string[] =>
  session.view().parts.flatMap((part) => (part.type === "call" ? [part.output] : []));

export const childOf = (bench: AgentBench, session: Session, index = 0): Session => {
  const child = bench.sessions.live(session.view().tasks[index]?.id ?? "");
  assert.ok(child, "the subagent's session is open");
  return child;
};
