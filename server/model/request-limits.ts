/** Timeouts and size limits of a model request, in one place so that tests can shorten them. */
export interface RequestLimits {
  /** Until the response headers. */
  headersMs: number;
  /** Between chunks with content. Comments, keep-alives and empty chunks do not count. */
  dataMs: number;
  /** Until the first such chunk, for models that think without output. */
  reasoningFirstMs: number;
  /** Until the headers and the first chunk, for local servers that may load a model first. */
  localFirstMs: number;
  /** After the finish reason, to wait for the usage. */
  tailMs: number;
  lineBytes: number;
  wholeBytes: number;
  /** Characters of one response. Higher if the model's output limit is higher. */
  outputBytes: number;
  calls: number;
}

const MiB = 1024 * 1024;

export const defaultRequestLimits: RequestLimits = {
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
