/** Where a run can be recorded or played again: around the model, the tools, and the judging of calls. */
import type { Judgement } from "../agent/turn.ts";
import type { OpenedModel } from "../model/models.ts";
import type { Message, Tool } from "../ports.ts";
import type { JudgeQuestion } from "../turns.ts";

type OpenModel = (wanted: string | undefined, cwd: string) => Promise<OpenedModel>;
type Judge = (question: JudgeQuestion) => Promise<Judgement>;

export interface Tape {
  modelFor(open: OpenModel): OpenModel;
  tools(tools: readonly Tool[]): readonly Tool[];
  judge(judge: Judge): Judge;
  /** Puts what was recorded on the disk. */
  close(): Promise<void>;
}

/** Nothing is recorded, nothing is played. */
export const noTape: Tape = {
  modelFor: (open) => open,
  tools: (tools) => tools,
  judge: (judge) => judge,
  close: () => Promise.resolve(),
};

/** What went to and fro beside the model: which of the three it was, for which call, and what came of it. */
export interface Traffic {
  kind: "plan" | "judge" | "run";
  tool: string;
  input: unknown;
  value: unknown;
}

export type Effect =
  | { type: "output"; text: string }
  | { type: "plan"; items: unknown }
  | { type: "changed"; change: unknown };

export interface Recording {
  version: 1;
  models: RecordedModel[];
  traffic: Traffic[];
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

/** What a step of the model was asked: the tools on offer, and the messages that were not in the step before. */
export interface Expected {
  tools: string[];
  /** Messages that the step before had already. */
  kept: number;
  messages: Message[];
}

/** Works out what is new in each request. */
export function createDelta() {
  let before: string[] = [];
  return (messages: readonly Message[], tools: readonly { name: string }[]): Expected => {
    const now = messages.map(encode);
    const differs = now.findIndex((text, at) => text !== before[at]);
    const kept = differs < 0 ? now.length : differs;
    before = now;
    return { tools: tools.map(({ name }) => name), kept, messages: messages.slice(kept) };
  };
}

/** JSON in which bytes survive. */
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
