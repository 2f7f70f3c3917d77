/** Joins a session to the loop: which model, which tools, what the model is told, and who says yes. One call is one turn. */
import { TuttiError } from "../protocol/errors.ts";
import type { FileChange } from "../protocol/events.ts";
import type { Settings } from "../protocol/methods.ts";
import { signatureOf } from "./agent/calls.ts";
import { cutAt, summarise } from "./agent/compact.ts";
import { createGroup } from "./agent/group.ts";
import { runTurn } from "./agent/loop.ts";
import { type PromptSize, promptSize, type Surroundings, systemPrompt, toolSpecs } from "./agent/prompt.ts";
import { defaultLimits, type Judgement, type Limits, noHooks, type TurnResult } from "./agent/turn.ts";
import type { FoundInstructions } from "./customs/agents-md.ts";
import type {
  CallWorld,
  Clock,
  Hash,
  Message,
  Model,
  Tool,
  ToolOutcome,
  ToolSpec,
  ToolWorld,
  UserContent,
  Want,
} from "./ports.ts";
import { SHELL, type StoredMessage, type StoredOutcome, type StoredUserContent } from "./session/history.ts";
import { server, type TurnSession } from "./session/session.ts";

export interface TurnParts {
  clock: Clock;
  hash: Hash;
  modelFor(wanted: string | undefined): Promise<{ model: Model; why: string; warnings: string[] }>;
  toolsFor(model: Model): readonly Tool[];
  /** `past`: the session's changes of files, asked for when it has no world yet. */
  worldOf(session: string, cwd: string, past: () => FileChange[]): ToolWorld;
  judge(question: JudgeQuestion): Promise<Judgement>;
  /** What the configuration says of every turn in a folder. */
  settingsAt(cwd: string): Promise<{ sandbox: string; effort?: NonNullable<Settings["effort"]> }>;
  instructions(cwd: string): Promise<FoundInstructions>;
  surroundings(cwd: string): Promise<Surroundings>;
  holdBack(text: string): number;
}

export interface JudgeQuestion {
  tool: Tool;
  input: unknown;
  wants: readonly Want[];
  session: string;
  cwd: string;
  settings: Settings;
  approved: readonly string[];
}

export function createTurns(parts: TurnParts) {
  return async (session: TurnSession, settings: Settings): Promise<TurnResult> => {
    const { id, cwd } = session.view();
    const { effort: usual, ...means } = await parts.settingsAt(cwd);
    refuseWithoutSandbox(means);
    const { model, why, warnings } = await parts.modelFor(settings.model);
    const wanted = settings.effort ?? usual;
    const effort = wanted === undefined ? {} : { effort: wanted };
    const tools = model.tools ? parts.toolsFor(model) : [];
    const { id: name, context } = model;
    const names = tools.map((tool) => tool.name);
    session.append({ type: "model.routed", turn: session.turn, model: name, why, context, tools: names, ...effort });
    for (const text of warnings) warn(session, text);

    const size = promptSize(model);
    const system = await instruct(parts, session, cwd, size);
    const specs = toolSpecs(tools, size);
    const world = parts.worldOf(id, cwd, session.changes);
    const history = (step: number): Promise<Message[]> =>
      hydrated(session.history.messages({ turn: session.turn, step }), world);
    return runTurn({
      turn: session.turn,
      model,
      tools,
      specs,
      world,
      clock: parts.clock,
      limits: limitsOf(settings),
      signal: session.signal,
      stopped: new Promise((resolve) => session.signal.addEventListener("abort", () => resolve(), { once: true })),
      settings: { ...effort, cacheKey: id, ...(settings.answerSchema && { answerSchema: settings.answerSchema }) },
      append: (event) => void session.append(event),
      holdBack: parts.holdBack,
      sync: session.sync,
      hooks: noHooks,
      system: () => system,
      history,
      takeSteering: session.takeSteering,
      judge: (tool, input, wants) =>
        parts.judge({ tool, input, wants, session: id, cwd, settings, approved: session.approved() }),
      ask: session.ask,
      callWorld: (call) => callWorld(parts, session, world, call),
      compact: async (reason, step) =>
        compact(session, model, { system, tools: specs, cacheKey: id }, await history(step), reason, step),
      earlierCalls: earlierCalls(session),
    });
  };
}

export function refuseWithoutSandbox({ sandbox }: { sandbox: string }): void {
  if (sandbox !== "required") return;
  throw new TuttiError("sandbox", "The configuration requires a sandbox, and this version of Tutti has none.");
}

/** The instructions that the session began with; loaded where there are none, or another size of model took over. */
async function instruct(parts: TurnParts, session: TurnSession, cwd: string, size: PromptSize): Promise<string> {
  const known = session.history.instructions();
  if (known?.size === size) return known.text;
  const [{ files, warnings }, around] = await Promise.all([parts.instructions(cwd), parts.surroundings(cwd)]);
  for (const text of warnings) warn(session, text);
  const text = systemPrompt(size, around, files);
  const sources = files.map((file) => ({ path: file.path, hash: parts.hash(file.text) }));
  session.append({ type: "instructions.loaded", text, size, sources }, server);
  return text;
}

/** Once in a session: what is wrong with a model or a file is so in every turn. */
function warn(session: TurnSession, text: string): void {
  if (session.view().parts.some((part) => part.type === "notice" && part.text === text)) return;
  session.append({ type: "notice.shown", level: "warning", text }, server);
}

const limitsOf = ({ maxSteps, maxCost }: Settings): Limits => ({
  ...defaultLimits,
  ...(maxSteps !== undefined && { steps: maxSteps }),
  ...(maxCost !== undefined && { cost: maxCost }),
});

export function callWorld(
  parts: Pick<TurnParts, "clock" | "holdBack">,
  session: TurnSession,
  world: ToolWorld,
  call: string,
): CallWorld {
  /** A tool that was given up may still speak; its call has ended by then. */
  const running = (): boolean => {
    const part = session.view().parts.findLast(({ id }) => id === call);
    return part?.type === "call" && part.state === "running";
  };
  const group = createGroup(parts.clock, parts.holdBack, (text) => {
    if (running()) session.append({ type: "call.output", call, text });
  });
  return {
    ...world,
    call,
    signal: session.signal,
    output(text) {
      if (running()) group.add(text);
    },
    async ask(title, detail, choices, freeText) {
      const given = await session.ask({ kind: "choice", call, title, detail, choices, freeText });
      return given?.answer ?? null;
    },
    async plan(items) {
      session.append({ type: "plan.updated", items });
    },
    async changed(change) {
      session.append({ type: "file.changed", call, change });
      await session.sync();
    },
  };
}

/** Images are kept beside the log by name; the model gets their bytes. */
async function hydrated(messages: readonly StoredMessage[], world: ToolWorld): Promise<Message[]> {
  const bytes = (blob: string): Promise<Uint8Array | null> => world.blobs.get(blob);
  const whole: Message[] = [];
  for (const message of messages) {
    if (message.role === "assistant") whole.push(message);
    else if (message.role === "user") whole.push({ role: "user", content: await seen(message.content, bytes) });
    else whole.push({ role: "tool", results: await shown(message.results, bytes) });
  }
  return whole;
}

type Bytes = (blob: string) => Promise<Uint8Array | null>;

/** An image whose bytes did not come along, as with an imported session, is named. */
async function seen(content: StoredUserContent[], bytes: Bytes): Promise<UserContent[]> {
  const parts: UserContent[] = [];
  for (const part of content) {
    const data = part.type === "text" ? null : await bytes(part.blob);
    if (part.type === "text") parts.push(part);
    else if (data) parts.push({ type: "image", mediaType: part.mediaType, data });
    else parts.push({ type: "text", text: "[An image was here that is not kept any more.]" });
  }
  return parts;
}

async function shown(results: StoredOutcome[], bytes: Bytes): Promise<ToolOutcome[]> {
  const outcomes: ToolOutcome[] = [];
  for (const result of results) {
    const images: ToolOutcome["images"] = [];
    for (const { mediaType, blob } of result.images) {
      const data = await bytes(blob);
      if (data) images.push({ mediaType, data });
    }
    outcomes.push({ ...result, images });
  }
  return outcomes;
}

async function compact(
  session: TurnSession,
  model: Model,
  request: { system: string; tools: ToolSpec[]; cacheKey: string },
  messages: readonly Message[],
  reason: string,
  step: number,
): Promise<boolean> {
  const cut = cutAt(messages);
  const upTo = session.history.marks()[cut - 1];
  if (upTo === undefined) return false;
  const made = await summarise(model, request, messages.slice(0, cut), session.signal);
  if (!made) return false;
  const { turn } = session;
  if (made.usage) session.append({ type: "usage.counted", turn, step, model: model.id, usage: made.usage });
  session.append({ type: "history.compacted", turn, upTo, summary: made.summary, reason });
  await session.sync();
  return true;
}

/** Far enough back for a loop of two calls to show. */
const EARLIER = 2 * defaultLimits.identicalCalls;

function earlierCalls(session: TurnSession): string[] {
  const calls: string[] = [];
  const { parts } = session.view();
  const own = new Set(parts.flatMap((part) => (part.type === "prompt" && part.agent === SHELL ? [part.turn] : [])));
  for (const part of parts.toReversed()) {
    if (part.type !== "call" || own.has(part.turn)) continue;
    if (calls.push(signatureOf(part.name, part.input, part.output)) === EARLIER) break;
  }
  return calls.reverse();
}
