/**
 * Milliseconds since an unknown moment, never going back. `performance.now()` would load all that Node has for measuring, which takes
 * longer than anything else that a start needs.
 */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;
