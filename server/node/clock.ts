/** Time and checksums, from Node. */
import { crc32 } from "node:zlib";
import type { Clock } from "../ports.ts";
import type { Checksum } from "../session/log-format.ts";

export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done, { once: true });
    }),
};

export const checksum: Checksum = (text) => crc32(text);
