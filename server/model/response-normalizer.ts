/**
 * Normalizes a streaming response: takes data in any dialect and produces text, reasoning and complete calls, with text that arrived
 * together merged into one part. Chunks that differ from the last one only in their text are read without parsing.
 */
import type { ToolSpec } from "../ports.ts";
import { openThinkReader, type ThinkPart } from "./dialect/reasoning-tags.ts";
import { type Finish, type Piece, readChunk } from "./dialect/response.ts";
import { type BuiltCall, openCallBuilder } from "./dialect/tool-call-assembler.ts";
import type { Compat } from "./target.ts";
import { openTextCallReader, type TextPart } from "./text-calls.ts";

export type ResponsePart =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  | { type: "call"; call: BuiltCall };

export interface ResponseNormalizer {
  /** True if the data has content: text, reasoning, part of a call, or a finish reason. */
  read(data: string): boolean;
  /** Called after the last data. */
  end(): void;
  /** What `take` would return: nothing, only text that may still grow, or more than that. */
  pending(): "nothing" | "text" | "more";
  /** The new output; empty if there is none. */
  take(): ResponsePart[];
  readonly state: ResponseState;
}

export interface ResponseState {
  finish: Finish | null;
  /** The final `[DONE]` arrived. */
  done: boolean;
  usage: Record<string, unknown> | null;
  error: unknown;
  /** Data that is not JSON arrived. */
  malformed: boolean;
  /** The output exceeds `maxCharacters`. */
  capped: boolean;
  text: number;
  reasoning: number;
  calls: BuiltCall[];
  details: Record<string, unknown>[];
}

interface ChunkTemplate {
  kind: "text" | "reasoning";
  before: string;
  after: string;
}

const special = /["\\\u0000-\u001f]/;
const probe = "probe 7 of a template";

/** The template of a chunk that holds only text, or null. Verified by parsing it again with another text in its place. */
export function findChunkTemplate(data: string, pieces: Piece[]): ChunkTemplate | null {
  const piece = pieces[0];
  if (pieces.length !== 1 || piece === undefined || (piece.kind !== "text" && piece.kind !== "reasoning")) return null;
  const key = /"(?:content|reasoning_content|reasoning)"\s*:\s*"/.exec(
    piece.kind === "text" ? data.slice(data.indexOf('"content"')) : data,
  );
  if (key === null) return null;
  const offset = piece.kind === "text" ? data.indexOf('"content"') : 0;
  const from = offset + key.index + key[0].length;
  const to = data.indexOf('"', from);
  const template: ChunkTemplate = { kind: piece.kind, before: data.slice(0, from), after: data.slice(to) };
  try {
    const reparsed = readChunk(JSON.parse(`${template.before}${probe}${template.after}`));
    const only = reparsed[0];
    return reparsed.length === 1 && only?.kind === template.kind && only.text === probe ? template : null;
  } catch {
    return null;
  }
}

export interface NormalizerOptions {
  compat: Compat;
  tools: readonly ToolSpec[];
  /** Limit for all output together. */
  maxCharacters: number;
  /** False parses every chunk. */
  fast?: boolean;
}

export function openResponseNormalizer({
  compat,
  tools,
  maxCharacters,
  fast = true,
}: NormalizerOptions): ResponseNormalizer {
  const state: ResponseState = {
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
  const builder = openCallBuilder();
  const output = openOutput(state);
  const texts = openTextReader(compat, tools, state, output);
  const parseData = openDataParser(fast);
  let received = 0;

  function count(characters: number): void {
    received += characters;
    if (received > maxCharacters) state.capped = true;
  }

  function handlePiece(piece: Piece): void {
    if (piece.kind === "text") {
      texts.push(piece.text);
      count(piece.text.length);
      return;
    }
    texts.flush();
    switch (piece.kind) {
      case "reasoning":
        output.addText("reasoning", piece.text);
        count(piece.text.length);
        break;
      case "details":
        for (const detail of piece.details) addDetail(state.details, detail);
        break;
      case "call":
        count(piece.args.length + piece.name.length);
        builder.push(piece).forEach(output.addCall);
        break;
      case "finish":
        state.finish = piece.reason;
        break;
      case "usage":
        state.usage = piece.usage;
        break;
      case "error":
        state.error = piece.value;
    }
  }

  function read(data: string): boolean {
    if (state.done || state.malformed || state.error !== null) return false;
    const pieces = parseData(data);
    if (pieces === "done") state.done = true;
    else if (pieces === "malformed") state.malformed = true;
    else {
      for (const piece of pieces) handlePiece(piece);
      return pieces.some(hasContent);
    }
    return true;
  }

  function end(): void {
    texts.end();
    if (state.capped) state.finish = "length";
    if (state.finish !== null || state.done) builder.end().forEach(output.addCall);
  }

  return {
    read,
    end,
    pending: () => (output.pending() === "nothing" && texts.isPending() ? "text" : output.pending()),
    take() {
      texts.flush();
      return output.take();
    },
    state,
  };
}

/**
 * Separates reasoning in think tags and calls written as text from the text. What arrives together is searched at once: for each token
 * alone this takes longer than parsing it.
 */
function openTextReader(compat: Compat, tools: readonly ToolSpec[], state: ResponseState, output: Output) {
  const think = compat.thinkTags === "tagged" || compat.thinkTags === "open" ? openThinkReader(compat.thinkTags) : null;
  const calls = compat.textCalls === true && tools.length > 0 ? openTextCallReader(tools) : null;
  let pending: string[] = [];

  function addText(text: string): void {
    if (calls === null) output.addText("text", text);
    else calls.push(text).forEach(addTextPart);
  }

  function addTextPart(part: TextPart): void {
    if (part.kind === "text") output.addText("text", part.text);
    else output.addCall({ id: "", name: part.name, raw: part.raw, signature: null });
  }

  function addThinkPart(part: ThinkPart): void {
    if (part.kind === "text") addText(part.text);
    else output.addText("reasoning", part.text);
  }

  function flush(): void {
    if (pending.length === 0) return;
    const text = pending.join("");
    pending = [];
    if (think === null) addText(text);
    else think.push(text).forEach(addThinkPart);
  }

  return {
    push: (text: string): void => void pending.push(text),
    isPending: (): boolean => pending.length > 0,
    flush,
    end(): void {
      flush();
      for (const part of think?.end() ?? []) {
        // A response that was cut off while reasoning has no text.
        if (part.kind === "reasoning" || state.finish !== "length" || state.reasoning === 0) addThinkPart(part);
      }
      calls?.end().forEach(addTextPart);
    },
  };
}

const hasContent = (piece: Piece): boolean =>
  piece.kind !== "usage" && (piece.kind !== "call" || piece.args !== "" || piece.name !== "");

/** Parses the data of one event. Remembers the form of the last chunk, to read chunks of the same form without parsing. */
function openDataParser(fast: boolean): (data: string) => Piece[] | "done" | "malformed" {
  let template: ChunkTemplate | null = null;
  return (data) => {
    if (template !== null && data.startsWith(template.before) && data.endsWith(template.after)) {
      const end = data.length - template.after.length;
      const text = data.slice(template.before.length, end);
      if (end >= template.before.length && !special.test(text))
        return text === "" ? [] : [{ kind: template.kind, text }];
    }
    const trimmed = data.trim();
    if (trimmed === "[DONE]") return "done";
    if (trimmed === "") return [];
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      return "malformed";
    }
    const pieces = readChunk(value);
    if (fast) template = findChunkTemplate(data, pieces);
    return pieces;
  };
}

type Output = ReturnType<typeof openOutput>;

/** Collects output, with adjacent text of one kind as one part, and counts its characters in `state`. */
function openOutput(state: ResponseState) {
  let parts: ResponsePart[] = [];
  let open: { type: "text" | "reasoning"; texts: string[] } | null = null;

  function flushText(): void {
    if (open !== null) parts.push({ type: open.type, text: open.texts.join("") });
    open = null;
  }

  return {
    addText(type: "text" | "reasoning", text: string): void {
      if (text === "") return;
      if (open?.type !== type) {
        flushText();
        open = { type, texts: [] };
      }
      open.texts.push(text);
      state[type] += text.length;
    },
    addCall(call: BuiltCall): void {
      flushText();
      state.calls.push(call);
      parts.push({ type: "call", call });
    },
    pending(): "nothing" | "text" | "more" {
      if (parts.length > 0) return "more";
      return open === null ? "nothing" : "text";
    },
    take(): ResponsePart[] {
      flushText();
      const taken = parts;
      parts = [];
      return taken;
    },
  };
}

/** Reasoning details arrive in fragments. Joins those of one block, so that they are sent back as a whole. */
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
