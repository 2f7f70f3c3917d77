/** glob: files by the pattern of their names. */
import { join } from "node:path";
import type { CallWorld, Tool, ToolResult } from "../ports.ts";
import { isSecretPath } from "../workspace/secrets.ts";
import { failed } from "./change.ts";
import { type Fields, type Parsed, pathNames, readFields } from "./input.ts";
import { manual } from "./manual.ts";
import { findJudged, findPlace, type Place, planFor, shortPath } from "./paths.ts";
import { foundPath, globOptions, search, searchSeconds, splitGlob } from "./search.ts";
import { count, narrow } from "./show.ts";

const fields = {
  pattern: { type: "path", also: ["glob", "glob_pattern"] },
  path: { type: "path", optional: true, also: [...pathNames, "dir", "directory", "cwd"] },
} satisfies Fields;

interface Input {
  /** The folders that the pattern spells out belong to the path. */
  path: string;
  pattern: string;
  title: string;
}

const mostFiles = 300;

export const glob: Tool<Input> = {
  name: "glob",
  kind: "search",
  description: "Find files by name pattern.",
  long: manual.glob,
  schema: {
    type: "object",
    properties: { pattern: { type: "string" }, path: { type: "string" } },
    required: ["pattern"],
  },
  parallel: true,
  parse,
  plan: async (input, world) => ({
    ...planFor("read", await findPlace(input.path, world)),
    title: narrow(input.title, 80),
  }),
  async run(input, world, plan) {
    const place = await findJudged(input.path, world, plan);
    if (place.kind === "missing") return { ok: true, output: `(no files: ${place.title} does not exist)` };
    if (place.kind !== "directory") return failed(`${place.title} is not a folder.`);
    return findNames(input, place, world);
  },
};

function parse(input: unknown): Parsed<Input> {
  const read = readFields("glob", fields, input);
  if (!read.ok) return read;
  const { pattern, path = "." } = read.input;
  const { folder, rest } = splitGlob(pattern);
  if (rest === "" || rest.split("/").includes(".."))
    return {
      ok: false,
      problem: 'glob: "pattern" must end in the pattern of a name, and ".." may stand only at its start.',
    };
  const base = folder === "" ? path : folder.startsWith("/") ? folder : join(path, folder);
  // `src/*` speaks of the folder src alone, `*.ts` of any depth.
  const anchored = folder !== "" && !rest.includes("/");
  return { ok: true, input: { path: base, pattern: anchored ? `/${rest}` : rest, title: pattern } };
}

async function findNames(input: Input, place: Place, world: CallWorld): Promise<ToolResult> {
  const wanted = globOptions(input.pattern);
  // A pattern with folders has to be told in a way that brings back what is ignored, so what is not ignored is asked for as well.
  const allowed = wanted.some((option) => option.startsWith("--type")) ? null : new Set<string>();
  const hidden = wanted.filter((option) => option === "--hidden");
  if (allowed !== null) await search(place, ["--files", "--null", ...hidden], world, (name) => allowed.add(name), "\0");
  const names: string[] = [];
  let left = 0;
  let secret = 0;
  const named = isSecretPath(input.pattern);
  const done = await search(
    place,
    ["--files", "--null", ...wanted],
    world,
    (name) => {
      if (allowed !== null && !allowed.has(name)) return;
      if (!named && isSecretPath(name)) secret += 1;
      else if (names.length >= mostFiles) left += 1;
      else names.push(shortPath(foundPath(place, name), world.cwd));
    },
    "\0",
  );
  if (done.problem !== null) return failed(`ripgrep cannot use this pattern: ${done.problem}`);
  const notes = [
    left > 0 ? `(${left} more; narrow the pattern)` : "",
    secret > 0 ? `(${count(secret, "file")} with secrets left out)` : "",
    done.timedOut ? `(stopped after ${searchSeconds} seconds; narrow the pattern)` : "",
  ].filter((note) => note !== "");
  if (names.length === 0) names.push("(no files)");
  return { ok: true, output: [...names, ...notes].join("\n") };
}
