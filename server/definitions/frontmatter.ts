/**
 * Reads the frontmatter of a Markdown file. Much of it in the wild is not valid YAML (`description: Use when: x`), so a key whose value
 * cannot be parsed is text, as other programs read it. Loaded only if a definition must be parsed.
 */
import { parseDocument } from "yaml";

export interface Frontmatter {
  /** By key, in the order of the file. */
  data: Record<string, unknown>;
  /** The value of each key as it is written, for texts that look like YAML, such as `[file]`. */
  written: Record<string, string>;
  /** The line of each key, from 1. */
  lines: Record<string, number>;
  body: string;
  /** Lines that were lost. */
  problems: { line: number; text: string }[];
}

export function parseFrontmatter(source: string): Frontmatter {
  const text = source.replace(/^\ufeff/, "").replaceAll(/\r\n?/g, "\n");
  const lines = text.split("\n");
  const open = lines.findIndex((line) => line.trim() !== "");
  if (!isFence(lines[open])) return { data: {}, written: {}, lines: {}, body: text.trim(), problems: [] };
  const start = open + 1;
  const close = lines.findIndex((line, index) => index >= start && isFence(line));
  // Without an end, it ends at the first empty line.
  const blank = lines.findIndex((line, index) => index >= start && line.trim() === "");
  const end = close >= 0 ? close : blank >= 0 ? blank : lines.length;
  const parsed = parseBlock(lines.slice(start, end), start + 1);
  const unclosed = {
    line: open + 1,
    text: "The frontmatter has no closing line ---. It was read up to the first empty line.",
  };
  return {
    ...parsed,
    body: lines
      .slice(end + (close >= 0 ? 1 : 0))
      .join("\n")
      .trim(),
    problems: close >= 0 ? parsed.problems : [unclosed, ...parsed.problems],
  };
}

const isFence = (line: string | undefined): boolean => line !== undefined && /^---[ \t]*$/.test(line);

interface Entry {
  key: string;
  line: number;
  /** With the line of the key. */
  lines: string[];
}

function parseBlock(lines: readonly string[], firstLine: number): Omit<Frontmatter, "body"> {
  const { entries, problems } = splitEntries(lines, firstLine);
  const written = Object.fromEntries(entries.map((entry) => [entry.key, getText(entry)]));
  const whole = parseYaml(lines);
  const data = whole ?? Object.fromEntries(entries.map((entry) => [entry.key, parseEntry(entry)]));
  return {
    data,
    written,
    lines: Object.fromEntries(entries.map(({ key, line }) => [key, line])),
    // What is valid YAML is complete.
    problems: whole ? [] : problems,
  };
}

/** An alias in YAML can stand for a large value; no definition needs many. */
const MAX_ALIASES = 20;

/** Null unless the lines are a valid YAML mapping. */
function parseYaml(lines: readonly string[]): Record<string, unknown> | null {
  const text = lines.map((line) => line.replace(/^[ \t]+/, (indent) => indent.replaceAll("\t", "  "))).join("\n");
  const document = parseDocument(text, { uniqueKeys: false, strict: false, prettyErrors: false, logLevel: "silent" });
  if (document.errors.length > 0) return null;
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (value === null) return {};
    return typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    // An unknown alias, or too many.
    return null;
  }
}

const KEY = /^([A-Za-z_][\w.-]*)[ \t]*:(?=[ \t]|$)/;

/** A line belongs to the key before it if it is indented, is not a key, or is in an element such as `<example>` that is still open. */
function splitEntries(lines: readonly string[], firstLine: number) {
  const entries: Entry[] = [];
  const problems: Frontmatter["problems"] = [];
  for (const [index, line] of lines.entries()) {
    const current = entries.at(-1);
    const key = KEY.exec(line)?.[1];
    if (key !== undefined && !(current && hasOpenElement(current))) {
      entries.push({ key, line: firstLine + index, lines: [line] });
    } else if (current) current.lines.push(line);
    else if (line.trim() !== "" && !line.startsWith("#"))
      problems.push({
        line: firstLine + index,
        text: `"${line.trim().slice(0, 40)}" belongs to no key and is ignored.`,
      });
  }
  return { entries, problems };
}

function hasOpenElement({ lines }: Entry): boolean {
  const text = lines.join("\n");
  const opened = [...text.matchAll(/<([a-z][\w-]*)>/gi)].map(([, name]) => name);
  return opened.some((name) => text.lastIndexOf(`<${name}>`) > text.lastIndexOf(`</${name}>`));
}

function parseEntry(entry: Entry): unknown {
  const parsed = parseYaml(entry.lines);
  return parsed && Object.hasOwn(parsed, entry.key) && Object.keys(parsed).length === 1
    ? parsed[entry.key]
    : getText(entry);
}

function getText({ lines: [first = "", ...rest] }: Entry): string {
  const value = first.replace(KEY, "").trim();
  const lines = /^[|>][+-]?\d?$/.test(value) ? rest : [value, ...rest];
  const text = lines
    .map((line) => line.trim())
    .join("\n")
    .trim();
  return /^(["'])([\s\S]*)\1$/.exec(text)?.[2] ?? text;
}
