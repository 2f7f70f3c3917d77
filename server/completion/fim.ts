/**
 * Builds the completion request for a model: with the endpoint's fill-in-the-middle field, with the markers of its model family, or as
 * a chat prompt. Data and pure functions.
 */
import type { Target } from "../model/target.ts";

export interface CursorContext {
  before: string;
  after: string;
}

/** A fill-in-the-middle request. */
export interface FimRequest {
  url: string;
  body: Record<string, unknown>;
}

interface Family {
  models: RegExp;
  prompt(context: CursorContext): string;
  /** Markers that end a completion; endpoints accept at most four. */
  stop: readonly string[];
}

const wrapWithMarkers = (prefix: string, suffix: string, middle: string) => (context: CursorContext) =>
  `${prefix}${context.before}${suffix}${context.after}${middle}`;

/** Open model families that are trained for fill-in-the-middle, by name. */
const families: readonly Family[] = [
  {
    models: /qwen[-_.]?(2\.5|3)[-_.]?coder|codegemma/i,
    prompt: wrapWithMarkers("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    stop: ["<|endoftext|>", "<|fim_prefix|>", "<|file_sep|>", "<|im_end|>"],
  },
  {
    models: /deepseek[-_.]?coder/i,
    prompt: wrapWithMarkers("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    stop: ["<｜end▁of▁sentence｜>", "<｜fim▁begin｜>"],
  },
  {
    models: /starcoder|granite[-_.\w]*code/i,
    prompt: wrapWithMarkers("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    stop: ["<|endoftext|>", "<file_sep>", "<fim_prefix>"],
  },
  {
    models: /code[-_]?llama/i,
    prompt: ({ before, after }) => `<PRE> ${before} <SUF>${after} <MID>`,
    stop: ["<EOT>", "<PRE>"],
  },
  {
    models: /codestral/i,
    prompt: ({ before, after }) => `[SUFFIX]${after}[PREFIX]${before}`,
    stop: ["[PREFIX]", "[SUFFIX]"],
  },
];

export const MAX_BEFORE = 4_000;
export const MAX_AFTER = 1_000;
export const MAX_TOKENS = 96;
const TEMPERATURE = 0.1;

/** The text around the cursor that is sent. */
export const truncateContext = ({ before, after }: CursorContext): CursorContext => ({
  before: before.slice(-MAX_BEFORE),
  after: after.slice(0, MAX_AFTER),
});

/** Null if the model must be asked through chat. */
export function buildFimRequest(target: Target, context: CursorContext): FimRequest | null {
  const { completions } = target.compat;
  const family = families.find(({ models }) => models.test(target.requestId)) ?? null;
  const common = {
    model: target.requestId,
    max_tokens: MAX_TOKENS,
    temperature: TEMPERATURE,
    stream: true,
    ...(family && { stop: family.stop }),
  };
  if (completions === "none") return null;
  if (completions === "fim" || completions === "suffix") {
    const body = { ...common, prompt: context.before, suffix: context.after };
    return { url: buildUrl(target, completions === "fim" ? "/fim/completions" : "/completions"), body };
  }
  // Markers work only if the text reaches the model unchanged, so only with local open models.
  if (family === null || !target.local) return null;
  const body = { ...common, prompt: family.prompt(context), stream_options: { include_usage: true } };
  return { url: buildUrl(target, "/completions"), body };
}

function buildUrl({ baseUrl, query, compat }: Target, path: string): string {
  const base = compat.completionsBase === undefined ? baseUrl : new URL(compat.completionsBase, baseUrl).href;
  const search = new URLSearchParams(query).toString();
  return `${base.replace(/\/+$/, "")}${path}${search === "" ? "" : `?${search}`}`;
}

const CURSOR = "<CURSOR>";

/** The prompt for models that support only chat. */
export const buildChatPrompt = ({ before, after }: CursorContext, name: string): { system: string; text: string } => ({
  system: `You complete source code in an editor. ${CURSOR} marks the cursor. Answer with exactly the text to be inserted there and nothing else: no explanation, no fences, nothing that is already before or after it. A few lines at most; an empty response if nothing is missing.`,
  text: `${name}\n\n${before}${CURSOR}${after}`,
});
