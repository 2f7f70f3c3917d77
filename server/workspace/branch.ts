/** Which branch is checked out, read from the repository's own files: no git runs in a folder that nobody has trusted. */
import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";

const MOST = 4096;

/** Null where there is no repository, or none that can be read. */
export async function branchOf(folder: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    const head = await readHead(join(at, ".git"));
    if (head !== null) return branchIn(head);
    if (dirname(at) === at) return null;
  }
}

/** A worktree's `.git` is a file that says where the rest is. */
async function readHead(git: string): Promise<string | null> {
  const facts = await stat(git).catch(() => null);
  if (!facts) return null;
  if (facts.isDirectory()) return small(join(git, "HEAD"));
  const pointer = /^gitdir: (.+)$/m.exec((await small(git)) ?? "")?.[1];
  if (pointer === undefined) return null;
  return small(join(isAbsolute(pointer) ? pointer : join(dirname(git), pointer), "HEAD"));
}

async function small(path: string): Promise<string | null> {
  const facts = await stat(path).catch(() => null);
  if (!facts?.isFile() || facts.size > MOST) return null;
  return readFile(path, "utf8").catch(() => null);
}

function branchIn(head: string): string | null {
  const branch = /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1];
  return branch ?? /^[0-9a-f]{40,64}/.exec(head)?.[0].slice(0, 8) ?? null;
}
