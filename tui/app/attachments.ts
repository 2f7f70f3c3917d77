/** Reads files that the user attaches to a prompt. */
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { imageTypeOf, MAX_IMAGE_BYTES } from "../../client/images.ts";
import type { LocalAttachment } from "../edit/chips.ts";

const MAX_TEXT_BYTES = 256 * 1024;

/** Reads a text or image file. Rejects with a message for the user if it cannot be attached. */
export async function readAttachment(cwd: string, path: string): Promise<LocalAttachment> {
  const file = resolve(cwd, path.replace(/^~(?=\/)/, homedir()));
  const facts = await stat(file).catch(() => null);
  if (!facts?.isFile()) throw new Error(`Cannot attach ${file}: no such file.`);
  const mediaType = imageTypeOf(file);
  const limit = mediaType ? MAX_IMAGE_BYTES : MAX_TEXT_BYTES;
  if (facts.size > limit)
    throw new Error(`Cannot attach ${file}: it is larger than ${limit / 1024} KB. Mention it with @ instead.`);
  const bytes = await readFile(file);
  if (mediaType) return { name: basename(file), mediaType, bytes };
  if (bytes.includes(0)) throw new Error(`Cannot attach ${file}: it is neither text nor a supported image.`);
  return { name: basename(file), mediaType: "text/plain", text: bytes.toString("utf8") };
}

/** The path of an image that was pasted; terminals paste the path of a file that is dropped on them. Null if it is not one. */
export function findDroppedImage(pasted: string): string | null {
  const path = parsePastedPath(pasted);
  return path !== null && imageTypeOf(path) ? path : null;
}

/** Null if it cannot be read as an image. */
export const readDroppedImage = (path: string): Promise<LocalAttachment | null> =>
  readAttachment("/", path).catch(() => null);

function parsePastedPath(pasted: string): string | null {
  const text = pasted.trim();
  if (text === "" || text.includes("\n") || text.length > 4096) return null;
  if (text.startsWith("file://")) {
    try {
      return fileURLToPath(text);
    } catch {
      return null;
    }
  }
  const unquoted = text.replace(/^(['"])(.*)\1$/, "$2").replaceAll(/\\(.)/g, "$1");
  if (unquoted.startsWith("~/")) return join(homedir(), unquoted.slice(2));
  return isAbsolute(unquoted) ? unquoted : null;
}
