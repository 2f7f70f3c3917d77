/** Files that go along with a prompt: read when they are named, sent when the prompt is. */
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { imageTypeOf, MOST_IMAGE_BYTES } from "../../client/images.ts";
import type { Attachment } from "../../protocol/events.ts";

const MOST_TEXT = 256 * 1024;

const contents = new WeakMap<Attachment, Buffer>();

/** What has to be sent before the attachment can be named; absent where it is text or was sent. */
export const bytesOf = (attachment: Attachment): Buffer | undefined => contents.get(attachment);

export function imageAttachment(name: string, mediaType: string, bytes: Buffer): Attachment {
  const attachment = { name, mediaType };
  contents.set(attachment, bytes);
  return attachment;
}

/** A file, text or image; rejects with a sentence where it is neither. */
export async function attachmentOf(cwd: string, path: string): Promise<Attachment> {
  const whole = resolve(cwd, path.replace(/^~(?=\/)/, homedir()));
  const facts = await stat(whole).catch(() => null);
  if (!facts?.isFile()) throw new Error(`There is no file ${whole}.`);
  const mediaType = imageTypeOf(whole);
  const most = mediaType ? MOST_IMAGE_BYTES : MOST_TEXT;
  if (facts.size > most) throw new Error(`${whole} is larger than ${most / 1024} KB; mention it with @ instead.`);
  const bytes = await readFile(whole);
  if (mediaType) return imageAttachment(basename(whole), mediaType, bytes);
  if (bytes.includes(0)) throw new Error(`${whole} is neither text nor an image that models know.`);
  return { name: basename(whole), mediaType: "text/plain", text: bytes.toString("utf8") };
}

/** The image that a paste names, as terminals do when a file is dragged in; null where it names none. */
export async function draggedImage(pasted: string): Promise<Attachment | null> {
  const path = pathIn(pasted);
  if (path === null || !imageTypeOf(path)) return null;
  return attachmentOf("/", path).catch(() => null);
}

function pathIn(pasted: string): string | null {
  const text = pasted.trim();
  if (text === "" || text.includes("\n") || text.length > 4096) return null;
  if (text.startsWith("file://")) {
    try {
      return fileURLToPath(text);
    } catch {
      return null;
    }
  }
  const bare = text.replace(/^(['"])(.*)\1$/, "$2").replaceAll(/\\(.)/g, "$1");
  if (bare.startsWith("~/")) return join(homedir(), bare.slice(2));
  return isAbsolute(bare) ? bare : null;
}
