/** Converts the content blocks of an editor's prompt to one text, attachments, and binary data to store with the session. */
import { basename, isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { isImageType } from "../client/images.ts";
import type { Attachment } from "../protocol/events.ts";
import type { Block } from "./editor.ts";
import { invalidParams } from "./errors.ts";

export interface PromptContent {
  text: string;
  attachments: Attachment[];
  /** Base64 data, each to be stored as the `blob` of an attachment. */
  bytes: { name: string; mediaType: string; data: string }[];
}

type BlockOf<T extends Block["type"]> = Extract<Block, { type: T }>;

const MAX_TEXT = 1024 * 1024;
const MAX_BYTES = 20 * 1024 * 1024;

/** Throws if a block has an unsupported type or is too large. */
export function readPromptContent(blocks: readonly Block[], cwd: string): PromptContent {
  const read: PromptContent = { text: "", attachments: [], bytes: [] };
  for (const block of blocks) addBlock(block, cwd, read);
  return { ...read, text: read.text.trim() };
}

function addBlock(block: Block, cwd: string, read: PromptContent): void {
  switch (block.type) {
    case "text":
      read.text += block.text;
      return;
    case "image":
      read.bytes.push(imageOf(block.uri ? nameOf(block.uri, cwd) : "image", block.mimeType, block.data));
      return;
    case "resource_link":
      read.text += formatMention(block, cwd);
      return;
    case "resource":
      addResource(block, cwd, read);
      return;
    case "audio":
      throw invalidParams("Audio is not supported. Use text instead.");
    default:
      block satisfies never;
  }
}

function imageOf(name: string, mediaType: string, data: string): PromptContent["bytes"][number] {
  if (!isImageType(mediaType))
    throw invalidParams(`${name} has the unsupported type ${mediaType}. Use PNG, JPEG, GIF or WebP.`);
  if (data.length * 0.75 > MAX_BYTES) throw invalidParams(`${name} is larger than ${MAX_BYTES / 1024 / 1024} MiB.`);
  return { name, mediaType, data };
}

/** Mentions a file by name, so that the agent reads what it needs. Other resources are linked by their URI. */
const formatMention = ({ uri, name }: BlockOf<"resource_link">, cwd: string): string =>
  uri.startsWith("file:") ? `@${nameOf(uri, cwd)}` : `[${name}](${uri})`;

function addResource({ resource }: BlockOf<"resource">, cwd: string, read: PromptContent): void {
  const name = nameOf(resource.uri, cwd);
  if ("text" in resource) {
    if (resource.text.length > MAX_TEXT)
      throw invalidParams(
        `${name} is larger than 1 MiB. Mention it in the prompt instead, and the agent reads what it needs.`,
      );
    read.attachments.push({ name, mediaType: resource.mimeType ?? "text/plain", text: resource.text });
    read.text += `@${name}`;
    return;
  }
  read.bytes.push(imageOf(name, resource.mimeType ?? "application/octet-stream", resource.blob));
}

/** A path relative to the folder if the file is inside it, otherwise an absolute path; the URI if it is not a file. */
export function nameOf(uri: string, cwd: string): string {
  const path = pathOf(uri);
  if (path === null) return uri;
  const relativePath = relative(cwd, path);
  return relativePath !== "" && !relativePath.startsWith("..") && !isAbsolute(relativePath)
    ? relativePath.split(sep).join("/")
    : path;
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
