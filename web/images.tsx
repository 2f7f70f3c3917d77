/** Images: attached to a prompt by paste or drop, and stored in a session. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { isImageType, MAX_IMAGE_BYTES } from "../client/images.ts";
import type { PendingAttachment } from "../client/webview-messages.ts";
import type { Attachment } from "../protocol/events.ts";
import { type App, attempt } from "./app.ts";

export const dataUrl = (mediaType: string, data: string): string => `data:${mediaType};base64,${data}`;

export const imageFilesIn = (from: DataTransfer | null): File[] =>
  [...(from?.files ?? [])].filter(({ type }) => isImageType(type));

/** Attaches image files to the current draft. */
export function attachImageFiles(app: App, files: readonly File[]): void {
  for (const file of files)
    attempt(app, async () => {
      if (file.size > MAX_IMAGE_BYTES)
        throw new Error(`${file.name} is larger than ${MAX_IMAGE_BYTES / 1024 / 1024} MB. Mention it with @ instead.`);
      const data = await base64Of(file);
      addAttachments(app, [{ name: file.name, mediaType: file.type, data }]);
    });
}

/** Gives each attachment a unique name, which identifies its chip: pasted images all have the same name. */
export function addAttachments(app: App, added: readonly PendingAttachment[]): void {
  for (const one of added) {
    const { attachments } = app.state();
    app.set({ attachments: [...attachments, { ...one, name: uniqueName(attachments, one.name) }] });
  }
}

function uniqueName(others: readonly PendingAttachment[], name: string): string {
  const taken = new Set(others.map((one) => one.name));
  for (let count = 1; ; count++) {
    const tried = count === 1 ? name : name.replace(/(\.\w+)?$/, `-${count}$1`);
    if (!taken.has(tried)) return tried;
  }
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(new Error(`Cannot read ${file.name}.`));
    reader.readAsDataURL(file);
  });
}

/** Stores the attachment's bytes in the session, if it has any. */
export async function storeAttachment(
  app: App,
  session: string,
  { data, ...attachment }: PendingAttachment,
): Promise<Attachment> {
  if (data === undefined) return attachment;
  const { blob } = await app.server.call("sessionAttach", { session, data });
  return { ...attachment, blob };
}

interface SessionImageProps {
  name: string;
  mediaType: string;
  blob: string;
  actions: { bytes(blob: string): Promise<string | null> };
}

/** Recently loaded images by blob, the latest last, so that scrolling back shows them at once. */
const imageCache = new Map<string, string>();
const MAX_CACHED = 20;

export function SessionImage({ name, mediaType, blob, actions }: SessionImageProps): VNode | null {
  const [data, setData] = useState(imageCache.get(blob) ?? null);
  useEffect(() => {
    if (data !== null || !isImageType(mediaType)) return;
    actions.bytes(blob).then(
      (bytes) => {
        if (bytes === null) return;
        imageCache.set(blob, bytes);
        for (const old of [...imageCache.keys()].slice(0, -MAX_CACHED)) imageCache.delete(old);
        setData(bytes);
      },
      // The name is shown in any case.
      () => undefined,
    );
  }, [data, mediaType, blob, actions]);
  return data === null ? null : <img class="image" alt={name} src={dataUrl(mediaType, data)} />;
}
