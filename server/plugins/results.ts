/**
 * What a plugin answered, made fit for a model: text of any kind joined, cut at 1 MiB, nothing hidden in it and nothing that passes for
 * somebody else's words; pictures that models can look at; the rest named.
 */
import { printable } from "../../protocol/printable.ts";
import type { ToolResult } from "../ports.ts";
import { imageType, mostImageBytes } from "../tools/image.ts";
import type { PluginContent, PluginResult } from "./link.ts";

const TEXT_MOST = 1024 * 1024;
const ITEMS_MOST = 1000;
const IMAGES_MOST = 16;

/** Marks by which some models are told who speaks. */
const roles =
  /<(\/?(?:system|assistant|user|human|tool|tool_result|function_results?|system-reminder|instructions)\b[^<>]{0,200})>|<(\|[a-z_]{1,40}\|)>/gi;

export const fromPlugin = (text: string): string =>
  printable(text, { keepNewlines: true }).replace(
    roles,
    (_, tag: string | undefined, mark: string | undefined) => `‹${tag ?? mark}›`,
  );

export function toolResult(result: PluginResult): ToolResult {
  const pieces: string[] = [];
  const images: { mediaType: string; data: Uint8Array }[] = [];
  let room = TEXT_MOST;
  let cut = result.content.length > ITEMS_MOST;
  const say = (text: string): void => {
    if (room <= 0 && text !== "") cut = true;
    if (room <= 0) return;
    // Cut before it is looked through, so that a giant costs no more than what is kept of it.
    const some = text.length > room ? text.slice(0, room) : text;
    cut ||= some.length < text.length;
    room -= some.length + 1;
    pieces.push(fromPlugin(some));
  };
  for (const content of result.content.slice(0, ITEMS_MOST)) {
    const image = imageIn(content);
    if (image && images.length < IMAGES_MOST) images.push(image);
    else say(textOf(content));
  }
  const spoken = pieces.some((piece) => piece.trim() !== "") || images.length > 0;
  if (result.structured !== undefined && !spoken) say(shallow(result.structured));
  if (cut) pieces.push("[The plugin said more; it was left out.]");
  const output = pieces.join("\n");
  return {
    ok: !result.failed,
    output: output === "" && images.length === 0 ? "(nothing)" : output,
    ...(images.length > 0 && { images }),
  };
}

/** JSON that a plugin nested too deep to be written cannot be told. */
function shallow(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    return `[A result that cannot be written as text: ${error instanceof Error ? error.message : String(error)}]`;
  }
}

function imageIn(content: PluginContent): { mediaType: string; data: Uint8Array } | null {
  const data =
    content.type === "image" ? content.data : content.type === "resource" ? embedded(content).blob : undefined;
  if (typeof data !== "string" || data.length > mostImageBytes * 1.4) return null;
  const bytes = Buffer.from(data, "base64");
  const mediaType = imageType(bytes);
  return mediaType === null || bytes.length > mostImageBytes ? null : { mediaType, data: bytes };
}

const embedded = (content: PluginContent): Record<string, unknown> =>
  typeof content.resource === "object" && content.resource !== null
    ? (content.resource as Record<string, unknown>)
    : {};

const word = (value: unknown): string => (typeof value === "string" ? value : "");

/** One piece of a result or a resource, as text; what is no text is named with its kind and size. */
export function textOf(content: PluginContent): string {
  switch (content.type) {
    case "text":
      return word(content.text);
    case "resource": {
      const { uri, text, blob, mimeType } = embedded(content);
      if (typeof text === "string") return `[${word(uri)}]\n${text}`;
      return `[${word(uri)}: ${word(mimeType) || "data"}, ${sizeOf(blob)}, not shown]`;
    }
    case "resource_link": {
      const { uri, name, description } = content;
      return `[${word(name) || "resource"}: ${word(uri)}${description ? `, ${word(description)}` : ""}]`;
    }
    default:
      return `[${word(content.mimeType) || content.type}, ${sizeOf(content.data)}, not shown]`;
  }
}

const sizeOf = (base64: unknown): string =>
  `${Math.floor((word(base64).length * 3) / 4).toLocaleString("en-US")} bytes`;
