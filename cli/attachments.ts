/** Files attached to a prompt: text is sent inline, images are stored with the session. */

import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { describeError } from "../protocol/errors.ts";
import type { Attachment } from "../protocol/events.ts";
import type { Link } from "../protocol/link.ts";
import { usageError } from "./args.ts";
import type { CommandInput } from "./command.ts";

const IMAGES: Record<string, string> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
};

const MAX_TEXT = 1024 * 1024;
const MAX_IMAGE = 20 * 1024 * 1024;

export async function readAttachments(input: CommandInput, link: Link, session: string): Promise<Attachment[]> {
  const files = [
    ...input.list("context").map((path) => ({ path, as: "text" as const })),
    ...input.list("file").map((path) => ({ path, as: "any" as const })),
    ...input.list("image").map((path) => ({ path, as: "image" as const })),
  ];
  return Promise.all(
    files.map(async ({ path, as }) => {
      const bytes = await readFile(resolve(input.cwd, path)).catch((error) => {
        throw usageError(`Cannot read ${path}: ${describeError(error)}.`);
      });
      const image = IMAGES[extname(path).toLowerCase()];
      if (as === "image" && image === undefined)
        throw usageError(`${path} is not a supported image. Use PNG, JPEG, GIF or WebP.`);
      return image !== undefined && as !== "text"
        ? storeImage(link, session, path, image, bytes)
        : readText(path, bytes);
    }),
  );
}

async function storeImage(
  link: Link,
  session: string,
  path: string,
  mediaType: string,
  bytes: Buffer,
): Promise<Attachment> {
  if (bytes.length > MAX_IMAGE)
    throw usageError(`${path} is too large: ${bytes.length} bytes. The limit for images is ${MAX_IMAGE} bytes.`);
  const { blob } = await link.call("sessionAttach", { session, data: bytes.toString("base64") });
  return { name: basename(path), mediaType, blob };
}

function readText(path: string, bytes: Buffer): Attachment {
  if (bytes.length > MAX_TEXT)
    throw usageError(
      `${path} is too large to attach: ${bytes.length} bytes. The limit for text is ${MAX_TEXT} bytes. Mention the path in the prompt instead, and the agent reads what it needs.`,
    );
  if (bytes.subarray(0, 8192).includes(0)) throw usageError(`${path} is not a text file: it contains null bytes.`);
  return { name: path, mediaType: "text/plain", text: bytes.toString("utf8") };
}
