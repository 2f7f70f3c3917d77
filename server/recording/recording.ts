/** The seam for recording and replaying a run: it wraps the model, the tools and the permission decisions. */
import type { PermissionDecision } from "../agent/turn-context.ts";
import type { OpenedModel } from "../model/models.ts";
import type { PermissionRequest } from "../permission/judge.ts";
import type { Message, Tool } from "../ports.ts";

type OpenModel = (name: string | undefined, cwd: string) => Promise<OpenedModel>;
type Judge = (question: PermissionRequest) => Promise<PermissionDecision>;

export interface Recording {
  wrapModel(open: OpenModel): OpenModel;
  wrapTools(tools: readonly Tool[]): readonly Tool[];
  wrapJudge(judge: Judge): Judge;
  /** Writes the recording to disk. */
  close(): Promise<void>;
}

/** Neither records nor replays. */
export const noRecording: Recording = {
  wrapModel: (open) => open,
  wrapTools: (tools) => tools,
  wrapJudge: (judge) => judge,
  close: () => Promise.resolve(),
};

/** A recorded step of a tool call and its outcome. */
export interface RecordedCall {
  kind: "plan" | "judge" | "run";
  tool: string;
  input: unknown;
  value: unknown;
}

export type RecordedEffect =
  | { type: "output"; text: string }
  | { type: "plan"; items: unknown }
  | { type: "changed"; change: unknown };

export interface RecordingFile {
  version: 1;
  models: RecordedModel[];
  traffic: RecordedCall[];
}

export interface RecordedModel {
  id: string;
  context: number | null;
  vision: boolean;
  tools: boolean;
  inputPrice: number | null;
  prefersPatch: boolean;
  why: string;
  warnings: string[];
}

/** A recorded model request: the available tools, and the messages that the previous request did not have. */
export interface RecordedRequest {
  tools: string[];
  /** Number of leading messages that the previous request already had. */
  kept: number;
  messages: Message[];
}

/** Returns a function that finds the new messages of each request. */
export function createRequestDiff() {
  let previous: string[] = [];
  return (messages: readonly Message[], tools: readonly { name: string }[]): RecordedRequest => {
    const now = messages.map(encode);
    const differs = now.findIndex((text, at) => text !== previous[at]);
    const kept = differs < 0 ? now.length : differs;
    previous = now;
    return { tools: tools.map(({ name }) => name), kept, messages: messages.slice(kept) };
  };
}

/** JSON that preserves bytes. */
export const encode = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Uint8Array ? { $bytes: Buffer.from(inner).toString("base64") } : inner,
  );

export const decode = (text: string): unknown =>
  JSON.parse(text, (_, inner: { $bytes?: unknown } | null) =>
    typeof inner === "object" && typeof inner?.$bytes === "string"
      ? new Uint8Array(Buffer.from(inner.$bytes, "base64"))
      : inner,
  );
