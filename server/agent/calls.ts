/**
 * The calls of one answer: understood, judged, asked about, run, ended. Calls that tools allow run side by side; the others keep
 * their place in the order. Each call that was asked gets exactly one `call.done`.
 */
import type { CallKind, EndedCallState, Failure, SessionEvent } from "../../protocol/events.ts";
import type { Plan, Tool, ToolResult } from "../ports.ts";
import type { Guard } from "./guard.ts";
import type { AskedCall } from "./speak.ts";
import type { AskedQuestion, HookedCall, TurnWorld } from "./turn.ts";

/** How long a cancelled tool may take to end by itself before its call is ended without it. */
const GRACE_MS = 100;

const LOOKS: ReadonlySet<CallKind> = new Set(["read", "search"]);

export interface CallsResult {
  /** Ends the turn. */
  failure: Failure | null;
  /** The last call was refused, whoever or whatever said no. */
  refused: Failure | null;
}

interface Prepared {
  id: string;
  asked: AskedCall;
  tool: Tool | null;
  input: unknown;
  plan: Plan | null;
  problem: string | null;
  /** The fault is the model's: it counts towards giving up. */
  misread: boolean;
}

interface Ended {
  state: EndedCallState;
  output: string;
  result?: ToolResult;
  /** It was refused because nobody was there to be asked. */
  unasked?: boolean;
}

interface Refusal {
  why: string;
  unasked: boolean;
}

export async function runCalls(world: TurnWorld, step: number, asked: AskedCall[], guard: Guard): Promise<CallsResult> {
  // Word characters only: some endpoints refuse ids with any other.
  const calls = await Promise.all(
    asked.map((call, index) => prepare(world, `call_${world.turn}_${step}_${index + 1}`, call, index)),
  );
  for (const call of calls) world.append(askedEvent(world.turn, step, call));

  const ended: Ended[] = [];
  for (let from = 0; from < calls.length; ) {
    const to = endOfBatch(calls, from, world.limits.parallelCalls);
    const batch = calls.slice(from, to);
    const stale = from > 0;
    const results = await Promise.all(batch.map((call) => runOne(world, call, stale)));
    ended.push(...results);
    from = to;
  }
  return judgeAll(calls, ended, guard);
}

async function prepare(world: TurnWorld, id: string, asked: AskedCall, index: number): Promise<Prepared> {
  const named = world.tools.find(({ name }) => name === asked.name) ?? null;
  const meant = named?.standsFor?.(asked.input) ?? null;
  const tool = meant?.tool ?? named;
  const broken = (problem: string, misread = true): Prepared => ({
    id,
    asked,
    tool,
    input: null,
    plan: null,
    problem,
    misread,
  });
  if (index >= world.limits.callsPerStep) {
    return broken(`not run: at most ${world.limits.callsPerStep} calls are taken from one answer`, false);
  }
  if (asked.problem !== undefined) return broken(asked.problem);
  if (!tool)
    return broken(
      `there is no tool named ${JSON.stringify(asked.name)}; there are: ${world.tools.map(({ name }) => name).join(", ")}`,
    );
  const parsed = tool.parse(meant ? meant.input : asked.input);
  if (!parsed.ok) return broken(parsed.problem);
  return { id, asked, tool, input: parsed.input, misread: false, ...(await planned(world, tool, parsed.input)) };
}

/** A plan looks at the world, which may refuse; then the refusal is what the model is told. */
async function planned(world: TurnWorld, tool: Tool, input: unknown): Promise<Pick<Prepared, "plan" | "problem">> {
  try {
    return { plan: await tool.plan(input, world.world), problem: null };
  } catch (error) {
    return { plan: null, problem: message(error) };
  }
}

function askedEvent(turn: string, step: number, { id, asked, tool, plan }: Prepared): SessionEvent {
  return {
    type: "call.asked",
    turn,
    step,
    call: id,
    name: asked.name,
    kind: tool?.kind ?? "other",
    title: plan?.title ?? asked.name,
    input: asked.input,
    ...(asked.problem !== undefined && { raw: asked.raw }),
    locations: plan?.locations ?? [],
    ...(asked.replay && { replay: asked.replay }),
  };
}

function endOfBatch(calls: readonly Prepared[], from: number, most: number): number {
  let to = from + 1;
  if (!calls[from]?.tool?.parallel) return to;
  while (to < calls.length && to - from < most && calls[to]?.tool?.parallel) to += 1;
  return to;
}

async function runOne(world: TurnWorld, call: Prepared, stale: boolean): Promise<Ended> {
  const ended = await decideAndRun(world, call, stale);
  const { result } = ended;
  world.append({
    type: "call.done",
    call: call.id,
    state: ended.state,
    output: ended.output,
    ...(result?.title !== undefined && { title: result.title }),
    ...(result?.blob !== undefined && { blob: result.blob }),
    ...(result?.diff !== undefined && { diff: result.diff }),
    ...(result?.images && { images: await keepImages(world, result.images) }),
  });
  return ended;
}

async function decideAndRun(world: TurnWorld, call: Prepared, stale: boolean): Promise<Ended> {
  const { tool } = call;
  if (world.signal.aborted) return { state: "interrupted", output: "not run: the turn was stopped first" };
  if (call.problem !== null || !tool) return { state: "failed", output: call.problem ?? "not run" };
  // What an earlier call of this answer did may have changed what this one would do.
  const found = stale ? await planned(world, tool, call.input) : call;
  if (!found.plan) return { state: "failed", output: found.problem ?? "not run" };

  const hooked = { call: call.id, tool: tool.name, kind: tool.kind, title: found.plan.title, input: call.asked.input };
  const said = await world.hooks.toolBefore(hooked);
  const { input, plan, problem } = await rewritten(world, tool, said.input, { input: call.input, plan: found.plan });
  if (!plan) return { state: "failed", output: problem ?? "not run" };
  const refusal = await permitted(world, { ...hooked, title: plan.title }, tool, input, plan, said);
  if (world.signal.aborted) return { state: "interrupted", output: "not run: the turn was stopped first" };
  if (refusal !== null) return { state: "refused", output: refusal.why, unasked: refusal.unasked };

  world.append({ type: "call.started", call: call.id });
  // Looking does nothing to the world: the start is on the disk with the end, before anyone is told.
  if (!LOOKS.has(tool.kind)) await world.sync();
  const ended = await run(world, call.id, tool, input, plan);
  if (ended.state === "interrupted") return ended;
  const more = await world.hooks.toolAfter(hooked, ended.state === "done", ended.output);
  return more === "" ? ended : { ...ended, output: `${ended.output}\n\n${more}` };
}

interface Ready {
  input: unknown;
  plan: Plan | null;
  problem?: string | null;
}

/** What a hook puts in the place of the model's input is read and planned like that. */
async function rewritten(world: TurnWorld, tool: Tool, input: unknown, asked: Ready): Promise<Ready> {
  if (input === undefined) return asked;
  const parsed = tool.parse(input);
  if (!parsed.ok) return { input, plan: null, problem: `a hook changed the input, and ${parsed.problem}` };
  return { input: parsed.input, ...(await planned(world, tool, parsed.input)) };
}

/** Null is yes. A rule that denies is stronger than any hook, and a hook that asks or denies is stronger than a rule that allows. */
async function permitted(
  world: TurnWorld,
  hooked: HookedCall,
  tool: Tool,
  input: unknown,
  plan: Plan,
  said: Awaited<ReturnType<TurnWorld["hooks"]["toolBefore"]>>,
): Promise<Refusal | null> {
  const no = (why: string, unasked = false): Refusal => ({ why, unasked });
  if (said.decision === "deny") return no(`refused: ${said.reason ?? "a hook refuses it"}`);
  const judgement = await world.judge(tool, input, plan.wants);
  if (judgement.decision === "deny") return no(`refused: ${judgement.reason}`);
  if (said.decision !== "ask") {
    if (judgement.decision === "allow") return null;
    if (said.decision === "allow" && !judgement.firm) return null;
  }
  const asks = judgement.decision === "ask" ? judgement : null;
  const byHook = said.decision === "ask";
  const reason = byHook ? (said.reason ?? "a hook wants it asked") : (asks?.reason ?? "");
  const detail = plan.preview ?? JSON.stringify(input, null, 2);
  const instead = await world.hooks.permissionAsked(hooked, detail);
  const firm = byHook || asks?.firm === true;
  const given =
    instead && (instead.answer === "no" || !firm)
      ? instead
      : await world.ask(
          questionOf(
            hooked,
            `${tool.name}: ${plan.title}`,
            byHook ? `${reason}\n\n${detail}` : detail,
            byHook ? undefined : asks?.always,
          ),
        );
  if (!given) return no(`refused: ${reason}, and nobody was there to be asked`, true);
  if (given.answer === "yes" || given.answer === "always") return null;
  const by = `refused by ${given.by.name}`;
  return no(given.answer === "no" ? by : `${by}, who says: ${given.answer}`);
}

function questionOf({ call }: HookedCall, title: string, detail: string, always: string | undefined): AskedQuestion {
  return {
    kind: "permission",
    call,
    title,
    detail,
    choices: [
      { id: "yes", label: "Yes" },
      ...(always === undefined ? [] : [{ id: "always", label: `Always allow ${always}` }]),
      { id: "no", label: "No" },
    ],
    freeText: true,
    ...(always !== undefined && { always }),
  };
}

async function run(world: TurnWorld, call: string, tool: Tool, input: unknown, plan: Plan): Promise<Ended> {
  const work = tool.run(input, world.callWorld(call, world.signal), plan).then(
    (result): Ended => ({ state: result.ok ? "done" : "failed", output: result.output, result }),
    (error): Ended => ({ state: world.signal.aborted ? "interrupted" : "failed", output: message(error) }),
  );
  const ended = await Promise.race([work, givenUp(world)]);
  return world.signal.aborted && ended.state !== "done" ? { ...ended, state: "interrupted" } : ended;
}

async function givenUp({ stopped, clock }: TurnWorld): Promise<Ended> {
  await stopped;
  await clock.sleep(GRACE_MS);
  return {
    state: "interrupted",
    output: "interrupted: the turn was stopped while this ran; what it had done by then stays done",
  };
}

const keepImages = (world: TurnWorld, images: NonNullable<ToolResult["images"]>) =>
  Promise.all(images.map(async ({ mediaType, data }) => ({ mediaType, blob: await world.world.blobs.put(data) })));

function judgeAll(calls: readonly Prepared[], ended: readonly Ended[], guard: Guard): CallsResult {
  let failure: Failure | null = null;
  let refused: Failure | null = null;
  for (const [index, call] of calls.entries()) {
    const end = ended[index];
    if (!end) continue;
    const signature = signatureOf(call.asked.name, call.asked.input, end.output);
    failure ??= guard.understood(!call.misread);
    refused = null;
    if (end.state !== "refused") failure ??= call.input === null ? null : guard.called(signature);
    else {
      failure ??= guard.refused(`${call.asked.name} ${JSON.stringify(call.asked.input)}`);
      const advice = end.unasked ? `; allow it beforehand, by the mode or by a rule of ${call.asked.name}.` : "";
      refused = { code: "refused", message: `${call.plan?.title ?? call.asked.name}: ${end.output}${advice}` };
    }
  }
  return { failure, refused };
}

/** What makes two calls the same: a repeated look at something that changes is not a loop. */
export const signatureOf = (name: string, input: unknown, output: string): string =>
  `${name} ${JSON.stringify(input)} ${output}`;

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
