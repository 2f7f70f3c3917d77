/** list: the names in a folder, folders marked by a slash. */
import type { Tool, ToolWorld } from "../ports.ts";
import { failed } from "./change.ts";
import { type Fields, pathNames, readFields, type Values } from "./input.ts";
import { manual } from "./manual.ts";
import { findJudged, findPlace, type Place, planFor } from "./paths.ts";
import { narrow } from "./show.ts";

const fields = {
  path: { type: "path", optional: true, also: [...pathNames, "dir", "directory", "folder"] },
} satisfies Fields;

const mostEntries = 500;

export const list: Tool<Values<typeof fields>> = {
  name: "list",
  kind: "search",
  description: "List a folder.",
  schema: { type: "object", properties: { path: { type: "string" } } },
  long: manual.list,
  parallel: true,
  parse: (input) => readFields("list", fields, input ?? {}),
  plan: async (input, world) => planFor("read", await findPlace(input.path ?? ".", world)),
  async run(input, world, plan) {
    const place = await findJudged(input.path ?? ".", world, plan);
    if (place.kind === "missing") return failed(`${place.title} does not exist.`);
    if (place.kind !== "directory") return failed(`${place.title} is not a folder; read it instead.`);
    return { ok: true, output: await listFolder(place, world) };
  },
};

export async function listFolder(place: Place, world: ToolWorld): Promise<string> {
  const entries = await world.files.list(place.real);
  if (entries.length === 0) return "(the folder is empty)";
  const names = entries.slice(0, mostEntries).map((entry) => narrow(entry.name) + (entry.directory ? "/" : ""));
  const left = entries.length - names.length;
  return names.join("\n") + (left > 0 ? `\n(${left} more)` : "");
}
