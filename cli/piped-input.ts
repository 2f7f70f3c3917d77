/**
 * Reads what is piped into a command. A pipe from another program of the pipeline is read to its end, however slow it is. An input that
 * stays silent, and that only the program that started this one could write to, may never end, so it is not waited for.
 */
import { fstatSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { isatty } from "node:tty";
import type { Terminal } from "./command.ts";

const SILENCE_TIMEOUT_MS = 3_000;

/** `hasPrompt`: the command works without input, too. A person reads on `terminal` what is waited for, and what was not. */
export async function readStdin(hasPrompt: boolean, terminal: Pick<Terminal, "note" | "error">): Promise<string> {
  if (isatty(0) || !isStdinReadable()) return "";
  const pieces: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      process.stdin.removeAllListeners();
      process.stdin.destroy();
      resolve(Buffer.concat(pieces).toString("utf8"));
    };
    const checkSilence = async (): Promise<void> => {
      if (pieces.length > 0 || !hasPrompt || (await hasPipelineWriter()))
        return terminal.note("Waiting for standard input to end…\n");
      if (pieces.length > 0) return;
      terminal.error(
        `Standard input was ignored, because nothing arrived for ${SILENCE_TIMEOUT_MS / 1000} s. If it comes from a slow program, write its output to a file and pass that with < FILE.\n`,
      );
      done();
    };
    const timer = setTimeout(() => void checkSilence().catch(reject), SILENCE_TIMEOUT_MS);
    process.stdin.on("data", (piece) => {
      pieces.push(piece);
    });
    process.stdin.on("end", done);
    process.stdin.on("error", reject);
  });
}

function isStdinReadable(): boolean {
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    return false;
  }
}

/** True if a program can write to this pipe that did not start this one, such as the left side of `a | b`. */
async function hasPipelineWriter(): Promise<boolean> {
  if (!fstatSync(0).isFIFO()) return false;
  // Where open files cannot be listed, a pipe is taken for that of a shell.
  if (process.platform !== "linux") return true;
  const pipe = await readlink("/proc/self/fd/0");
  const ancestors = await listAncestors();
  const others = (await readdir("/proc")).filter((pid) => /^\d+$/.test(pid) && !ancestors.has(pid));
  const writes = await Promise.all(others.map((pid) => holdsWriteEnd(pid, pipe)));
  return writes.includes(true);
}

async function listAncestors(): Promise<Set<string>> {
  const ancestors = new Set([String(process.pid)]);
  for (let pid = String(process.ppid); pid !== "0" && !ancestors.has(pid); ) {
    ancestors.add(pid);
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    // The name of the program, in parentheses, may contain spaces.
    pid = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? "0";
  }
  return ancestors;
}

const ACCESS_MODE = 0o3;

async function holdsWriteEnd(pid: string, pipe: string): Promise<boolean> {
  const folder = `/proc/${pid}`;
  const names = await readdir(`${folder}/fd`).catch(() => []);
  for (const name of names) {
    if ((await readlink(`${folder}/fd/${name}`).catch(() => "")) !== pipe) continue;
    const info = await readFile(`${folder}/fdinfo/${name}`, "utf8").catch(() => "");
    const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? "0", 8);
    if ((flags & ACCESS_MODE) !== 0) return true;
  }
  return false;
}
