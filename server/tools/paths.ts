/** Resolves the paths that a model passes to real paths, and formats them for display. */
import { isAbsolute, relative, resolve, sep } from "node:path";
import { printable } from "../../protocol/printable.ts";
import type { Access, FileStat, PreparedCall, ToolContext } from "../ports.ts";

export interface ResolvedPath extends FileStat {
  /** Relative to the workspace if inside, otherwise absolute; safe to print. */
  title: string;
  /** The title, and the target of a link. */
  shown: string;
}

export async function resolvePath(path: string, context: ToolContext): Promise<ResolvedPath> {
  const absolute = resolve(context.cwd, path);
  const stat = await context.files.stat(absolute);
  const title = shortPath(absolute, context.cwd);
  return { ...stat, title, shown: stat.linked ? `${title} → ${shortPath(stat.real, context.cwd)}` : title };
}

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
