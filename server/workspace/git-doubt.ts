/**
 * Whether git, reading in a folder, could start a program that the repository's own settings name (`core.fsmonitor`, `diff.external`, a
 * filter, …). Settings come with an unpacked archive, and nobody has looked at them. What is not known to be harmless is in doubt.
 */
import { lstatSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

/** Sections and keys that start nothing while git reads. `*` stands for whatever follows. */
const harmless = new Set(
  `core.repositoryformatversion core.filemode core.bare core.logallrefupdates core.ignorecase core.precomposeunicode core.symlinks
  core.autocrlf core.eol core.safecrlf core.sparsecheckout core.sparsecheckoutcone core.longpaths core.untrackedcache core.preloadindex
  core.abbrev core.quotepath core.compression core.commitgraph core.multipackindex core.checkstat core.trustctime core.whitespace
  extensions.refstorage extensions.worktreeconfig extensions.preciousobjects
  remote.url remote.pushurl remote.fetch remote.push remote.tagopt remote.prune remote.prunetags remote.mirror remote.skipfetchall
  remote.gh-resolved branch.* user.* author.* committer.* init.* pull.* push.* fetch.* rebase.autostash rebase.autosquash
  rerere.* gc.auto gc.autodetach color.* status.* advice.* http.* lfs.* submodule.url submodule.active submodule.branch submodule.ignore
  merge.conflictstyle merge.ff diff.algorithm diff.renames diff.mnemonicprefix diff.colormoved log.date log.decorate commit.gpgsign
  tag.gpgsign tag.sort feature.* index.* pack.* maintenance.* safe.*`.split(/\s+/),
);
const MOST_BYTES = 256 * 1024;
const MOST_INDEX_BYTES = 64 * 1024 * 1024;
const MOST_REPOSITORIES = 200;

/** Null where there is no doubt; else the end of a sentence. */
export function gitDoubt(folder: string): string | null {
  const first = gitFolder(folder);
  if (first === null) return null;
  // Git reads in submodules, too, with the settings that they have.
  const waiting = [first];
  for (let count = 0; count < waiting.length; count += 1) {
    const { git, tree } = waiting[count] ?? { git: null, tree: folder };
    if (git === null || count > MOST_REPOSITORIES) return "where this repository keeps its settings cannot be told";
    const shared = pointer(join(git, "commondir"), git) ?? git;
    const isOwn = (path: string): boolean => resolve(shared, path) === tree;
    const doubt = doubtIn(join(shared, "config"), isOwn) ?? doubtIn(join(git, "config.worktree"), isOwn);
    if (doubt !== null) return doubt;
    const paths = submodulesIn(join(git, "index"));
    if (paths === null) return `${join(git, "index")} cannot be read for certain`;
    for (const path of paths) {
      const below = join(tree, path);
      const at = gitAt(below);
      if (at !== undefined) waiting.push({ git: at, tree: below });
    }
  }
  return null;
}

/** As git finds it: `.git`, a file that points elsewhere, or a folder that is laid out as a repository itself. */
function gitFolder(folder: string): { git: string | null; tree: string } | null {
  for (let at = folder; ; at = dirname(at)) {
    const git = gitAt(at);
    if (git !== undefined) return { git, tree: at };
    if (["HEAD", "objects", "refs"].every((name) => lstatSync(join(at, name), { throwIfNoEntry: false })))
      return { git: at, tree: at };
    if (dirname(at) === at) return null;
  }
}

/** Undefined where there is no `.git`, null where it leads nowhere. */
function gitAt(folder: string): string | null | undefined {
  const git = join(folder, ".git");
  const facts = statSync(git, { throwIfNoEntry: false });
  if (!facts) return undefined;
  return facts.isDirectory() ? git : pointer(git, folder);
}

/** What a file of one line points at; null where there is none. */
function pointer(file: string, from: string): string | null {
  const text = small(file);
  const path = text === null ? "" : text.replace(/^gitdir: /, "").trim();
  if (path === "") return null;
  return isAbsolute(path) ? path : resolve(from, path);
}

/** Bytes of an entry of an index before its path, with SHA-1 as names of objects. */
const ENTRY = 62;
const GITLINK = 0o160000;

/** Paths of submodules, from the index as git writes it in versions 2 and 3; null where that cannot be told. */
function submodulesIn(file: string): string[] | null {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (!facts) return [];
  if (!facts.isFile() || facts.size > MOST_INDEX_BYTES) return null;
  const index = readFileSync(file);
  if (index.length < 12 || index.toString("latin1", 0, 4) !== "DIRC" || index.readUInt32BE(4) > 3) return null;
  const found: string[] = [];
  let at = 12;
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    if (at + ENTRY > index.length) return null;
    const isExtended = (index.readUInt16BE(at + ENTRY - 2) & 0x4000) !== 0;
    const start = at + ENTRY + (isExtended ? 2 : 0);
    const end = index.indexOf(0, start);
    if (end < 0) return null;
    if (index.readUInt32BE(at + 24) === GITLINK) found.push(index.toString("utf8", start, end));
    at += Math.floor((end - at + 8) / 8) * 8;
  }
  // The rest of a split index stands in another file.
  return index.includes("link", at) ? null : found;
}

function small(file: string): string | null {
  const facts = statSync(file, { throwIfNoEntry: false });
  return facts?.isFile() && facts.size <= MOST_BYTES ? readFileSync(file, "utf8") : null;
}

function doubtIn(file: string, isOwn: (path: string) => boolean): string | null {
  if (!statSync(file, { throwIfNoEntry: false })) return null;
  const text = small(file);
  if (text === null) return `${file} is too large to be looked at, and may name programs`;
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    const head = /^\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"(?:[^"\\]|\\.)*")?\s*\](.*)$/.exec(line);
    if (head) section = (head[1] ?? "").toLowerCase();
    const rest = (head?.[2] ?? line).trim();
    if (rest === "" || rest.startsWith("#") || rest.startsWith(";")) continue;
    const key = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=|$)/.exec(rest)?.[1]?.toLowerCase();
    // A line that goes on below could hide what follows it.
    if (key === undefined || section === "" || rest.endsWith("\\")) return `${file} cannot be read for certain`;
    // A submodule's settings say where its files lie; files elsewhere are not for reading.
    if (section === "core" && key === "worktree" && isOwn(rest.replace(/^[^=]*=\s*/, ""))) continue;
    if (!harmless.has(`${section}.${key}`) && !harmless.has(`${section}.*`))
      return `${file} sets ${section}.${key}, which may start a program`;
  }
  return null;
}
