/** read: reads a file with line numbers, an image, or the names in a folder. */
import { findNearest } from "../../protocol/nearest.ts";
import type { Tool, ToolContext, ToolResult } from "../ports.ts";
import { foldLookAlikes } from "../workspace/look-alikes.ts";
import { decodeText, toLines } from "../workspace/text-file.ts";
import { failWith } from "./apply-file-change.ts";
import { formatCount, MAX_LINES, numberLines } from "./format-output.ts";
import { detectImageType, MAX_IMAGE_BYTES } from "./image-format.ts";
import { type Fields, normalizeFields, PATH_ALIASES, readFields, toSchema, type Values } from "./input-schema.ts";
import { listFolder } from "./list.ts";
import { checkFileKind, prepareFor, type ResolvedPath, resolveCheckedPath, resolvePath } from "./paths.ts";
import { manual } from "./tool-descriptions.ts";

const fields = {
  path: { type: "path", aliases: PATH_ALIASES },
  offset: {
    type: "count",
    optional: true,
    description: "first line",
    aliases: ["start", "start_line", "startLine", "line"],
  },
  limit: { type: "count", optional: true, aliases: ["lines", "count", "max_lines"] },
} satisfies Fields;

type Input = Values<typeof fields>;

/** Up to this size a file is read whole and recorded in the read tracker. */
const MAX_WHOLE_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** How far into a larger file a line is searched. */
const MAX_SEEK_BYTES = 64 * 1024 * 1024;

export const read: Tool<Input> = {
  name: "read",
  kind: "read",
  description: "Read a text file (numbered lines), image or folder.",
  schema: toSchema(fields),
  normalize: (input) => normalizeFields(fields, input),
  long: manual.read,
  parallel: true,
  parse: (input) => readFields("read", fields, input),
  prepare: async (input, context) => prepareFor("read", await resolvePath(input.path, context), input.offset),
  async run(input, context, prepared) {
    const target = await resolveCheckedPath(input.path, context, prepared);
    const problem = checkFileKind(target);
    if (problem !== null) return failWith(problem);
    if (target.kind === "missing") return failWith(await describeMissing(target, context));
    if (target.kind === "directory") return { ok: true, output: await listFolder(target, context) };
    return target.size > MAX_WHOLE_BYTES ? readPart(input, target, context) : readWhole(input, target, context);
  },
};

async function readWhole(input: Input, target: ResolvedPath, context: ToolContext): Promise<ToolResult> {
  const bytes = await context.files.read(target.real, MAX_WHOLE_BYTES);
  const mediaType = detectImageType(bytes);
  if (mediaType !== null && bytes.length > MAX_IMAGE_BYTES)
    return failWith(`${target.title} is an image larger than 5 MB; shrink it with a command first.`);
  context.readTracker.markSeen(target.real, context.hash(bytes));
  if (mediaType !== null)
    return {
      ok: true,
      output: `${mediaType}, ${formatCount(bytes.length, "byte")}`,
      images: [{ mediaType, data: bytes }],
    };
  if (bytes.length === 0) return { ok: true, output: "(the file is empty)" };
  const file = decodeText(bytes);
  if (file === null) return failWith(`${target.title} is not text (${formatCount(bytes.length, "byte")}).`);
  const lines = toLines(file.text);
  const first = input.offset ?? 1;
  if (first > lines.length) return failWith(`${target.title} has only ${formatCount(lines.length, "line")}.`);
  const shown = numberLines(lines.slice(first - 1), first, Math.min(input.limit ?? MAX_LINES, MAX_LINES));
  const last = first - 1 + shown.lines;
  const rest =
    last < lines.length ? `\n(lines ${first}–${last} of ${lines.length}; continue with offset ${last + 1})` : "";
  const coding = file.encoding === "utf8" ? "" : `\n(encoding: ${file.encoding})`;
  return { ok: true, output: shown.text + rest + coding };
}

/** For files too large for memory: reads only as far as the requested lines. */
async function readPart(input: Input, target: ResolvedPath, context: ToolContext): Promise<ToolResult> {
  const first = input.offset ?? 1;
  const decoder = new TextDecoder("utf-8");
  let line = 1;
  let at = 0;
  let text = "";
  while (at < Math.min(target.size, MAX_SEEK_BYTES)) {
    const bytes = await context.files.read(target.real, CHUNK_BYTES, at);
    if (bytes.length === 0) break;
    if (at === 0 && bytes.includes(0))
      return failWith(`${target.title} is not text (${formatCount(target.size, "byte")}).`);
    at += bytes.length;
    const before = line;
    const skipped = skipLines(bytes, first - line);
    line += skipped.lines;
    if (line < first) continue;
    text += decoder.decode(before < first ? bytes.subarray(skipped.at) : bytes, { stream: true });
    if (text.length >= CHUNK_BYTES) break;
  }
  if (line < first)
    return failWith(`Line ${first} of ${target.title} is too far into the file; use grep or a command such as sed -n.`);
  const shown = numberLines(toLines(text), first, Math.min(input.limit ?? MAX_LINES, MAX_LINES));
  const last = first - 1 + shown.lines;
  return {
    ok: true,
    output: `${shown.text}\n(lines ${first}–${last} of a file of ${formatCount(target.size, "byte")}; continue with offset ${last + 1}, or use grep)`,
  };
}

/** Skips at most `max` line ends. */
function skipLines(bytes: Uint8Array, max: number): { lines: number; at: number } {
  let lines = 0;
  let at = 0;
  while (lines < max) {
    const next = bytes.indexOf(10, at);
    if (next < 0) return { lines, at: bytes.length };
    lines += 1;
    at = next + 1;
  }
  return { lines, at };
}

async function describeMissing(target: ResolvedPath, context: ToolContext): Promise<string> {
  const slash = Math.max(target.real.lastIndexOf("/"), target.real.lastIndexOf("\\"));
  const folder = target.real.slice(0, slash) || "/";
  const name = foldLookAlikes(target.real.slice(slash + 1)).toLowerCase();
  const stat = await context.files.stat(folder);
  if (stat.kind !== "directory") return `${target.title} does not exist, and neither does its folder.`;
  const stem = getStem(name);
  const entries = await context.files.list(folder);
  const nearest = findNearest(
    name,
    entries.map((entry) => foldLookAlikes(entry.name)),
  );
  const similar = entries.filter((entry) => {
    const other = foldLookAlikes(entry.name);
    const lower = other.toLowerCase();
    return other === nearest || lower.includes(stem) || name.includes(getStem(lower));
  });
  const names = similar.slice(0, 5).map((entry) => (entry.directory ? `${entry.name}/` : entry.name));
  if (names.length === 0) return `${target.title} does not exist.`;
  return `${target.title} does not exist. Similar names in that folder: ${names.join(", ")}.`;
}

/** The name without its extension; a leading dot starts no extension. */
const getStem = (name: string): string => name.replace(/(?<=.)\.[^.]*$/, "");
