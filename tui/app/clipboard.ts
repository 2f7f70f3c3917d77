/** The picture in the clipboard, where the machine has a program that gives it out. */
import { execFile } from "node:child_process";
import type { Attachment } from "../../protocol/events.ts";
import { imageAttachment } from "./files.ts";

const programs: readonly (readonly [string, ...string[]])[] =
  process.platform === "darwin"
    ? [["pngpaste", "-"]]
    : [
        ["wl-paste", "--type", "image/png"],
        ["xclip", "-selection", "clipboard", "-target", "image/png", "-out"],
      ];

const WAIT_MS = 3_000;
const MOST_BYTES = 10 * 1024 * 1024;

/** Null where there is none, or no program to ask. */
export async function clipboardImage(): Promise<Attachment | null> {
  for (const [program, ...words] of programs) {
    const bytes = await output(program, words);
    if (bytes?.subarray(1, 4).toString("latin1") === "PNG") return imageAttachment("clipboard.png", "image/png", bytes);
  }
  return null;
}

function output(program: string, words: string[]): Promise<Buffer | null> {
  return new Promise((resolve) => {
    execFile(program, words, { encoding: "buffer", timeout: WAIT_MS, maxBuffer: MOST_BYTES }, (error, bytes) =>
      resolve(error ? null : bytes),
    );
  });
}
