/** Files that come with a prompt: text goes along as it is, images are kept beside the session's log. */
import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import type { Link } from "../client/link.ts";
import type { Attachment } from "../protocol/events.ts";
import { wrong } from "./args.ts";
import type { Input } from "./command.ts";

const IMAGES: Record<string, string> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
};

const MOST_TEXT = 1024 * 1024;
const MOST_IMAGE = 20 * 1024 * 1024;

export async function readAttachments(input: Input, link: Link, session: string): Promise<Attachment[]> {
  const wanted = [
    ...input.list("context").map((path) => ({ path, as: "text" as const })),
    ...input.list("file").map((path) => ({ path, as: "any" as const })),
    ...input.list("image").map((path) => ({ path, as: "image" as const })),
  ];
  return Promise.all(
    wanted.map(async ({ path, as }) => {
      const bytes = await readFile(resolve(input.cwd, path)).catch((error) => {
        throw wrong(`${path} cannot be read: ${error instanceof Error ? error.message : error}.`);
      });
      const image = IMAGES[extname(path).toLowerCase()];
      if (as === "image" && image === undefined)
        throw wrong(`${path} is not an image that models take (png, jpeg, gif, webp).`);
      return image !== undefined && as !== "text" ? keepImage(link, session, path, image, bytes) : textOf(path, bytes);
    }),
  );
}

async function keepImage(
  link: Link,
  session: string,
  path: string,
  mediaType: string,
  bytes: Buffer,
): Promise<Attachment> {
  if (bytes.length > MOST_IMAGE) throw wrong(`${path} has ${bytes.length} bytes; an image may have ${MOST_IMAGE}.`);
  const { blob } = await link.call("sessionAttach", { session, data: bytes.toString("base64") });
  return { name: basename(path), mediaType, blob };
}

function textOf(path: string, bytes: Buffer): Attachment {
  if (bytes.length > MOST_TEXT)
    throw wrong(
      `${path} has ${bytes.length} bytes; an attached text may have ${MOST_TEXT}. Name it in the prompt instead, and the agent reads what it needs.`,
    );
  if (bytes.subarray(0, 8192).includes(0)) throw wrong(`${path} is not a text; it holds zero bytes.`);
  return { name: path, mediaType: "text/plain", text: bytes.toString("utf8") };
}
