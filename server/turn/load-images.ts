/** Replaces the blob names of images, as stored in the log, with their bytes. */
import type { Message, ToolContext, ToolOutcome, UserContent } from "../ports.ts";
import type { StoredMessage, StoredOutcome, StoredUserContent } from "../session/history.ts";

type LoadBlob = (blob: string) => Promise<Uint8Array | null>;
type IsRefused = (blob: string) => boolean;

const REFUSED = "[Your endpoint could not read this image.]";

/** An image without stored bytes, as in an imported session, or one that the endpoint refuses, becomes a placeholder. */
export async function loadImages(
  messages: readonly StoredMessage[],
  context: Pick<ToolContext, "blobs">,
  isRefused: IsRefused,
): Promise<Message[]> {
  const load: LoadBlob = (blob) => context.blobs.get(blob);
  const loaded: Message[] = [];
  for (const message of messages) {
    if (message.role === "assistant") loaded.push(message);
    else if (message.role === "user")
      loaded.push({ role: "user", content: await loadUserContent(message.content, load, isRefused) });
    else loaded.push({ role: "tool", results: await loadResults(message.results, load, isRefused) });
  }
  return loaded;
}

async function loadUserContent(
  content: StoredUserContent[],
  load: LoadBlob,
  isRefused: IsRefused,
): Promise<UserContent[]> {
  const parts: UserContent[] = [];
  for (const part of content) {
    if (part.type === "text") {
      parts.push(part);
      continue;
    }
    const data = isRefused(part.blob) ? null : await load(part.blob);
    if (data) parts.push({ type: "image", mediaType: part.mediaType, data });
    else parts.push({ type: "text", text: isRefused(part.blob) ? REFUSED : "[This image is no longer stored.]" });
  }
  return parts;
}

async function loadResults(results: StoredOutcome[], load: LoadBlob, isRefused: IsRefused): Promise<ToolOutcome[]> {
  const outcomes: ToolOutcome[] = [];
  for (const result of results) {
    const images: ToolOutcome["images"] = [];
    let { output } = result;
    for (const { mediaType, blob } of result.images) {
      const data = isRefused(blob) ? null : await load(blob);
      if (data) images.push({ mediaType, data });
      else if (isRefused(blob)) output += `\n${REFUSED}`;
    }
    outcomes.push({ ...result, output, images });
  }
  return outcomes;
}
