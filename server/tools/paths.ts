/** From the path that a model named to the place where it really leads, and how that is shown to people. */
import { isAbsolute, relative, resolve, sep } from "node:path";
import { printable } from "../../protocol/printable.ts";
import type { FileFacts, Plan, ToolWorld, Want } from "../ports.ts";

export interface Place extends FileFacts {
  /** From the workspace where it lies inside, else absolute; harmless to print. */
  title: string;
  /** The title, and where a link leads. */
  shown: string;
}

export async function findPlace(path: string, world: ToolWorld): Promise<Place> {
  const asked = resolve(world.cwd, path);
  const facts = await world.files.facts(asked);
  const title = shortPath(asked, world.cwd);
  return { ...facts, title, shown: facts.linked ? `${title} → ${shortPath(facts.real, world.cwd)}` : title };
}

/** The place again when the call runs. Throws where it is not the one that was judged: somebody put a link in the way. */
export async function findJudged(path: string, world: ToolWorld, plan: Plan): Promise<Place> {
  const place = await findPlace(path, world);
  const judged = plan.wants.some((want) => "path" in want && want.path === place.real);
  if (!judged) throw new Error(`${place.shown} leads elsewhere than when it was judged; nothing was done.`);
  return place;
}

export function shortPath(path: string, cwd: string): string {
  const from = relative(cwd, path);
  const inside = from !== ".." && !from.startsWith(`..${sep}`) && !isAbsolute(from);
  return printable(inside ? from || "." : path);
}

export const wantOf = (kind: "read" | "edit", place: Place): Want => ({ kind, path: place.real, shown: place.shown });

export function planFor(kind: "read" | "edit", place: Place, line?: number): Plan {
  return {
    title: place.title,
    locations: [line === undefined ? { path: place.real } : { path: place.real, line }],
    wants: [wantOf(kind, place)],
  };
}

/** A sentence where the place cannot be read or written as a file. */
export function fileProblem(place: Place): string | null {
  if (place.kind === "device")
    return `${place.shown} is a device, pipe or socket, or belongs to a running process; only files can be used.`;
  return null;
}
