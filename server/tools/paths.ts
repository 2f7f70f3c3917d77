/** Resolves the paths that a model passes to real paths, and formats them for display. */
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { printable } from "../../protocol/printable.ts";
import type { Access, FileStat, Files, PreparedCall, ToolContext } from "../ports.ts";
import { foldLookAlikes } from "../workspace/look-alikes.ts";

export interface ResolvedPath extends FileStat {
  /** Relative to the workspace if inside, otherwise absolute; safe to print. */
  title: string;
  /** The title, and the target of a link. */
  shown: string;
}

/** A path that does not exist leads to the one whose name looks the same, for example with other spaces or composed letters. */
export async function resolvePath(path: string, context: ToolContext): Promise<ResolvedPath> {
  const exact = resolve(context.cwd, path);
  const found = await context.files.stat(exact);
  const similar = found.kind === "missing" ? await findLookAlike(exact, context.files) : null;
  const absolute = similar ?? exact;
  const stat = similar === null ? found : await context.files.stat(similar);
  const title = shortPath(absolute, context.cwd);
  return { ...stat, title, shown: stat.linked ? `${title} → ${shortPath(stat.real, context.cwd)}` : title };
}

/** The one existing path in which each missing name is replaced by one that looks like it; null if there is none, or more than one. */
async function findLookAlike(path: string, files: Files): Promise<string | null> {
  const folder = dirname(path);
  if (folder === path) return null;
  const parent = (await files.stat(folder)).kind === "missing" ? await findLookAlike(folder, files) : folder;
  if (parent === null || (await files.stat(parent)).kind !== "directory") return null;
  const wanted = basename(path);
  const names = (await listNames(parent, files)).filter((name) => foldLookAlikes(name) === foldLookAlikes(wanted));
  const name = names.includes(wanted) ? wanted : names[0];
  return name === undefined || (name !== wanted && names.length > 1) ? null : join(parent, name);
}

/** Nothing for a folder that may not be listed. */
const listNames = (folder: string, files: Files): Promise<string[]> =>
  files.list(folder).then(
    (entries) => entries.map((entry) => entry.name),
    () => [],
  );

/** Resolves the path again when the call runs. Throws if the result is not what was checked, for example because of a new link. */
export async function resolveCheckedPath(
  path: string,
  context: ToolContext,
  prepared: PreparedCall,
): Promise<ResolvedPath> {
  const target = await resolvePath(path, context);
  const checked = prepared.accesses.some((access) => "path" in access && access.path === target.real);
  if (!checked) throw new Error(`${target.shown} has changed since it was checked (a link?). Nothing was done.`);
  return target;
}

export function shortPath(path: string, cwd: string): string {
  const from = relative(cwd, path);
  const inside = from !== ".." && !from.startsWith(`..${sep}`) && !isAbsolute(from);
  return printable(inside ? from || "." : path);
}

export const toAccess = (kind: "read" | "edit", target: ResolvedPath): Access => ({
  kind,
  path: target.real,
  shown: target.shown,
});

export function prepareFor(kind: "read" | "edit", target: ResolvedPath, line?: number): PreparedCall {
  return {
    title: target.title,
    locations: [line === undefined ? { path: target.real } : { path: target.real, line }],
    accesses: [toAccess(kind, target)],
  };
}

/** An error message if the target is not a regular file or folder. */
export function checkFileKind(target: ResolvedPath): string | null {
  if (target.kind === "device")
    return `${target.shown} is a device, pipe or socket, or belongs to a running process; only files can be used.`;
  return null;
}
