/**
 * Runs the tool calls of one response: parses, checks permissions, asks for approval, runs and records them. Calls of parallel tools
 * run concurrently, all others in order. Each `call.asked` gets exactly one `call.done`.
 */
import { describeError } from "../../protocol/errors.ts";
import type { Author, CallKind, EndedCallState, Failure, SessionEvent } from "../../protocol/events.ts";
import type { Access, PreparedCall, Tool, ToolResult } from "../ports.ts";
import { isWithin } from "../workspace/within.ts";
import type { LoopDetector } from "./loop-detector.ts";
import type { RequestedCall } from "./stream-response.ts";
import type { HookedCall, QuestionRequest, TurnContext } from "./turn-context.ts";

/** How long a cancelled tool may take to end before its call is recorded as interrupted. */
const GRACE_MS = 100;

const READ_ONLY_KINDS: ReadonlySet<CallKind> = new Set(["read", "search"]);

export interface CallsResult {
  /** Ends the turn. */
  failure: Failure | null;
  /** Set if the last call was refused, by a user, a rule or a hook. */
  refused: Failure | null;
}

interface PendingCall {
  id: string;
  requested: RequestedCall;
  tool: Tool | null;
  /** The arguments of the tool itself, not of one that it was called through. */
  arguments: unknown;
  input: unknown;
  prepared: PreparedCall | null;
  problem: string | null;
  /** The model's call is malformed: it counts towards the limit of invalid calls. */
  invalid: boolean;
}

interface CallOutcome {
  state: EndedCallState;
  output: string;
  result?: ToolResult;
  /** It was refused because no user was available to approve it. */
  noApprover?: boolean;
}

interface Refusal {
  reason: string;
  noApprover: boolean;
}

export async function runCalls(
  context: TurnContext,
  step: number,
  requested: RequestedCall[],
  loopDetector: LoopDetector,
): Promise<CallsResult> {
  // Word characters only: some endpoints refuse ids with any other.
  const calls = await Promise.all(
    requested.map((call, index) => prepareCall(context, `call_${context.turn}_${step}_${index + 1}`, call, index)),
  );
  for (const call of calls) context.append(toAskedEvent(context.turn, step, call));

  const ended: CallOutcome[] = [];
  for (let from = 0; from < calls.length; ) {
    const to = findBatchEnd(calls, from, context.limits.parallelCalls);
    const batch = calls.slice(from, to);
    const stale = from > 0;
    const results = await Promise.all(batch.map((call) => runCall(context, call, stale)));
    ended.push(...results);
    from = to;
  }
  return checkForLoops(calls, ended, loopDetector);
}

async function prepareCall(
  context: TurnContext,
  id: string,
  requested: RequestedCall,
  index: number,
): Promise<PendingCall> {
  const named = context.tools.find(({ name }) => name === requested.name) ?? null;
  const target = named?.resolveTarget?.(requested.input) ?? null;
  const tool = target?.tool ?? named;
  const args = target ? target.input : requested.input;
  const reject = (problem: string, invalid = true): PendingCall => ({
    id,
    requested,
    tool,
    arguments: args,
    input: null,
    prepared: null,
    problem,
    invalid,
  });
  if (index >= context.limits.callsPerStep) {
    return reject(`not run: at most ${context.limits.callsPerStep} calls are run of one response`, false);
  }
  if (requested.problem !== undefined) return reject(requested.problem);
  if (!tool)
    return reject(
      `there is no tool named ${JSON.stringify(requested.name)}; available tools: ${context.tools.map(({ name }) => name).join(", ")}`,
    );
  const parsed = tool.parse(args);
  if (!parsed.ok) return reject(parsed.problem);
  return {
    id,
    requested,
    tool,
    arguments: args,
    input: parsed.input,
    invalid: false,
    ...(await tryPrepare(context, tool, parsed.input)),
  };
}

/** Preparing accesses files, which may fail; the error is then the output of the call. */
async function tryPrepare(
  context: TurnContext,
  tool: Tool,
  input: unknown,
): Promise<Pick<PendingCall, "prepared" | "problem">> {
  try {
    return { prepared: await tool.prepare(input, context.toolContext), problem: null };
  } catch (error) {
    return { prepared: null, problem: describeError(error) };
  }
}

function toAskedEvent(turn: string, step: number, { id, requested, tool, prepared }: PendingCall): SessionEvent {
  return {
    type: "call.asked",
    turn,
    step,
    call: id,
    name: requested.name,
    kind: tool?.kind ?? "other",
    title: prepared?.title ?? requested.name,
    input: requested.input,
    ...(requested.problem !== undefined && { raw: requested.raw }),
    locations: prepared?.locations ?? [],
    ...(requested.providerMetadata && { providerMetadata: requested.providerMetadata }),
  };
}

function findBatchEnd(calls: readonly PendingCall[], from: number, max: number): number {
  let to = from + 1;
  if (!calls[from]?.tool?.parallel) return to;
  while (to < calls.length && to - from < max && calls[to]?.tool?.parallel) to += 1;
  return to;
}

async function runCall(context: TurnContext, call: PendingCall, stale: boolean): Promise<CallOutcome> {
  const done = await decideAndRun(context, call, stale);
  const { result } = done;
  const limited = await context.limitOutput({
    ...(result?.blob !== undefined && { blob: result.blob }),
    output: done.output,
  });
  const ended = { ...done, output: limited.output };
  context.append({
    type: "call.done",
    call: call.id,
    state: ended.state,
    output: ended.output,
    ...(result?.title !== undefined && { title: result.title }),
    ...(limited.blob !== undefined && { blob: limited.blob }),
    ...(result?.diff !== undefined && { diff: result.diff }),
    ...(result?.images && { images: await storeImages(context, result.images) }),
  });
  return ended;
}

async function decideAndRun(context: TurnContext, call: PendingCall, stale: boolean): Promise<CallOutcome> {
  const { tool } = call;
  if (context.signal.aborted) return { state: "interrupted", output: "not run: the turn was cancelled" };
  if (call.problem !== null || !tool) return { state: "failed", output: call.problem ?? "not run" };
  // An earlier call of this response may have changed the result of preparing this one.
  const found = stale ? await tryPrepare(context, tool, call.input) : call;
  if (!found.prepared) return { state: "failed", output: found.problem ?? "not run" };

  const normalize = (input: unknown): unknown => tool.normalize?.(input) ?? input;
  const asked = {
    call: call.id,
    tool: tool.name,
    kind: tool.kind,
    title: found.prepared.title,
    input: normalize(call.arguments),
  };
  const hookDecision = await context.hooks.toolBefore(asked, normalize);
  const { input, prepared, problem } = await applyHookInput(context, tool, hookDecision.input, {
    input: call.input,
    prepared: found.prepared,
  });
  if (!prepared) return { state: "failed", output: problem ?? "not run" };
  const hooked = {
    ...asked,
    title: prepared.title,
    ...(hookDecision.input !== undefined && { input: normalize(hookDecision.input) }),
  };
  const refusal = await checkPermission(context, hooked, tool, input, prepared, hookDecision);
  if (context.signal.aborted) return { state: "interrupted", output: "not run: the turn was cancelled" };
  if (refusal !== null) return { state: "refused", output: refusal.reason, noApprover: refusal.noApprover };

  context.append({ type: "call.started", call: call.id });
  // A read changes nothing, so its start reaches the disk together with its end.
  if (!READ_ONLY_KINDS.has(tool.kind)) await context.sync();
  const ended = await runTool(context, call.id, tool, input, prepared);
  if (ended.state === "interrupted") return ended;
  const more = await context.hooks.toolAfter(hooked, ended.state === "done", ended.output);
  return more === "" ? ended : { ...ended, output: `${ended.output}\n\n${more}` };
}

interface PreparedInput {
  input: unknown;
  prepared: PreparedCall | null;
  problem?: string | null;
}

/** Input that a hook replaced is parsed and prepared like the model's. */
async function applyHookInput(
  context: TurnContext,
  tool: Tool,
  input: unknown,
  original: PreparedInput,
): Promise<PreparedInput> {
  if (input === undefined) return original;
  const parsed = tool.parse(input);
  if (!parsed.ok) return { input, prepared: null, problem: `a hook changed the input, and ${parsed.problem}` };
  return { input: parsed.input, ...(await tryPrepare(context, tool, parsed.input)) };
}

/** Null if permitted. A deny rule overrides every hook, and a hook that asks or denies overrides an allow rule. */
async function checkPermission(
  context: TurnContext,
  hooked: HookedCall,
  tool: Tool,
  input: unknown,
  prepared: PreparedCall,
  hookDecision: Awaited<ReturnType<TurnContext["hooks"]["toolBefore"]>>,
): Promise<Refusal | null> {
  const refuse = (reason: string, noApprover = false): Refusal => ({ reason, noApprover });
  if (hookDecision.decision === "deny") return refuse(`refused: ${hookDecision.reason ?? "denied by a hook"}`);
  const judged = context.judge(tool, input, prepared.accesses);
  const permission = await Promise.race([judged, context.aborted.then(() => null)]);
  if (permission === null) return refuse("not run: the turn was cancelled");
  if (permission.decision === "deny") return refuse(`refused: ${permission.reason}`);
  if (hookDecision.decision !== "ask") {
    if (permission.decision === "allow") return null;
    if (hookDecision.decision === "allow" && !permission.requiresPerson) return null;
  }
  const approval = permission.decision === "ask" ? permission : null;
  const byHook = hookDecision.decision === "ask";
  const reason = byHook ? (hookDecision.reason ?? "a hook requires approval") : (approval?.reason ?? "");
  const detail = prepared.preview ?? JSON.stringify(input, null, 2);
  const requiresPerson = byHook || approval?.requiresPerson === true;
  const verdict = await context.hooks.permissionAsked(hooked, detail);
  if (verdict?.verdict === "deny") return refuse(formatRefusal(verdict.by, verdict.reason));
  if (verdict && !requiresPerson) return null;
  const resolution = await context.ask(
    createApprovalRequest(
      hooked,
      `${tool.name}: ${prepared.title}`,
      byHook ? `${reason}\n\n${detail}` : detail,
      byHook ? undefined : approval?.always,
      !requiresPerson && prepared.accesses.length > 0 && prepared.accesses.every(isEditInside(context.toolContext.cwd)),
    ),
  );
  if (!resolution) return refuse(`refused: ${reason}, and no one was available to approve it`, true);
  const { answer, by } = resolution;
  if ("text" in answer) return refuse(formatRefusal(by, answer.text));
  return answer.choice === "no" ? refuse(formatRefusal(by)) : null;
}

const formatRefusal = ({ name }: Author, reason?: string): string =>
  reason === undefined ? `refused by ${name}` : `refused by ${name}: ${reason}`;

function createApprovalRequest(
  { call }: HookedCall,
  title: string,
  detail: string,
  always: string | undefined,
  isOrdinaryEdit: boolean,
): QuestionRequest {
  return {
    kind: "approval",
    call,
    title,
    detail,
    choices: [
      { id: "yes", label: "Approve" },
      ...(always === undefined ? [] : [{ id: "always", label: describeAlways(always) }]),
      ...(isOrdinaryEdit ? [{ id: "session", label: "Allow all edits this session" }] : []),
      { id: "no", label: "Deny" },
    ],
    freeText: true,
    ...(always !== undefined && { always }),
  };
}

const isEditInside =
  (cwd: string) =>
  (access: Access): boolean =>
    access.kind === "edit" && isWithin(access.path, cwd);

const MAX_RULE_LABEL = 60;

/** A longer rule, such as a script, repeats the detail. */
const describeAlways = (rule: string): string =>
  rule.length > MAX_RULE_LABEL || rule.includes("\n") ? "Always allow exactly this" : `Always allow ${rule}`;

async function runTool(
  context: TurnContext,
  call: string,
  tool: Tool,
  input: unknown,
  prepared: PreparedCall,
): Promise<CallOutcome> {
  const work = tool.run(input, context.toolCallContext(call, context.signal), prepared).then(
    (result): CallOutcome => ({ state: result.ok ? "done" : "failed", output: result.output, result }),
    (error): CallOutcome => ({
      state: context.signal.aborted ? "interrupted" : "failed",
      output: describeError(error),
    }),
  );
  const ended = await Promise.race([work, waitForGracePeriod(context)]);
  return context.signal.aborted && ended.state !== "done" ? { ...ended, state: "interrupted" } : ended;
}

async function waitForGracePeriod({ aborted, clock }: TurnContext): Promise<CallOutcome> {
  await aborted;
  await clock.sleep(GRACE_MS);
  return {
    state: "interrupted",
    output: "interrupted: the turn was cancelled while this ran; changes made until then remain",
  };
}

const storeImages = (context: TurnContext, images: NonNullable<ToolResult["images"]>) =>
  Promise.all(
    images.map(async ({ mediaType, data }) => ({ mediaType, blob: await context.toolContext.blobs.put(data) })),
  );

function checkForLoops(
  calls: readonly PendingCall[],
  ended: readonly CallOutcome[],
  loopDetector: LoopDetector,
): CallsResult {
  let failure: Failure | null = null;
  let refused: Failure | null = null;
  for (const [index, call] of calls.entries()) {
    const end = ended[index];
    if (!end) continue;
    const signature = getCallSignature(call.requested.name, call.requested.input, end.output);
    failure ??= loopDetector.onParsed(!call.invalid);
    refused = null;
    if (end.state !== "refused") failure ??= call.input === null ? null : loopDetector.onCall(signature);
    else {
      failure ??= loopDetector.onRefused(`${call.requested.name} ${JSON.stringify(call.requested.input)}`);
      const advice = end.noApprover ? `; allow it in advance with a mode or a rule for ${call.requested.name}.` : "";
      refused = { code: "refused", message: `${call.prepared?.title ?? call.requested.name}: ${end.output}${advice}` };
    }
  }
  return { failure, refused };
}

/** Two calls with the same signature count as repeated. It includes the output, since polling something that changes is not a loop. */
export const getCallSignature = (name: string, input: unknown, output: string): string =>
  `${name} ${JSON.stringify(input)} ${output}`;
