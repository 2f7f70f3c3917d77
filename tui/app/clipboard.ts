/** Reads an image from the clipboard, if the machine has a program that provides it. */
import { execFile } from "node:child_process";
import type { LocalAttachment } from "../edit/chips.ts";

const programs: readonly (readonly [string, ...string[]])[] =
  process.platform === "darwin"
    ? [["pngpaste", "-"]]
    : [
        ["wl-paste", "--type", "image/png"],
        ["xclip", "-selection", "clipboard", "-target", "image/png", "-out"],
      ];

const TIMEOUT_MS = 3_000;
const MAX_BYTES = 10 * 1024 * 1024;

/** Null if the clipboard holds no image, or no program can read it. */
export async function readClipboardImage(): Promise<LocalAttachment | null> {
  for (const [program, ...args] of programs) {
    const bytes = await runProgram(program, args);
    if (bytes?.subarray(1, 4).toString("latin1") === "PNG")
      return { name: "clipboard.png", mediaType: "image/png", bytes };
  }
  return null;
}

function runProgram(program: string, args: string[]): Promise<Buffer | null> {
  return new Promise((resolve) => {
    execFile(program, args, { encoding: "buffer", timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES }, (error, bytes) =>
      resolve(error ? null : bytes),
    );
  });
}
