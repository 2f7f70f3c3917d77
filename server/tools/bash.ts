/** bash: a command line, in front of the model or in the background. */
import type { CallWorld, ProcessEnd, Tool, ToolResult } from "../ports.ts";
import { failed } from "./change.ts";
import { type Fields, type Parsed, readFields } from "./input.ts";
import { openLive } from "./live.ts";
import { manual } from "./manual.ts";
import { findPlace, shortPath } from "./paths.ts";
import { count, narrow, visible } from "./show.ts";

const fields = {
  command: { type: "text", optional: true, also: ["cmd", "script"] },
  timeout: { type: "count", optional: true, also: ["timeout_seconds", "timeoutSeconds"] },
  background: { type: "text", optional: true, also: ["run_in_background", "is_background"] },
  job: { type: "text", optional: true, also: ["kill", "jobs"] },
  cwd: { type: "path", optional: true, also: ["workdir", "working_directory", "directory"] },
} satisfies Fields;

const defaultSeconds = 120;
const mostSeconds = 3600;
/** Of either part: bytes that are no text grow when they are written out. */
const mostShown = 32_000;

type Input =
  | { kind: "run" | "start"; command: string; cwd: string; timeoutMs: number }
  | { kind: "list" }
  | { kind: "kill"; id: string };

/** Bash where there is one, else the plain shell; the command is always the last argument. */
const shell = ["/bin/sh", "-c", 'command -v bash >/dev/null && exec bash -c "$1"; exec /bin/sh -c "$1"', "sh"];

export const bash: Tool<Input> = {
  name: "bash",
  kind: "execute",
  description: "Run a shell command. No terminal, no input.",
  long: manual.bash,
  schema: {
    type: "object",
    properties: {
      command: { type: "string" },
      timeout: { type: "integer", description: "seconds, default 120" },
      background: { type: "boolean", description: "for servers and watchers" },
      job: { type: "string", description: '"list", or a background id to kill' },
      cwd: { type: "string" },
    },
  },
  parallel: false,
  parse,
  async plan(input, world) {
    if (input.kind === "list") return { title: "background commands", locations: [], wants: [{ kind: "none" }] };
    if (input.kind === "kill")
      return { title: `end ${narrow(input.id, 20)}`, locations: [], wants: [{ kind: "none" }] };
    const place = await findPlace(input.cwd, world);
    const preview = place.real === world.cwd ? input.command : `${input.command}\n(in ${place.shown})`;
    return {
      title: shortCommand(input.command),
      locations: [],
      wants: [{ kind: "execute", command: input.command, cwd: place.real }],
      preview: visible(preview),
    };
  },
  async run(input, world, plan) {
    if (input.kind === "list") return { ok: true, output: describeBackground(world) };
    if (input.kind === "kill") return kill(input.id, world);
    const { real: cwd } = await findPlace(input.cwd, world);
    if (!plan.wants.some((want) => want.kind === "execute" && want.cwd === cwd))
      return failed(`${input.cwd} leads elsewhere than when it was judged; nothing was run.`);
    const argv = [...shell, input.command];
    if (input.kind === "start") {
      const { id } = await world.processes.background({ argv, cwd, blobs: world.blobs });
      return {
        ok: true,
        output: `Started in the background as ${id}; job "list" shows what it writes, job "${id}" ends it.`,
      };
    }
    const live = openLive(world);
    const end = await world.processes.run({
      argv,
      cwd,
      timeoutMs: input.timeoutMs,
      signal: world.signal,
      blobs: world.blobs,
      onOutput: live.add,
    });
    const result = describeEnd(end, input.timeoutMs, world);
    return { ...result, output: result.output + (await unsavedNote(world)) };
  },
};

function parse(input: unknown): Parsed<Input> {
  const read = readFields("bash", fields, input);
  if (!read.ok) return read;
  const { command, timeout, background, job, cwd } = read.input;
  if (command === undefined) {
    const id = job ?? background;
    if (id === undefined || id === "true" || id === "false")
      return { ok: false, problem: 'bash: "command" is missing.' };
    return { ok: true, input: id === "list" ? { kind: "list" } : { kind: "kill", id: id.replace(/^kill\s+/, "") } };
  }
  if (command.includes("\0")) return { ok: false, problem: 'bash: "command" holds a NUL character.' };
  // Nobody waits for more than an hour: such a number was meant in milliseconds.
  const seconds = timeout === undefined ? defaultSeconds : timeout > mostSeconds ? timeout / 1000 : timeout;
  const kind = background === "true" || background === "1" ? "start" : "run";
  return {
    ok: true,
    input: { kind, command, cwd: cwd ?? ".", timeoutMs: Math.round(Math.min(seconds, mostSeconds) * 1000) },
  };
}

function shortCommand(command: string): string {
  const [first = "", ...rest] = command.trim().split("\n");
  return narrow(rest.length > 0 ? `${first} …` : first, 100);
}

function describeEnd(end: ProcessEnd, timeoutMs: number, world: CallWorld): ToolResult {
  const where = end.blob === undefined ? "" : `; the output is in ${world.blobs.path(end.blob)}`;
  const gap = end.omitted > 0 ? `\n… (${count(end.omitted, "byte")} left out${where})\n` : "";
  const output = readable(end.head).slice(0, mostShown) + gap + readable(end.tail).slice(-mostShown);
  const how: Record<ProcessEnd["reason"], string> = {
    exited: end.code === 0 ? "" : end.code === null ? "(ended by a signal)" : `(exit code ${end.code})`,
    timeout: `(ended: it took more than ${count(timeoutMs / 1000, "second")}; give a longer timeout, or set background for what goes on running)`,
    cancelled: "(ended: it was cancelled)",
    failed: "(it could not be started)",
  };
  const text = [output.replace(/\n+$/, ""), how[end.reason]].filter((part) => part !== "").join("\n");
  return {
    ok: end.reason === "exited" && end.code === 0,
    output: text === "" ? "(no output)" : text,
    ...(end.blob === undefined ? {} : { blob: end.blob }),
  };
}

/** A test that still fails for want of saving would send the model looking for a fault that is not there. */
async function unsavedNote(world: CallWorld): Promise<string> {
  if (world.unsaved(world.cwd).length === 0) return "";
  const names = (await world.differing(world.cwd)).map((path) => shortPath(path, world.cwd));
  return names.length === 0
    ? ""
    : `\n(the command saw what is on the disk; an editor has newer, unsaved text of ${names.join(", ")})`;
}

/** As it would look at the end: a line that was written over, as by a progress bar, counts as last written. */
function readable(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  return visible(lines.map((line) => line.split("\r").findLast((part) => part !== "") ?? "").join("\n"));
}

function describeBackground(world: CallWorld): string {
  const all = world.processes.listBackground();
  if (all.length === 0) return "(nothing was started in the background)";
  return all
    .map(({ id, command, running, code, tail }) => {
      const state = running ? "running" : code === null ? "ended" : `ended with exit code ${code}`;
      return [`${id} (${state}): ${shortCommand(command)}`, readable(tail).trimEnd()]
        .filter((line) => line !== "")
        .join("\n");
    })
    .join("\n\n");
}

async function kill(id: string, world: CallWorld): Promise<ToolResult> {
  if (await world.processes.killBackground(id)) return { ok: true, output: `Ended ${id}.` };
  return failed(`There is no running background command ${JSON.stringify(id)}; job "list" shows which there are.`);
}
