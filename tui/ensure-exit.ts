/** Ends the process even if something keeps it running: a program without a terminal must not keep running. */
const EXIT_MS = 1_500;

/** Call when the user leaves or the terminal was closed. */
export function ensureExit(code: number): void {
  setTimeout(() => process.exit(code), EXIT_MS).unref();
}
