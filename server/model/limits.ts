/** How long the door waits and how much it takes, all in one place, so that a test may wait shorter. */
export interface DoorLimits {
  /** Until the headers of the answer. */
  headersMs: number;
  /** Between data that says something; comments, keep-alives and empty chunks do not count. */
  dataMs: number;
  /** Until the first such data, from models that think silently. */
  reasoningFirstMs: number;
  /** Until headers and first data, from servers nearby that may load a model first. */
  localFirstMs: number;
  /** After the finish reason, for the usage. */
  tailMs: number;
  lineBytes: number;
  wholeBytes: number;
  /** Characters of one answer, at least; more where the model's output limit allows more. */
  outputBytes: number;
  calls: number;
}

const MiB = 1024 * 1024;

export const doorLimits: DoorLimits = {
  headersMs: 120_000,
  dataMs: 60_000,
  reasoningFirstMs: 180_000,
  localFirstMs: 600_000,
  tailMs: 2_000,
  lineBytes: 8 * MiB,
  wholeBytes: 32 * MiB,
  outputBytes: 4 * MiB,
  calls: 128,
};
