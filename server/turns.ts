/** Joins a session to the loop: which model, which tools, what the model is told, and who says yes. One call is one turn. */
import { TuttiError } from "../protocol/errors.ts";
import type { FileChange } from "../protocol/events.ts";
import type { Settings } from "../protocol/methods.ts";
import { signatureOf } from "./agent/calls.ts";
import { cutAt, summarise } from "./agent/compact.ts";
import { createGroup } from "./agent/group.ts";
import { runTurn } from "./agent/loop.ts";
import { type PromptSize, promptSize, type Surroundings, systemPrompt, toolSpecs } from "./agent/prompt.ts";
import { defaultLimits, type Judgement, type Limits, type TurnResult } from "./agent/turn.ts";
import type { FoundInstructions } from "./customs/agents-md.ts";
import { type HookedTurn, hookTurn } from "./hooked-turn.ts";
import type { Bell } from "./plugins/hooks.ts";
import type {
  CallWorld,
  Clock,
  Hash,
  Message,
  Model,
  ProcessSpec,
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
  /** What plugins bring to a turn in this folder. */
  plugged(session: string, cwd: string): Promise<Plugged>;
}

/** Tools, hooks and what a person should know; `listed`: the names of the tools that a model is told of from the start. */
export interface Plugged {
  tools: readonly Tool[];
  listed(tool: Tool): boolean;
  bell: Bell;
  warnings: readonly string[];
  /** Whether this is the session's first turn in this server. */
  first: boolean;
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
    const plugged = await parts.plugged(id, cwd);
    const tools = model.tools ? [...parts.toolsFor(model), ...plugged.tools] : [];
    const listed = tools.filter(plugged.listed);
    const { id: name, context } = model;
    const names = listed.map((tool) => tool.name);
    const hooks = hookTurn(plugged.bell, session, names);
    session.append({ type: "model.routed", turn: session.turn, model: name, why, context, tools: names, ...effort });
    for (const text of [...warnings, ...plugged.warnings]) warn(session, text);
    const known = session.history.instructions() !== null;
    const stopped = await hooks.begin(plugged.first ? (known ? "resumed" : "new") : null);
    if (stopped) return ending(hooks, stopped);

    const size = promptSize(model);
    const system = await instruct(parts, session, cwd, size, () => hooks.instructions(name));
    const specs = toolSpecs(listed, size);
    const world = hookedWorld(parts.worldOf(id, cwd, session.changes), plugged.bell, hooks);
    const history = (step: number): Promise<Message[]> =>
      hydrated(session.history.messages({ turn: session.turn, step }), world);
    const result = await runTurn({
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
      append(event) {
        session.append(event);
        hooks.saw(event);
      },
      holdBack: parts.holdBack,
      sync: session.sync,
      hooks,
      system: () => system,
      history,
      takeSteering: session.takeSteering,
      judge: (tool, input, wants) =>
        parts.judge({ tool, input, wants, session: id, cwd, settings, approved: session.approved() }),
      ask: session.ask,
      callWorld: (call) => callWorld(parts, session, world, call, hooks.fileChanged),
      async compact(reason, step) {
        const keep = await hooks.compacting(reason);
        const request = { system, tools: specs, cacheKey: id };
        return compact(session, model, request, await history(step), { reason, step, keep });
      },
      earlierCalls: earlierCalls(session),
    });
    return ending(hooks, result);
  };
}

async function ending(hooks: HookedTurn, result: TurnResult): Promise<TurnResult> {
  await hooks.ended(result);
  return result;
}

/** Commands get what hooks add to their environment. */
function hookedWorld(world: ToolWorld, bell: Bell, hooks: HookedTurn): ToolWorld {
  if (!bell.listens("shell.env")) return world;
  const { processes } = world;
  const withEnv = async (spec: ProcessSpec): Promise<ProcessSpec> => ({
    ...spec,
    env: { ...(await hooks.shellEnv()), ...spec.env },
  });
  return {
    ...world,
    processes: {
      ...processes,
      run: async (spec) => processes.run(await withEnv(spec)),
      background: async (spec) => processes.background(await withEnv(spec)),
    },
  };
}

export function refuseWithoutSandbox({ sandbox }: { sandbox: string }): void {
  if (sandbox !== "required") return;
  throw new TuttiError("sandbox", "The configuration requires a sandbox, and this version of Tutti has none.");
}

/** The instructions that the session began with; loaded where there are none, or another size of model took over. */
async function instruct(
  parts: TurnParts,
  session: TurnSession,
  cwd: string,
  size: PromptSize,
  more: () => Promise<string[]>,
): Promise<string> {
  const known = session.history.instructions();
  if (known?.size === size) return known.text;
  const [{ files, warnings }, around] = await Promise.all([parts.instructions(cwd), parts.surroundings(cwd)]);
  for (const text of warnings) warn(session, text);
  const text = [systemPrompt(size, around, files), ...(await more())].join("\n\n");
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
  told: (call: string, change: FileChange) => Promise<void> = async () => undefined,
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
      await told(call, change);
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
  { reason, step, keep }: { reason: string; step: number; keep: readonly string[] },
): Promise<boolean> {
  const cut = cutAt(messages);
  const upTo = session.history.marks()[cut - 1];
  if (upTo === undefined) return false;
  const made = await summarise(model, request, messages.slice(0, cut), session.signal);
  if (!made) return false;
  const { turn } = session;
  if (made.usage) session.append({ type: "usage.counted", turn, step, model: model.id, usage: made.usage });
  session.append({ type: "history.compacted", turn, upTo, summary: [made.summary, ...keep].join("\n\n"), reason });
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
