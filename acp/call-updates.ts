/** Sends the changes of tool calls: their start, their output now and then, and their end with diffs and images. */
import type { EventOf, FileChange } from "../protocol/events.ts";
import type { CallPart } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import { toEndedCall, toOutputCall, toRunningCall, toStartedCall } from "./calls.ts";
import { diffsOf } from "./diffs.ts";
import type { Call, Content, Update } from "./editor.ts";

export interface CallUpdatesDeps {
  view(): SessionView;
  send(update: Update): Promise<void>;
  readBlob(hash: string): Promise<string | null>;
  /** Called when the output of a call is to be sent: `sendOutput` must then be queued with the other updates. */
  outputDue(call: string): void;
}

export interface CallUpdates {
  asked(call: string): Promise<void>;
  started(call: string): Promise<void>;
  /** Limits how often the output of a running call is sent. */
  outputChanged(call: string): void;
  sendOutput(call: string): Promise<void>;
  fileChanged(event: EventOf<"file.changed">): void;
  ended(event: EventOf<"call.done">): Promise<void>;
  close(): void;
}

/** The minimum time between two updates of a running call's output. */
const OUTPUT_INTERVAL_MS = 150;

export function createCallUpdates({ view, send, readBlob, outputDue }: CallUpdatesDeps): CallUpdates {
  const changes = new Map<string, FileChange[]>();
  const outputTimers = new Map<string, NodeJS.Timeout>();

  const find = (id: string): CallPart | null => {
    const part = view().parts.findLast((one) => one.id === id);
    return part?.type === "call" ? part : null;
  };
  const sendChange = async (id: string, toCall: (part: CallPart) => Call): Promise<void> => {
    const part = find(id);
    if (part) await send({ type: "call.changed", call: toCall(part) });
  };
  const readText = async (hash: string): Promise<string | null> => {
    const data = await readBlob(hash);
    if (data === null) return null;
    const bytes = Buffer.from(data, "base64");
    return bytes.includes(0) ? null : bytes.toString("utf8");
  };
  const readImages = async (images: EventOf<"call.done">["images"] = []): Promise<Content[]> => {
    const contents: Content[] = [];
    for (const { blob, mediaType } of images) {
      const data = await readBlob(blob);
      if (data !== null) contents.push({ type: "image", data, mimeType: mediaType });
    }
    return contents;
  };
  return {
    async asked(call) {
      const part = find(call);
      if (part) await send({ type: "call", call: toStartedCall(part) });
    },
    started: (call) => sendChange(call, toRunningCall),
    outputChanged(call) {
      if (outputTimers.has(call)) return;
      const due = (): void => {
        outputTimers.delete(call);
        outputDue(call);
      };
      outputTimers.set(call, setTimeout(due, OUTPUT_INTERVAL_MS));
    },
    sendOutput: (call) => sendChange(call, toOutputCall),
    fileChanged({ call, change }) {
      if (call !== undefined) changes.set(call, [...(changes.get(call) ?? []), change]);
    },
    async ended({ call, diff, images }) {
      clearTimeout(outputTimers.get(call));
      outputTimers.delete(call);
      const part = find(call);
      if (!part) return;
      const fileChanges = changes.get(call) ?? [];
      changes.delete(call);
      const paths = part.locations.map(({ path }) => path);
      const diffs = await diffsOf(diff, fileChanges, paths, readText);
      await send({ type: "call.changed", call: toEndedCall(part, diffs, await readImages(images)) });
    },
    close() {
      for (const timer of outputTimers.values()) clearTimeout(timer);
      outputTimers.clear();
    },
  };
}
