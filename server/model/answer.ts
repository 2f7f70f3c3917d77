/**
 * One answer as it comes in: data of any dialect goes in, what the AI SDK understands comes out, with text that arrived together
 * merged into one chunk. Chunks that differ from the last one only in their text are read without parsing them again.
 */
import type { ToolSpec } from "../ports.ts";
import { type BuiltCall, openCallBuilder } from "./dialect/calls.ts";
import { type CallFragment, type Finish, type Piece, readChunk } from "./dialect/response.ts";
import { openThinkReader, type ThinkPart } from "./dialect/think.ts";
import type { Compat } from "./target.ts";
import { openTextCallReader, type TextPart } from "./text-calls.ts";

export interface Answer {
  /** True where the data said something: text, reasoning, part of a call, or how it ends. */
  read(data: string): boolean;
  /** Nothing more comes. */
  end(): void;
  /** What there is to take: nothing, text that more may follow, or more than that. */
  pending(): "nothing" | "text" | "more";
  /** What the SDK is to read now; empty where there is nothing new. */
  take(): string;
  readonly state: AnswerState;
}

export interface AnswerState {
  finish: Finish | null;
  /** The `[DONE]` at the end came. */
  done: boolean;
  usage: Record<string, unknown> | null;
  error: unknown;
  /** Data that is not JSON came. */
  malformed: boolean;
  /** More was said than the cap allows. */
  capped: boolean;
  text: number;
  reasoning: number;
  /** By the number that the SDK is given as their id. */
  calls: BuiltCall[];
  details: Record<string, unknown>[];
}

interface Template {
  kind: "text" | "reasoning";
  before: string;
  after: string;
}

const special = /["\\\u0000-\u001f]/;
const probe = "probe 7 of a template";

/** How to read chunks like this one, if it holds nothing but text; proven by reading it once more with another text in its place. */
export function templateOf(data: string, pieces: Piece[]): Template | null {
  const piece = pieces[0];
  if (pieces.length !== 1 || piece === undefined || (piece.kind !== "text" && piece.kind !== "reasoning")) return null;
  const key = /"(?:content|reasoning_content|reasoning)"\s*:\s*"/.exec(
    piece.kind === "text" ? data.slice(data.indexOf('"content"')) : data,
  );
  if (key === null) return null;
  const offset = piece.kind === "text" ? data.indexOf('"content"') : 0;
  const from = offset + key.index + key[0].length;
  const to = data.indexOf('"', from);
  const template: Template = { kind: piece.kind, before: data.slice(0, from), after: data.slice(to) };
  try {
    const again = readChunk(JSON.parse(`${template.before}${probe}${template.after}`));
    const only = again[0];
    return again.length === 1 && only?.kind === template.kind && only.text === probe ? template : null;
  } catch {
    return null;
  }
}

export interface AnswerOptions {
  compat: Compat;
  tools: readonly ToolSpec[];
  /** Characters that may be said in all. */
  cap: number;
  /** False reads every chunk the long way. */
  fast?: boolean;
}

export function openAnswer({ compat, tools, cap, fast = true }: AnswerOptions): Answer {
  const state: AnswerState = {
    finish: null,
    done: false,
    usage: null,
    error: null,
    malformed: false,
    capped: false,
    text: 0,
    reasoning: 0,
    calls: [],
    details: [],
  };
  const think = compat.thinkTags === "tagged" || compat.thinkTags === "open" ? openThinkReader(compat.thinkTags) : null;
  const written = compat.textCalls === true && tools.length > 0 ? openTextCallReader(tools) : null;
  const builder = openCallBuilder();
  const frames: string[] = [];
  let open: { kind: "text" | "reasoning"; parts: string[] } | null = null;
  let template: Template | null = null;
  let fragments = 0;

  function frame(delta: unknown, finish?: string): void {
    frames.push(`data: ${JSON.stringify({ choices: [{ delta, ...(finish ? { finish_reason: finish } : {}) }] })}\n\n`);
  }

  function close(): void {
    if (open === null) return;
    frame(open.kind === "text" ? { content: open.parts.join("") } : { reasoning_content: open.parts.join("") });
    open = null;
  }

  function say(kind: "text" | "reasoning", text: string): void {
    if (text === "") return;
    if (open?.kind !== kind) {
      close();
      open = { kind, parts: [] };
    }
    open.parts.push(text);
    state[kind] += text.length;
    if (state.text + state.reasoning + fragments > cap) state.capped = true;
  }

  function call(built: BuiltCall): void {
    close();
    state.calls.push(built);
    const number = state.calls.length - 1;
    frame({ tool_calls: [{ index: number, id: String(number), function: { name: "call", arguments: "{}" } }] });
  }

  /** Text without its think tags, looked through for written calls. */
  function text(part: string): void {
    if (written === null) say("text", part);
    else place(written.push(part));
  }

  function place(parts: TextPart[]): void {
    for (const one of parts) {
      if (one.kind === "text") say("text", one.text);
      else call({ id: "", name: one.name, raw: one.raw, signature: null });
    }
  }

  function spoken(part: ThinkPart): void {
    if (part.kind === "text") text(part.text);
    else say("reasoning", part.text);
  }

  function count(fragment: CallFragment): void {
    fragments += fragment.args.length + fragment.name.length;
    if (state.text + state.reasoning + fragments > cap) state.capped = true;
    for (const built of builder.push(fragment)) call(built);
  }

  const takers: { [K in Piece["kind"]]: (piece: Extract<Piece, { kind: K }>) => void } = {
    text: (piece) => (think === null ? text(piece.text) : think.push(piece.text).forEach(spoken)),
    reasoning: (piece) => say("reasoning", piece.text),
    details: (piece) => piece.details.forEach((detail) => void addDetail(state.details, detail)),
    call: count,
    finish: (piece) => {
      state.finish = piece.reason;
    },
    usage: (piece) => {
      state.usage = piece.usage;
    },
    error: (piece) => {
      state.error = piece.value;
    },
  };

  function take<K extends Piece["kind"]>(piece: Extract<Piece, { kind: K }>): void {
    takers[piece.kind as K](piece);
  }

  function slow(data: string): boolean {
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      state.malformed = true;
      return true;
    }
    const pieces = readChunk(value);
    if (fast) template = templateOf(data, pieces);
    for (const piece of pieces) take(piece);
    return pieces.some(
      (piece) => piece.kind !== "usage" && (piece.kind !== "call" || piece.args !== "" || piece.name !== ""),
    );
  }

  function read(data: string): boolean {
    if (state.done || state.malformed || state.error !== null) return false;
    if (template !== null && data.startsWith(template.before) && data.endsWith(template.after)) {
      const end = data.length - template.after.length;
      const middle = data.slice(template.before.length, end);
      if (end >= template.before.length && !special.test(middle)) {
        if (middle === "") return false;
        take({ kind: template.kind, text: middle });
        return true;
      }
    }
    if (data.trim() === "[DONE]") {
      state.done = true;
      return true;
    }
    return data.trim() === "" ? false : slow(data);
  }

  function end(): void {
    for (const part of think?.end() ?? []) {
      if (part.kind === "reasoning") say("reasoning", part.text);
      else if (state.finish !== "length" || state.reasoning === 0) text(part.text);
    }
    if (written !== null) place(written.end());
    if (state.capped) state.finish = "length";
    if (state.finish !== null || state.done) builder.end().forEach(call);
    close();
    frame({}, state.finish === null || state.finish === "error" ? "stop" : state.finish);
  }

  return {
    read,
    end,
    pending() {
      if (frames.length > 0) return "more";
      return open === null ? "nothing" : "text";
    },
    take() {
      close();
      return frames.splice(0).join("");
    },
    state,
  };
}

/** Reasoning details come in fragments: those of one block are joined, so that they go back as they would have come whole. */
function addDetail(details: Record<string, unknown>[], next: Record<string, unknown>): void {
  const last = details.at(-1);
  const same = last !== undefined && next.index !== undefined && last.index === next.index && last.type === next.type;
  if (!same) {
    details.push({ ...next });
    return;
  }
  for (const [key, value] of Object.entries(next)) {
    const grows =
      (key === "text" || key === "summary" || key === "data") &&
      typeof last[key] === "string" &&
      typeof value === "string";
    if (grows) last[key] = `${String(last[key])}${value}`;
    else if (value !== null && value !== undefined) last[key] = value;
  }
}
