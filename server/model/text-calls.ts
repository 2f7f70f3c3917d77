/**
 * Tool calls that a model wrote as text, in the forms that small local models use, taken out of the text while it streams. Used
 * only where the target says so; what names no known tool stays text.
 */
import type { ToolSpec } from "../ports.ts";
import { partialTag } from "./dialect/think.ts";
import { matchName } from "./repair.ts";
import { readJson } from "./strict-json.ts";

export type TextPart = { kind: "text"; text: string } | { kind: "call"; name: string; raw: string };

export interface TextCallReader {
  push(text: string): TextPart[];
  end(): TextPart[];
}

type Found = { name: string; raw: string };
interface Form {
  open: string;
  close: string | null;
  /** The call may begin at this mark only where nothing was said before. */
  first?: true;
}

const forms: Form[] = [
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

function fromValue(value: unknown): Found[] | null {
  const calls = (Array.isArray(value) ? value : [value]).map((entry): Found | null => {
    const call = record(record(entry)?.function) ?? record(entry);
    const args = call?.arguments ?? call?.parameters;
    if (typeof call?.name !== "string" || args === undefined) return null;
    return { name: call.name, raw: typeof args === "string" ? args : JSON.stringify(args) };
  });
  return calls.length > 0 && calls.every((call) => call !== null) ? calls : null;
}

function fromXml(body: string, tools: readonly ToolSpec[]): Found[] | null {
  const match = /<function=([^>\s]+)>([\s\S]*?)(<\/function>|$)/.exec(body);
  if (match === null) return null;
  const name = match[1] ?? "";
  const inner = (match[2] ?? "").trim();
  if (inner.startsWith("{")) return [{ name, raw: inner }];
  const tool = tools.find(
    (spec) =>
      spec.name ===
      matchName(
        name,
        tools.map((known) => known.name),
      ),
  );
  const properties = record(tool?.schema.properties) ?? {};
  const input: [string, unknown][] = [...inner.matchAll(/<parameter=([^>\s]+)>\n?([\s\S]*?)\n?<\/parameter>/g)].map(
    (one) => {
      const key = one[1] ?? "";
      const text = one[2] ?? "";
      const read = record(properties[key])?.type === "string" ? null : readJson(text);
      return [key, read?.ok === true ? read.value : text];
    },
  );
  return [{ name, raw: JSON.stringify(Object.fromEntries(input)) }];
}

function fromNamed(body: string): Found[] | null {
  const match = /^\s*([\w.-]+)\s*(?:\[ARGS\])?\s*(\{[\s\S]*)$/.exec(body);
  return match === null ? null : [{ name: match[1] ?? "", raw: match[2] ?? "" }];
}

function readBlock(body: string, tools: readonly ToolSpec[]): Found[] | null {
  const read = readJson(body);
  const found =
    (read.ok && body.slice(read.end).trim().length < 20 ? fromValue(read.value) : null) ??
    fromXml(body, tools) ??
    fromNamed(body);
  const names = tools.map((tool) => tool.name);
  return found?.every((call) => matchName(call.name, names) !== null) === true ? found : null;
}

export function openTextCallReader(tools: readonly ToolSpec[]): TextCallReader {
  let held = "";
  let said = false;

  const text = (part: string): TextPart[] => {
    if (part === "") return [];
    if (part.trim() !== "") said = true;
    return [{ kind: "text", text: part }];
  };

  function first(): { form: Form; at: number } | null {
    const marks = forms.flatMap((form) => {
      const at = form.first
        ? said || !held.trimStart().startsWith(form.open)
          ? -1
          : held.indexOf(form.open)
        : held.indexOf(form.open);
      return at < 0 ? [] : [{ form, at }];
    });
    return marks.sort((a, b) => a.at - b.at)[0] ?? null;
  }

  function block(form: Form, at: number, over: boolean): TextPart[] | null {
    const inside = form.open === "<function=" || form.open === "{" ? at : at + form.open.length;
    const closing = form.close === null ? -1 : held.indexOf(form.close, at + form.open.length);
    if (closing < 0 && !over) return null;
    const end = closing < 0 ? held.length : closing;
    const after = closing < 0 ? held.length : closing + (form.close?.length ?? 0);
    const body = held.slice(inside, form.open === "<function=" ? after : end);
    const found = readBlock(body, tools);
    const before = held.slice(0, at);
    const whole = held.slice(at, after);
    held = held.slice(after);
    if (found === null) return [...text(before), ...text(whole)];
    said = true;
    return [
      ...(before.trim() === "" ? [] : text(before)),
      ...found.map((call): TextPart => ({ kind: "call", ...call })),
    ];
  }

  function drain(over: boolean): TextPart[] {
    const out: TextPart[] = [];
    for (let mark = first(); mark !== null; mark = first()) {
      const parts = block(mark.form, mark.at, over);
      if (parts === null) {
        out.push(...text(held.slice(0, mark.at)));
        held = held.slice(mark.at);
        return out;
      }
      out.push(...parts);
    }
    const keep = over ? 0 : Math.max(0, ...forms.map((form) => partialTag(held, form.open)));
    out.push(...text(held.slice(0, held.length - keep)));
    held = held.slice(held.length - keep);
    return out;
  }

  return {
    push(part) {
      held += part;
      return drain(false);
    },
    end: () => drain(true),
  };
}
