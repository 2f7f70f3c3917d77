/** write: creates a file, or replaces one that was read. */
import type { Tool } from "../ports.ts";
import { encodeText, lineEnd, type TextFile, toLines, unifyLineEnds } from "../workspace/text-file.ts";
import {
  diffTexts,
  failWith,
  formatChangeCounts,
  loadFile,
  refusePlaceholder,
  refuseUnseen,
  saveChange,
} from "./apply-file-change.ts";
import { formatCount } from "./format-output.ts";
import { type Fields, normalizeFields, PATH_ALIASES, readFields, toSchema, type Values } from "./input-schema.ts";
import { prepareFor, resolveCheckedPath, resolvePath } from "./paths.ts";
import { restoreControls } from "./similar-text.ts";
import { manual } from "./tool-descriptions.ts";

const fields = {
  path: { type: "path", aliases: PATH_ALIASES },
  content: { type: "text", empty: true, aliases: ["text", "contents", "file_text", "fileText"] },
} satisfies Fields;

export const write: Tool<Values<typeof fields>> = {
  name: "write",
  kind: "edit",
  description: "Create or replace a whole file. Read it first if it exists.",
  schema: toSchema(fields),
  normalize: (input) => normalizeFields(fields, input),
  long: manual.write,
  parallel: false,
  parse: (input) => readFields("write", fields, input),
  async prepare(input, context) {
    const place = await resolvePath(input.path, context);
    const found = await loadFile(place, context);
    const before = found !== null && !("problem" in found) ? (found.file?.text ?? "") : "";
    const { diff } = await diffTexts(place.title, before, input.content);
    return { ...prepareFor("edit", place), preview: diff };
  },
  async run(input, context, prepared) {
    const { real } = await resolveCheckedPath(input.path, context, prepared);
    return context.lock(real, async () => {
      const target = await resolveCheckedPath(input.path, context, prepared);
      const found = await loadFile(target, context);
      if (found !== null && "problem" in found) return failWith(found.problem);
      const refusal = found === null ? null : refuseUnseen(target, found, context, true);
      if (refusal !== null) return refusal;
      const file = preserveFormat(input.content, found?.file ?? null);
      const after = encodeText(file);
      if ("problem" in after) return failWith(after.problem);
      if (found !== null && context.hash(after) === found.hash)
        return { ok: true, output: `${target.title} already has this content.` };
      const before = found?.bytes ?? null;
      const beforeText = found === null ? null : (found.file?.text ?? null);
      const change = { target, before, after, beforeText, afterText: file.text };
      const hidden = refusePlaceholder(change);
      if (hidden !== null) return hidden;
      const saved = await saveChange(change, context);
      const size = formatCount(toLines(input.content).length, "line");
      const output =
        found === null
          ? `Created ${target.title} (${size}).`
          : `Wrote ${target.title} (${size}, ${formatChangeCounts(saved.change)}).`;
      return { ok: true, output, diff: saved.diff };
    });
  },
};

/** Preserves the encoding and byte order mark of the file, its CRLF line ends unless the content has its own, and control characters. */
function preserveFormat(content: string, old: TextFile | null): TextFile {
  if (old === null) return { text: content, encoding: "utf8", mark: false };
  const withReturns = lineEnd(old.text) === "\r\n" && !content.includes("\r\n");
  const restored = restoreControls(old.text, content);
  const text = withReturns ? unifyLineEnds(restored).replaceAll("\n", "\r\n") : restored;
  return { ...old, text: old.mark ? text.replace(/^\ufeff/, "") : text };
}
