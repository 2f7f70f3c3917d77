/**
 * Checks whether a git read command in a folder could start a program that the repository's own settings name (`core.fsmonitor`,
 * `diff.external`, a filter, …). Such settings may come with an unpacked archive. Every setting that is not known to be safe is a risk.
 */
import { lstatSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

/** Settings that start no program when git reads. `*` matches every key of the section. */
const safeSettings = new Set(
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
const MAX_CONFIG_BYTES = 256 * 1024;
const MAX_INDEX_BYTES = 64 * 1024 * 1024;
const MAX_REPOSITORIES = 200;

/** Null if there is no risk, else the reason, as a clause of a sentence. */
export function findGitRisk(folder: string): string | null {
  const first = findGitFolder(folder);
  if (first === null) return null;
  // Git also reads submodules, with their own settings.
  const repositories = [first];
  for (let count = 0; count < repositories.length; count += 1) {
    const { git, tree } = repositories[count] ?? { git: null, tree: folder };
    if (git === null || count > MAX_REPOSITORIES) return "the settings of this repository cannot be located";
    const shared = readPointer(join(git, "commondir"), git) ?? git;
    const isOwn = (path: string): boolean => resolve(shared, path) === tree;
    const risk = findConfigRisk(join(shared, "config"), isOwn) ?? findConfigRisk(join(git, "config.worktree"), isOwn);
    if (risk !== null) return risk;
    const paths = readSubmodules(join(git, "index"));
    if (paths === null) return `${join(git, "index")} cannot be parsed reliably`;
    for (const path of paths) {
      const below = join(tree, path);
      const at = resolveGitFolder(below);
      if (at !== undefined) repositories.push({ git: at, tree: below });
    }
  }
  return null;
}

/** Finds the repository as git does: `.git`, a file that points elsewhere, or a bare repository. */
function findGitFolder(folder: string): { git: string | null; tree: string } | null {
  for (let at = folder; ; at = dirname(at)) {
    const git = resolveGitFolder(at);
    if (git !== undefined) return { git, tree: at };
    if (["HEAD", "objects", "refs"].every((name) => lstatSync(join(at, name), { throwIfNoEntry: false })))
      return { git: at, tree: at };
    if (dirname(at) === at) return null;
  }
}

/** Undefined if there is no `.git`, null if it points nowhere. */
function resolveGitFolder(folder: string): string | null | undefined {
  const git = join(folder, ".git");
  const stat = statSync(git, { throwIfNoEntry: false });
  if (!stat) return undefined;
  return stat.isDirectory() ? git : readPointer(git, folder);
}

/** The path in a one-line file; null if there is none. */
function readPointer(file: string, from: string): string | null {
  const text = readSmall(file);
  const path = text === null ? "" : text.replace(/^gitdir: /, "").trim();
  if (path === "") return null;
  return isAbsolute(path) ? path : resolve(from, path);
}

/** Bytes of an index entry before its path, with SHA-1 object names. */
const ENTRY = 62;
const GITLINK = 0o160000;

/** Paths of submodules, from an index of version 2 or 3; null if it cannot be parsed. */
function readSubmodules(file: string): string[] | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isFile() || stat.size > MAX_INDEX_BYTES) return null;
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
  // The rest of a split index is in another file.
  return index.includes("link", at) ? null : found;
}

function readSmall(file: string): string | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() && stat.size <= MAX_CONFIG_BYTES ? readFileSync(file, "utf8") : null;
}

function findConfigRisk(file: string, isOwn: (path: string) => boolean): string | null {
  if (!statSync(file, { throwIfNoEntry: false })) return null;
  const text = readSmall(file);
  if (text === null) return `${file} is too large to check, and may name programs`;
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    const head = /^\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"(?:[^"\\]|\\.)*")?\s*\](.*)$/.exec(line);
    if (head) section = (head[1] ?? "").toLowerCase();
    const rest = (head?.[2] ?? line).trim();
    if (rest === "" || rest.startsWith("#") || rest.startsWith(";")) continue;
    const key = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=|$)/.exec(rest)?.[1]?.toLowerCase();
    // A continued line could hide the next line.
    if (key === undefined || section === "" || rest.endsWith("\\")) return `${file} cannot be parsed reliably`;
    // A submodule's settings contain the location of its files; only the expected location is safe.
    if (section === "core" && key === "worktree" && isOwn(rest.replace(/^[^=]*=\s*/, ""))) continue;
    if (!safeSettings.has(`${section}.${key}`) && !safeSettings.has(`${section}.*`))
      return `${file} sets ${section}.${key}, which may start a program`;
  }
  return null;
}
