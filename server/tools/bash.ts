/** bash: runs a command line, in the foreground or in the background. */
import type { ProcessEnd, Tool, ToolCallContext, ToolResult } from "../ports.ts";
import { failWith } from "./apply-file-change.ts";
import { escapeControls, formatCount, truncateLine } from "./format-output.ts";
import { type Fields, normalizeFields, type Parsed, readFields, toSchema } from "./input-schema.ts";
import { createOutputThrottle } from "./output-throttle.ts";
import { resolvePath, shortPath } from "./paths.ts";
import { manual } from "./tool-descriptions.ts";

const fields = {
  command: { type: "text", optional: true, aliases: ["cmd", "script"] },
  timeout: {
    type: "count",
    optional: true,
    description: "seconds, default 120",
    aliases: ["timeout_seconds", "timeoutSeconds"],
  },
  background: {
    type: "text",
    optional: true,
    schemaType: "boolean",
    description: "for servers and watchers",
    aliases: ["run_in_background", "is_background"],
  },
  job: { type: "text", optional: true, description: '"list", or a background id to kill', aliases: ["kill", "jobs"] },
  cwd: { type: "path", optional: true, aliases: ["workdir", "working_directory", "directory"] },
} satisfies Fields;

const DEFAULT_TIMEOUT_SECONDS = 120;
const MAX_TIMEOUT_SECONDS = 3600;
/** Limit for head and for tail: bytes that are not valid text get longer when they are escaped. */
const MAX_PART_LENGTH = 32_000;

const MAX_LEFT_SHOWN = 5;

type Input =
  | { kind: "run" | "start"; command: string; cwd: string; timeoutMs: number }
  | { kind: "list" }
  | { kind: "kill"; id: string };

export const bash: Tool<Input> = {
  name: "bash",
  kind: "execute",
  description: "Run a shell command. No terminal, no input.",
  long: manual.bash,
  schema: toSchema(fields),
  normalize: (input) => normalizeFields(fields, input),
  parallel: false,
  parse,
  async prepare(input, context) {
    if (input.kind === "list") return { title: "background commands", locations: [], accesses: [{ kind: "none" }] };
    if (input.kind === "kill")
      return { title: `kill ${truncateLine(input.id, 20)}`, locations: [], accesses: [{ kind: "none" }] };
    const target = await resolvePath(input.cwd, context);
    const preview = target.real === context.cwd ? input.command : `${input.command}\n(in ${target.shown})`;
    return {
      title: shortenCommand(input.command),
      locations: [],
      accesses: [{ kind: "execute", command: input.command, cwd: target.real }],
      preview: escapeControls(preview),
    };
  },
  async run(input, context, prepared) {
    if (input.kind === "list") return { ok: true, output: describeBackground(context) };
    if (input.kind === "kill") return killBackground(input.id, context);
    const { real: cwd } = await resolvePath(input.cwd, context);
    if (!prepared.accesses.some((access) => access.kind === "execute" && access.cwd === cwd))
      return failWith(`${input.cwd} has changed since it was checked (a link?). Nothing was run.`);
    const { argv, env } = await context.chooseShell(input.command);
    if (input.kind === "start") {
      const { id } = await context.processes.background({ argv, env, cwd, blobs: context.blobs });
      return {
        ok: true,
        output: `Started in the background as ${id}. job "list" shows its output, job "${id}" kills it.`,
      };
    }
    const live = createOutputThrottle(context);
    const end = await context.processes.run({
      argv,
      env,
      cwd,
      timeoutMs: input.timeoutMs,
      signal: context.signal,
      blobs: context.blobs,
      onOutput: live.add,
    });
    const result = describeEnd(end, input.timeoutMs, context);
    return { ...result, output: result.output + (await describeUnsaved(context)) };
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
  if (command.includes("\0")) return { ok: false, problem: 'bash: "command" contains a NUL character.' };
  // A number above the maximum of one hour is taken as milliseconds.
  const seconds =
    timeout === undefined ? DEFAULT_TIMEOUT_SECONDS : timeout > MAX_TIMEOUT_SECONDS ? timeout / 1000 : timeout;
  const kind = background === "true" || background === "1" ? "start" : "run";
  return {
    ok: true,
    input: { kind, command, cwd: cwd ?? ".", timeoutMs: Math.round(Math.min(seconds, MAX_TIMEOUT_SECONDS) * 1000) },
  };
}

function shortenCommand(command: string): string {
  const [first = "", ...rest] = command.trim().split("\n");
  return truncateLine(rest.length > 0 ? `${first} …` : first, 100);
}

function describeEnd(end: ProcessEnd, timeoutMs: number, context: ToolCallContext): ToolResult {
  const location = end.blob === undefined ? "" : `; full output: ${context.blobs.path(end.blob)}`;
  const gap = end.omitted > 0 ? `\n… (${formatCount(end.omitted, "byte")} omitted${location})\n` : "";
  const output =
    renderCarriageReturns(end.head).slice(0, MAX_PART_LENGTH) +
    gap +
    renderCarriageReturns(end.tail).slice(-MAX_PART_LENGTH);
  const endings: Record<ProcessEnd["reason"], string> = {
    exited: end.code === 0 ? "" : end.code === null ? "(killed by a signal)" : `(exit code ${end.code})`,
    timeout: `(killed: it ran longer than ${formatCount(timeoutMs / 1000, "second")}; set a longer timeout, or background for servers and watchers)`,
    cancelled: "(cancelled)",
    failed: "(it could not be started)",
  };
  const text = [output.replace(/\n+$/, ""), endings[end.reason], describeLeft(end.leftRunning ?? [])]
    .filter((part) => part !== "")
    .join("\n");
  return {
    ok: end.reason === "exited" && end.code === 0,
    output: text === "" ? "(no output)" : text,
    ...(end.blob === undefined ? {} : { blob: end.blob }),
  };
}

function describeLeft(commands: readonly string[]): string {
  if (commands.length === 0) return "";
  const shown = commands.slice(0, MAX_LEFT_SHOWN).map((command) => truncateLine(command, 100));
  const more = commands.length > shown.length ? ` and ${commands.length - shown.length} more` : "";
  return `(stopped, because processes end with their command: ${shown.join(", ")}${more}. To keep one running, start it with background.)`;
}

/** Commands see the disk, not unsaved changes. Without this note the model might look for a bug that is fixed but not saved. */
async function describeUnsaved(context: ToolCallContext): Promise<string> {
  if (context.openDocumentsBelow(context.cwd).length === 0) return "";
  const names = (await context.documentsDifferingFromDisk(context.cwd)).map((path) => shortPath(path, context.cwd));
  return names.length === 0
    ? ""
    : `\n(the command saw the files on disk; an editor has unsaved changes in ${names.join(", ")})`;
}

/** The final state of the output: a line that was overwritten, for example by a progress bar, appears as last written. */
function renderCarriageReturns(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  return escapeControls(lines.map((line) => line.split("\r").findLast((part) => part !== "") ?? "").join("\n"));
}

function describeBackground(context: ToolCallContext): string {
  const all = context.processes.listBackground();
  if (all.length === 0) return "(no background commands)";
  return all
    .map(({ id, command, running, code, tail }) => {
      const state = running ? "running" : code === null ? "killed" : `exited with code ${code}`;
      return [`${id} (${state}): ${shortenCommand(command)}`, renderCarriageReturns(tail).trimEnd()]
        .filter((line) => line !== "")
        .join("\n");
    })
    .join("\n\n");
}

async function killBackground(id: string, context: ToolCallContext): Promise<ToolResult> {
  if (await context.processes.killBackground(id)) return { ok: true, output: `Killed ${id}.` };
  return failWith(`There is no running background command ${JSON.stringify(id)}. job "list" shows the existing ones.`);
}
