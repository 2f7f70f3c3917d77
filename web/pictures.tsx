/** Pictures: those that go along with a prompt, pasted or dropped, and those that a session keeps. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Given } from "../client/frame.ts";
import { isImageType, MOST_IMAGE_BYTES } from "../client/images.ts";
import type { Attachment } from "../protocol/events.ts";
import { type App, attempt } from "./app.ts";

export const dataUrl = (mediaType: string, data: string): string => `data:${mediaType};base64,${data}`;

export const picturesIn = (from: DataTransfer | null): File[] =>
  [...(from?.files ?? [])].filter(({ type }) => isImageType(type));

/** Attaches them to what is being written. */
export function take(app: App, files: readonly File[]): void {
  for (const file of files)
    attempt(app, async () => {
      if (file.size > MOST_IMAGE_BYTES)
        throw new Error(`${file.name} is larger than ${MOST_IMAGE_BYTES / 1024 / 1024} MB; mention it with @ instead.`);
      const data = await base64Of(file);
      attach(app, [{ name: file.name, mediaType: file.type, data }]);
    });
}

/** Each under a name of its own, by which its chip is known: what is pasted is always called the same. */
export function attach(app: App, given: readonly Given[]): void {
  for (const one of given) {
    const { attachments } = app.state();
    app.set({ attachments: [...attachments, { ...one, name: nameBeside(attachments, one.name) }] });
  }
}

function nameBeside(others: readonly Given[], name: string): string {
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
    reader.onerror = () => reject(new Error(`${file.name} could not be read.`));
    reader.readAsDataURL(file);
  });
}

/** As it goes along: the session keeps its bytes from here on. */
export async function kept(app: App, session: string, { data, ...attachment }: Given): Promise<Attachment> {
  if (data === undefined) return attachment;
  const { blob } = await app.server.call("sessionAttach", { session, data });
  return { ...attachment, blob };
}

interface PictureProps {
  name: string;
  mediaType: string;
  blob: string;
  way: { bytes(blob: string): Promise<string | null> };
}

/** So that one that is scrolled to again is there at once; by blob, the latest last. */
const seen = new Map<string, string>();
const MOST_SEEN = 20;

export function Picture({ name, mediaType, blob, way }: PictureProps): VNode | null {
  const [data, setData] = useState(seen.get(blob) ?? null);
  useEffect(() => {
    if (data !== null || !isImageType(mediaType)) return;
    way.bytes(blob).then(
      (bytes) => {
        if (bytes === null) return;
        seen.set(blob, bytes);
        for (const old of [...seen.keys()].slice(0, -MOST_SEEN)) seen.delete(old);
        setData(bytes);
      },
      // What it is called is shown anyway.
      () => undefined,
    );
  }, [data, mediaType, blob, way]);
  return data === null ? null : <img class="picture" alt={name} src={dataUrl(mediaType, data)} />;
}
