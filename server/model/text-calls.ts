/**
 * Extracts tool calls that a model wrote as text, in the formats of small local models, while the text streams. Enabled by
 * `compat.textCalls`; a block that names no known tool stays text.
 */
import type { ToolSpec } from "../ports.ts";
import { matchPartialTag } from "./dialect/reasoning-tags.ts";
import { parseStrictJson } from "./strict-json.ts";
import { matchToolName } from "./tool-call-arguments.ts";

export type TextPart = { kind: "text"; text: string } | { kind: "call"; name: string; raw: string };

export interface TextCallReader {
  push(text: string): TextPart[];
  end(): TextPart[];
}

type ParsedCall = { name: string; raw: string };
interface CallForm {
  open: string;
  close: string | null;
  /** The call may start with this marker only if no text precedes it. */
  first?: true;
}

const forms: CallForm[] = [
  { open: "<tool_call>", close: "</tool_call>" },
  { open: "<function=", close: "</function>" },
  { open: "```json", close: "```" },
  { open: "```tool_call", close: "```" },
  { open: "[TOOL_CALLS]", close: null },
  { open: "<|python_tag|>", close: null },
  { open: "{", close: null, first: true },
];

const record = (value: unknown): Record<string, unknown> | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;

function parseJsonCalls(value: unknown): ParsedCall[] | null {
  const calls = (Array.isArray(value) ? value : [value]).map((entry): ParsedCall | null => {
    const call = record(record(entry)?.function) ?? record(entry);
    const args = call?.arguments ?? call?.parameters;
    if (typeof call?.name !== "string" || args === undefined) return null;
    return { name: call.name, raw: typeof args === "string" ? args : JSON.stringify(args) };
  });
  return calls.length > 0 && calls.every((call) => call !== null) ? calls : null;
}

function parseXmlCall(body: string, tools: readonly ToolSpec[]): ParsedCall[] | null {
  const match = /<function=([^>\s]+)>([\s\S]*?)(<\/function>|$)/.exec(body);
  if (match === null) return null;
  const name = match[1] ?? "";
  const inner = (match[2] ?? "").trim();
  if (inner.startsWith("{")) return [{ name, raw: inner }];
  const tool = tools.find(
    (spec) =>
      spec.name ===
      matchToolName(
        name,
        tools.map((known) => known.name),
      ),
  );
  const properties = record(tool?.schema.properties) ?? {};
  const input: [string, unknown][] = [...inner.matchAll(/<parameter=([^>\s]+)>\n?([\s\S]*?)\n?<\/parameter>/g)].map(
    (one) => {
      const key = one[1] ?? "";
      const text = one[2] ?? "";
      const read = record(properties[key])?.type === "string" ? null : parseStrictJson(text);
      return [key, read?.ok === true ? read.value : text];
    },
  );
  return [{ name, raw: JSON.stringify(Object.fromEntries(input)) }];
}

function parseNamedCall(body: string): ParsedCall[] | null {
  const match = /^\s*([\w.-]+)\s*(?:\[ARGS\])?\s*(\{[\s\S]*)$/.exec(body);
  return match === null ? null : [{ name: match[1] ?? "", raw: match[2] ?? "" }];
}

function parseBlock(body: string, tools: readonly ToolSpec[]): ParsedCall[] | null {
  const read = parseStrictJson(body);
  const found =
    (read.ok && body.slice(read.end).trim().length < 20 ? parseJsonCalls(read.value) : null) ??
    parseXmlCall(body, tools) ??
    parseNamedCall(body);
  const names = tools.map((tool) => tool.name);
  return found?.every((call) => matchToolName(call.name, names) !== null) === true ? found : null;
}

export function openTextCallReader(tools: readonly ToolSpec[]): TextCallReader {
  let buffer = "";
  let hasText = false;

  const addText = (part: string): TextPart[] => {
    if (part === "") return [];
    if (part.trim() !== "") hasText = true;
    return [{ kind: "text", text: part }];
  };

  function findFirstMark(): { form: CallForm; at: number } | null {
    const marks = forms.flatMap((form) => {
      const at = form.first
        ? hasText || !buffer.trimStart().startsWith(form.open)
          ? -1
          : buffer.indexOf(form.open)
        : buffer.indexOf(form.open);
      return at < 0 ? [] : [{ form, at }];
    });
    return marks.sort((a, b) => a.at - b.at)[0] ?? null;
  }

  function takeBlock(form: CallForm, at: number, over: boolean): TextPart[] | null {
    const inside = form.open === "<function=" || form.open === "{" ? at : at + form.open.length;
    const closing = form.close === null ? -1 : buffer.indexOf(form.close, at + form.open.length);
    if (closing < 0 && !over) return null;
    const end = closing < 0 ? buffer.length : closing;
    const after = closing < 0 ? buffer.length : closing + (form.close?.length ?? 0);
    const body = buffer.slice(inside, form.open === "<function=" ? after : end);
    const found = parseBlock(body, tools);
    const before = buffer.slice(0, at);
    const whole = buffer.slice(at, after);
    buffer = buffer.slice(after);
    if (found === null) return [...addText(before), ...addText(whole)];
    hasText = true;
    return [
      ...(before.trim() === "" ? [] : addText(before)),
      ...found.map((call): TextPart => ({ kind: "call", ...call })),
    ];
  }

  function drain(over: boolean): TextPart[] {
    const out: TextPart[] = [];
    for (let next = findFirstMark(); next !== null; next = findFirstMark()) {
      const parts = takeBlock(next.form, next.at, over);
      if (parts === null) {
        out.push(...addText(buffer.slice(0, next.at)));
        buffer = buffer.slice(next.at);
        return out;
      }
      out.push(...parts);
    }
    const keep = over ? 0 : Math.max(0, ...forms.map((form) => matchPartialTag(buffer, form.open)));
    out.push(...addText(buffer.slice(0, buffer.length - keep)));
    buffer = buffer.slice(buffer.length - keep);
    return out;
  }

  return {
    push(part) {
      buffer += part;
      return drain(false);
    },
    end: () => drain(true),
  };
}
