/** Exports a session: complete as JSON, or readable as Markdown or HTML. Pure. */
import { describeError, TuttiError } from "../protocol/errors.ts";
import type { Envelope } from "../protocol/events.ts";
import type { Part } from "../protocol/parts.ts";
import { describeOutcome } from "../protocol/questions.ts";
import { upgradeLog } from "../protocol/upgrade.ts";
import { emptyView, reduceAll, type SessionView } from "../protocol/view.ts";
import { formatCompaction } from "./format.ts";

export const exportFormats = ["json", "md", "html"] as const;
export type ExportFormat = (typeof exportFormats)[number];

const FORMAT = 1;

export function exportSession(envelopes: readonly Envelope[], format: ExportFormat): string {
  if (format === "json") return `${JSON.stringify({ tutti: FORMAT, envelopes }, null, 1)}\n`;
  const view = reduceAll(emptyView, envelopes);
  return format === "md" ? toMarkdown(view) : toHtml(view);
}

/** Parses and validates a JSON export; throws a usage error that names `name`. */
export async function readExport(name: string, text: string): Promise<Envelope[]> {
  const [{ z }, { envelope }] = await Promise.all([import("zod"), import("../protocol/events.ts")]);
  const shape = z.object({ tutti: z.literal(FORMAT), envelopes: z.array(envelope).min(1) });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TuttiError("usage", `${name} is not JSON: ${describeError(error)}.`);
  }
  const parsed = shape.safeParse(upgradeExport(value));
  if (parsed.success) return parsed.data.envelopes;
  const [issue] = parsed.error.issues;
  throw new TuttiError("usage", `${name} is not an exported session: ${issue?.path.join(".")} ${issue?.message}.`);
}

/** Exports of earlier versions, in the shape of today; anything else as it is, for the schema to refuse. */
function upgradeExport(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("envelopes" in value)) return value;
  const { envelopes } = value;
  const isList = Array.isArray(envelopes) && envelopes.every((one) => typeof one?.event?.type === "string");
  return isList ? { ...value, envelopes: upgradeLog(envelopes) } : value;
}

function toMarkdown(view: SessionView): string {
  const head = [
    `# ${view.title || view.id}`,
    `Session ${view.id} · ${view.cwd} · ${new Date(view.openedAt).toISOString()}`,
  ];
  // A failure is the last part.
  const end = view.lastEnd ? [`*${view.lastEnd.outcome}*`] : [];
  return `${[...head, ...view.parts.map(partToMarkdown), ...end].filter((text) => text !== "").join("\n\n")}\n`;
}

function partToMarkdown(part: Part): string {
  switch (part.type) {
    case "prompt":
      return `## ${part.by.name}\n\n${part.text}${part.attachments.map(({ name }) => `\n\n[attached: ${name}]`).join("")}`;
    case "text":
      return part.incomplete ? `${part.text}\n\n*(cut off)*` : part.text;
    case "reasoning":
      return part.text === "" ? "" : `<details><summary>Reasoning</summary>\n\n${part.text}\n\n</details>`;
    case "call":
      return [
        `**${part.kind}** ${part.title} — ${part.state}`,
        ...(part.outcomes ?? []).map((outcome) => `*${describeOutcome(outcome)}*`),
        fenceText(part.diff ?? part.output),
      ].join("\n\n");
    case "notice":
      return `> ${part.level}: ${part.text}`;
    case "compaction":
      return `> ${formatCompaction(part)}`;
    default:
      return part satisfies never;
  }
}

/** Uses a fence longer than any inside the text. */
function fenceText(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}

function toHtml(view: SessionView): string {
  const title = escapeHtml(view.title || view.id);
  const parts = view.parts.map(
    (part) => `<section class="${part.type}"><pre>${escapeHtml(partToMarkdown(part))}</pre></section>`,
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap;font:inherit;margin:.6rem 0}.call pre{font-family:ui-monospace,monospace;font-size:13px;border-left:3px solid #8888;padding-left:.8rem}.prompt{border-top:1px solid #8888}.reasoning,.notice{opacity:.7}</style>
<h1>${title}</h1>
${parts.join("\n")}
</html>
`;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
