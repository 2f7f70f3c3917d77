/** Reads the checked-out branch from the repository's files, because git must not run in an untrusted folder. */
import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";

const MAX_BYTES = 4096;

/** Null if there is no readable repository. */
export async function readBranch(folder: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    const head = await readHead(join(at, ".git"));
    if (head !== null) return parseBranch(head);
    if (dirname(at) === at) return null;
  }
}

/** In a worktree, `.git` is a file with the path of the git folder. */
async function readHead(git: string): Promise<string | null> {
  const stats = await stat(git).catch(() => null);
  if (!stats) return null;
  if (stats.isDirectory()) return readSmall(join(git, "HEAD"));
  const pointer = /^gitdir: (.+)$/m.exec((await readSmall(git)) ?? "")?.[1];
  if (pointer === undefined) return null;
  return readSmall(join(isAbsolute(pointer) ? pointer : join(dirname(git), pointer), "HEAD"));
}

async function readSmall(path: string): Promise<string | null> {
  const stats = await stat(path).catch(() => null);
  if (!stats?.isFile() || stats.size > MAX_BYTES) return null;
  return readFile(path, "utf8").catch(() => null);
}

function parseBranch(head: string): string | null {
  const branch = /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1];
  return branch ?? /^[0-9a-f]{40,64}/.exec(head)?.[0].slice(0, 8) ?? null;
}
