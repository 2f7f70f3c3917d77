/** A prompt of an editor, in blocks, as what Tutti is told: one text, files as attachments, bytes apart to be kept beside the log. */
import { basename, isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { isImageType } from "../client/images.ts";
import type { Attachment } from "../protocol/events.ts";
import type { Block } from "./editor.ts";
import { wrong } from "./errors.ts";

export interface ReadPrompt {
  text: string;
  attachments: Attachment[];
  /** In base64, each to become the `blob` of an attachment. */
  bytes: { name: string; mediaType: string; data: string }[];
}

type BlockOf<T extends Block["type"]> = Extract<Block, { type: T }>;

const MOST_TEXT = 1024 * 1024;
const MOST_BYTES = 20 * 1024 * 1024;

/** Throws where a block is of a kind, or a size, that is not taken. */
export function readBlocks(blocks: readonly Block[], cwd: string): ReadPrompt {
  const read: ReadPrompt = { text: "", attachments: [], bytes: [] };
  for (const block of blocks) take(block, cwd, read);
  return { ...read, text: read.text.trim() };
}

function take(block: Block, cwd: string, read: ReadPrompt): void {
  switch (block.type) {
    case "text":
      read.text += block.text;
      return;
    case "image":
      read.bytes.push(imageOf(block.uri ? nameOf(block.uri, cwd) : "image", block.mimeType, block.data));
      return;
    case "resource_link":
      read.text += mention(block, cwd);
      return;
    case "resource":
      embed(block, cwd, read);
      return;
    case "audio":
      throw wrong("Tutti takes no sound in a prompt; say it in words.");
    default:
      block satisfies never;
  }
}

function imageOf(name: string, mediaType: string, data: string): ReadPrompt["bytes"][number] {
  if (!isImageType(mediaType)) throw wrong(`${name} is ${mediaType}; models take images as png, jpeg, gif and webp.`);
  if (data.length * 0.75 > MOST_BYTES) throw wrong(`${name} is larger than ${MOST_BYTES / 1024 / 1024} MiB.`);
  return { name, mediaType, data };
}

/** The agent reads what it needs of a file that is only named; what is no file goes along by its address. */
const mention = ({ uri, name }: BlockOf<"resource_link">, cwd: string): string =>
  uri.startsWith("file:") ? `@${nameOf(uri, cwd)}` : `[${name}](${uri})`;

function embed({ resource }: BlockOf<"resource">, cwd: string, read: ReadPrompt): void {
  const name = nameOf(resource.uri, cwd);
  if ("text" in resource) {
    if (resource.text.length > MOST_TEXT)
      throw wrong(`${name} is larger than 1 MiB; name it in the prompt, and the agent reads what it needs.`);
    read.attachments.push({ name, mediaType: resource.mimeType ?? "text/plain", text: resource.text });
    read.text += `@${name}`;
    return;
  }
  read.bytes.push(imageOf(name, resource.mimeType ?? "application/octet-stream", resource.blob));
}

/** A file below the folder by its path from there, another one by its whole path, and what is no file by its address. */
export function nameOf(uri: string, cwd: string): string {
  const path = pathOf(uri);
  if (path === null) return uri;
  const from = relative(cwd, path);
  return from !== "" && !from.startsWith("..") && !isAbsolute(from) ? from.split(sep).join("/") : path;
}

function pathOf(uri: string): string | null {
  if (isAbsolute(uri)) return uri;
  if (!uri.startsWith("file:")) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return basename(uri);
  }
}
