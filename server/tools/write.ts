/** write: a whole file, new or instead of one that was read. */
import type { Tool } from "../ports.ts";
import { compare, failed, load, refuseUnseen, save, summary } from "./change.ts";
import { type Fields, pathNames, readFields, type Values } from "./input.ts";
import { manual } from "./manual.ts";
import { findJudged, findPlace, planFor } from "./paths.ts";
import { count } from "./show.ts";
import { encodeText, lineEnd, type TextFile, toLines, unifyLineEnds } from "./text.ts";

const fields = {
  path: { type: "path", also: pathNames },
  content: { type: "text", empty: true, also: ["text", "contents", "file_text", "fileText"] },
} satisfies Fields;

export const write: Tool<Values<typeof fields>> = {
  name: "write",
  kind: "edit",
  description: "Create or replace a whole file. Read it first if it exists.",
  schema: {
    type: "object",
    properties: { path: { type: "string" }, content: { type: "string" } },
    required: ["path", "content"],
  },
  long: manual.write,
  parallel: false,
  parse: (input) => readFields("write", fields, input),
  async plan(input, world) {
    const place = await findPlace(input.path, world);
    const found = await load(place, world);
    const before = found !== null && !("problem" in found) ? (found.file?.text ?? "") : "";
    const { diff } = await compare(place.title, before, input.content);
    return { ...planFor("edit", place), preview: diff };
  },
  async run(input, world, plan) {
    const { real } = await findJudged(input.path, world, plan);
    return world.lock(real, async () => {
      const place = await findJudged(input.path, world, plan);
      const found = await load(place, world);
      if (found !== null && "problem" in found) return failed(found.problem);
      const refusal = found === null ? null : refuseUnseen(place, found, world, true);
      if (refusal !== null) return refusal;
      const file = likeBefore(input.content, found?.file ?? null);
      const after = encodeText(file);
      if ("problem" in after) return failed(after.problem);
      if (found !== null && world.hash(after) === found.hash)
        return { ok: true, output: `${place.title} has this content already.` };
      const before = found?.bytes ?? null;
      const beforeText = found === null ? null : (found.file?.text ?? null);
      const saved = await save({ place, before, after, beforeText, afterText: file.text }, world);
      const size = count(toLines(input.content).length, "line");
      const output =
        found === null
          ? `Created ${place.title} (${size}).`
          : `Wrote ${place.title} (${size}, ${summary(saved.change)}).`;
      return { ok: true, output, diff: saved.diff };
    });
  },
};

/** The encoding and the byte order mark of the file stay, and its line ends where the content does not choose any. */
function likeBefore(content: string, old: TextFile | null): TextFile {
  if (old === null) return { text: content, encoding: "utf8", mark: false };
  const withReturns = lineEnd(old.text) === "\r\n" && !content.includes("\r\n");
  const text = withReturns ? unifyLineEnds(content).replaceAll("\n", "\r\n") : content;
  return { ...old, text: old.mark ? text.replace(/^\ufeff/, "") : text };
}
