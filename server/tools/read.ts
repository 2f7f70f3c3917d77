/** read: a file with line numbers, an image, or the names in a folder. */
import type { Tool, ToolResult, ToolWorld } from "../ports.ts";
import { failed } from "./change.ts";
import { imageType, mostImageBytes } from "./image.ts";
import { type Fields, pathNames, readFields, type Values } from "./input.ts";
import { listFolder } from "./list.ts";
import { manual } from "./manual.ts";
import { fileProblem, findJudged, findPlace, type Place, planFor } from "./paths.ts";
import { count, mostLines, numbered } from "./show.ts";
import { decodeText, toLines } from "./text.ts";

const fields = {
  path: { type: "path", also: pathNames },
  offset: { type: "count", optional: true, also: ["start", "start_line", "startLine", "line"] },
  limit: { type: "count", optional: true, also: ["lines", "count", "max_lines"] },
} satisfies Fields;

type Input = Values<typeof fields>;

/** Up to here a file is read whole, and its hash goes into the ledger. */
const mostWhole = 16 * 1024 * 1024;
const piece = 256 * 1024;
/** How far into a larger file a line is looked for. */
const farthest = 64 * 1024 * 1024;

export const read: Tool<Input> = {
  name: "read",
  kind: "read",
  description: "Read a text file (numbered lines), image or folder.",
  schema: {
    type: "object",
    properties: {
      path: { type: "string" },
      offset: { type: "integer", description: "first line" },
      limit: { type: "integer" },
    },
    required: ["path"],
  },
  long: manual.read,
  parallel: true,
  parse: (input) => readFields("read", fields, input),
  plan: async (input, world) => planFor("read", await findPlace(input.path, world), input.offset),
  async run(input, world, plan) {
    const place = await findJudged(input.path, world, plan);
    const problem = fileProblem(place);
    if (problem !== null) return failed(problem);
    if (place.kind === "missing") return failed(await describeMissing(place, world));
    if (place.kind === "directory") return { ok: true, output: await listFolder(place, world) };
    return place.size > mostWhole ? readPart(input, place, world) : readWhole(input, place, world);
  },
};

async function readWhole(input: Input, place: Place, world: ToolWorld): Promise<ToolResult> {
  const bytes = await world.files.read(place.real, mostWhole);
  const mediaType = imageType(bytes);
  if (mediaType !== null && bytes.length > mostImageBytes)
    return failed(`${place.title} is an image of more than 5 MB; make it smaller with a command first.`);
  world.ledger.saw(place.real, world.hash(bytes));
  if (mediaType !== null)
    return { ok: true, output: `${mediaType}, ${count(bytes.length, "byte")}`, images: [{ mediaType, data: bytes }] };
  if (bytes.length === 0) return { ok: true, output: "(the file is empty)" };
  const file = decodeText(bytes);
  if (file === null) return failed(`${place.title} is not text (${count(bytes.length, "byte")}).`);
  const lines = toLines(file.text);
  const first = input.offset ?? 1;
  if (first > lines.length) return failed(`${place.title} has only ${count(lines.length, "line")}.`);
  const shown = numbered(lines.slice(first - 1), first, Math.min(input.limit ?? mostLines, mostLines));
  const last = first - 1 + shown.lines;
  const rest =
    last < lines.length ? `\n(lines ${first}–${last} of ${lines.length}; go on with offset ${last + 1})` : "";
  const coding = file.encoding === "utf8" ? "" : `\n(encoding: ${file.encoding})`;
  return { ok: true, output: shown.text + rest + coding };
}

/** A file too large to hold: as much as is needed to reach the lines asked for, and no more. */
async function readPart(input: Input, place: Place, world: ToolWorld): Promise<ToolResult> {
  const first = input.offset ?? 1;
  const decoder = new TextDecoder("utf-8");
  let line = 1;
  let at = 0;
  let text = "";
  while (at < Math.min(place.size, farthest)) {
    const bytes = await world.files.read(place.real, piece, at);
    if (bytes.length === 0) break;
    if (at === 0 && bytes.includes(0)) return failed(`${place.title} is not text (${count(place.size, "byte")}).`);
    at += bytes.length;
    const before = line;
    const skipped = skipLines(bytes, first - line);
    line += skipped.lines;
    if (line < first) continue;
    text += decoder.decode(before < first ? bytes.subarray(skipped.at) : bytes, { stream: true });
    if (text.length >= piece) break;
  }
  if (line < first)
    return failed(`Line ${first} of ${place.title} lies too deep; use grep or a command such as sed -n.`);
  const shown = numbered(toLines(text), first, Math.min(input.limit ?? mostLines, mostLines));
  const last = first - 1 + shown.lines;
  return {
    ok: true,
    output: `${shown.text}\n(lines ${first}–${last} of a file of ${count(place.size, "byte")}; go on with offset ${last + 1}, or use grep)`,
  };
}

/** Passes over at most `wanted` line ends. */
function skipLines(bytes: Uint8Array, wanted: number): { lines: number; at: number } {
  let lines = 0;
  let at = 0;
  while (lines < wanted) {
    const next = bytes.indexOf(10, at);
    if (next < 0) return { lines, at: bytes.length };
    lines += 1;
    at = next + 1;
  }
  return { lines, at };
}

async function describeMissing(place: Place, world: ToolWorld): Promise<string> {
  const slash = Math.max(place.real.lastIndexOf("/"), place.real.lastIndexOf("\\"));
  const folder = place.real.slice(0, slash) || "/";
  const name = place.real.slice(slash + 1).toLowerCase();
  const facts = await world.files.facts(folder);
  if (facts.kind !== "directory") return `${place.title} does not exist, and neither does its folder.`;
  const stem = stemOf(name);
  const near = (await world.files.list(folder)).filter((entry) => {
    const other = entry.name.toLowerCase();
    return other.includes(stem) || name.includes(stemOf(other));
  });
  const names = near.slice(0, 5).map((entry) => (entry.directory ? `${entry.name}/` : entry.name));
  if (names.length === 0) return `${place.title} does not exist.`;
  return `${place.title} does not exist. In that folder there is: ${names.join(", ")}.`;
}

/** The name without its ending; all of a name that begins with its only dot. */
const stemOf = (name: string): string => name.replace(/(?<=.)\.[^.]*$/, "");
