/**
 * Converts a plugin's result for the model: joins text, limits it to 1 MiB, escapes control characters and role tags, and passes
 * images; everything else is named.
 */
import { describeError } from "../../protocol/errors.ts";
import { printable } from "../../protocol/printable.ts";
import type { ToolResult } from "../ports.ts";
import { detectImageType, MAX_IMAGE_BYTES } from "../tools/image-format.ts";
import type { PluginContent, PluginResult } from "./plugin-connection.ts";

const MAX_TEXT_LENGTH = 1024 * 1024;
const MAX_ITEMS = 1000;
const MAX_IMAGES = 16;

/** Tags that some models read as role markers. */
const ROLE_TAGS =
  /<(\/?(?:system|assistant|user|human|tool|tool_result|function_results?|system-reminder|instructions)\b[^<>]{0,200})>|<(\|[a-z_]{1,40}\|)>/gi;

export const sanitizePluginText = (text: string): string =>
  printable(text, { keepNewlines: true }).replace(
    ROLE_TAGS,
    (_, tag: string | undefined, mark: string | undefined) => `‹${tag ?? mark}›`,
  );

export function toToolResult(result: PluginResult): ToolResult {
  const pieces: string[] = [];
  const images: { mediaType: string; data: Uint8Array }[] = [];
  let remaining = MAX_TEXT_LENGTH;
  let truncated = result.content.length > MAX_ITEMS;
  const add = (text: string): void => {
    if (remaining <= 0 && text !== "") truncated = true;
    if (remaining <= 0) return;
    // Truncated before it is sanitized, to bound the cost.
    const piece = text.length > remaining ? text.slice(0, remaining) : text;
    truncated ||= piece.length < text.length;
    remaining -= piece.length + 1;
    pieces.push(sanitizePluginText(piece));
  };
  for (const content of result.content.slice(0, MAX_ITEMS)) {
    const image = extractImage(content);
    if (image && images.length < MAX_IMAGES) images.push(image);
    else add(formatContent(content));
  }
  const hasContent = pieces.some((piece) => piece.trim() !== "") || images.length > 0;
  if (result.structured !== undefined && !hasContent) add(stringify(result.structured));
  if (truncated) pieces.push("[The plugin returned more; the rest was omitted.]");
  const output = pieces.join("\n");
  return {
    ok: !result.failed,
    output: output === "" && images.length === 0 ? "(no output)" : output,
    ...(images.length > 0 && { images }),
  };
}

/** JSON may be nested too deeply to be serialized. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    return `[A result that cannot be shown as text: ${describeError(error)}]`;
  }
}

function extractImage(content: PluginContent): { mediaType: string; data: Uint8Array } | null {
  const data =
    content.type === "image" ? content.data : content.type === "resource" ? getResource(content).blob : undefined;
  if (typeof data !== "string" || data.length > MAX_IMAGE_BYTES * 1.4) return null;
  const bytes = Buffer.from(data, "base64");
  const mediaType = detectImageType(bytes);
  return mediaType === null || bytes.length > MAX_IMAGE_BYTES ? null : { mediaType, data: bytes };
}

const getResource = (content: PluginContent): Record<string, unknown> =>
  typeof content.resource === "object" && content.resource !== null
    ? (content.resource as Record<string, unknown>)
    : {};

const toText = (value: unknown): string => (typeof value === "string" ? value : "");

/** One content block as text; anything else is named with its type and size. */
export function formatContent(content: PluginContent): string {
  switch (content.type) {
    case "text":
      return toText(content.text);
    case "resource": {
      const { uri, text, blob, mimeType } = getResource(content);
      if (typeof text === "string") return `[${toText(uri)}]\n${text}`;
      return `[${toText(uri)}: ${toText(mimeType) || "data"}, ${formatSize(blob)}, not shown]`;
    }
    case "resource_link": {
      const { uri, name, description } = content;
      return `[${toText(name) || "resource"}: ${toText(uri)}${description ? `, ${toText(description)}` : ""}]`;
    }
    default:
      return `[${toText(content.mimeType) || content.type}, ${formatSize(content.data)}, not shown]`;
  }
}

const formatSize = (base64: unknown): string =>
  `${Math.floor((toText(base64).length * 3) / 4).toLocaleString("en-US")} bytes`;
