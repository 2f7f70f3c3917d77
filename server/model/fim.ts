/**
 * How a model is asked for what stands between two texts: by a field of the endpoint, by the marks that its family was trained on, or
 * in words. Data and pure.
 */
import type { Target } from "./target.ts";

export interface Around {
  before: string;
  after: string;
}

/** A request for raw text; null: this model is asked in words. */
export interface RawRequest {
  url: string;
  body: Record<string, unknown>;
}

interface Family {
  models: RegExp;
  prompt(around: Around): string;
  /** Marks that end an answer; endpoints take four at most. */
  stop: readonly string[];
}

const tagged = (prefix: string, suffix: string, middle: string) => (around: Around) =>
  `${prefix}${around.before}${suffix}${around.after}${middle}`;

/** Families of open models that are trained to fill in, by their names. */
const families: readonly Family[] = [
  {
    models: /qwen[-_.]?(2\.5|3)[-_.]?coder|codegemma/i,
    prompt: tagged("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    stop: ["<|endoftext|>", "<|fim_prefix|>", "<|file_sep|>", "<|im_end|>"],
  },
  {
    models: /deepseek[-_.]?coder/i,
    prompt: tagged("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    stop: ["<｜end▁of▁sentence｜>", "<｜fim▁begin｜>"],
  },
  {
    models: /starcoder|granite[-_.\w]*code/i,
    prompt: tagged("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
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

export const MOST_BEFORE = 4_000;
export const MOST_AFTER = 1_000;
export const MOST_TOKENS = 96;
const TEMPERATURE = 0.1;

/** What is looked at of the text around a cursor. */
export const near = ({ before, after }: Around): Around => ({
  before: before.slice(-MOST_BEFORE),
  after: after.slice(0, MOST_AFTER),
});

export function rawRequest(target: Target, around: Around): RawRequest | null {
  const { completions } = target.compat;
  const family = families.find(({ models }) => models.test(target.requestId)) ?? null;
  const common = {
    model: target.requestId,
    max_tokens: MOST_TOKENS,
    temperature: TEMPERATURE,
    stream: true,
    ...(family && { stop: family.stop }),
  };
  if (completions === "none") return null;
  if (completions === "fim" || completions === "suffix") {
    const body = { ...common, prompt: around.before, suffix: around.after };
    return { url: urlOf(target, completions === "fim" ? "/fim/completions" : "/completions"), body };
  }
  // Marks work where the text reaches the model as it is: with open models that one runs oneself.
  if (family === null || !target.local) return null;
  const body = { ...common, prompt: family.prompt(around), stream_options: { include_usage: true } };
  return { url: urlOf(target, "/completions"), body };
}

function urlOf({ baseUrl, query, compat }: Target, path: string): string {
  const base = compat.completionsBase === undefined ? baseUrl : new URL(compat.completionsBase, baseUrl).href;
  const asked = new URLSearchParams(query).toString();
  return `${base.replace(/\/+$/, "")}${path}${asked === "" ? "" : `?${asked}`}`;
}

const CURSOR = "<CURSOR>";

/** For models that are only spoken to. */
export const inWords = ({ before, after }: Around, name: string): { system: string; text: string } => ({
  system: `You complete source code in an editor. ${CURSOR} marks the cursor. Answer with exactly the text to be inserted there and nothing else: no explanation, no fences, nothing that already stands before or after it. A few lines at most; an empty answer where nothing is missing.`,
  text: `${name}\n\n${before}${CURSOR}${after}`,
});
