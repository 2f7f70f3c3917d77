/** What Tutti needs from the machine: looked at, and mended where only a mode was too wide. */
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { TuttiError } from "../protocol/errors.ts";
import type { ResultOf } from "../protocol/methods.ts";
import type { ConfigPaths } from "./config/paths.ts";
import type { Keys } from "./model/keys.ts";
import type { Models } from "./model/models.ts";
import { narrowModes } from "./node/modes.ts";
import type { Processes } from "./ports.ts";

type Check = ResultOf<"serverDoctor">["checks"][number];

export interface DoctorParts {
  paths: ConfigPaths;
  processes: Pick<Processes, "run" | "ripgrep">;
  keys: Keys;
  models: Models;
  problems(): { level: "warning" | "error"; text: string }[];
  env: Readonly<Record<string, string | undefined>>;
  nodeVersion: string;
}

const answerMs = 3_000;
const scarce = 200 * 1024 * 1024;

export async function examine(parts: DoctorParts, cwd: string): Promise<Check[]> {
  const checks = await Promise.all([
    node(parts.nodeVersion),
    folders(parts.paths),
    program(parts, cwd, "ripgrep", parts.processes.ripgrep, "searches need it; install ripgrep, or reinstall Tutti"),
    program(parts, cwd, "git", "git", "without it nothing is known of versions; install git"),
    keychain(parts.keys),
    disk(parts.paths.dataDir),
    configuration(parts),
    model(parts.models),
    terminal(parts.env),
  ]);
  return [
    ...checks,
    { name: "sandbox", state: "warning", detail: "This version has none: commands run with your own rights." },
  ];
}

async function node(version: string): Promise<Check> {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const fits = major > 22 || (major === 22 && minor >= 22);
  return fits
    ? { name: "node", state: "ok", detail: version }
    : { name: "node", state: "failed", detail: `${version} is too old; install Node 22.22 or newer.` };
}

async function folders({ configDir, dataDir }: ConfigPaths): Promise<Check> {
  const mended = [...narrowModes(configDir), ...narrowModes(dataDir)];
  if (mended.length === 0)
    return { name: "files", state: "ok", detail: `${configDir} and ${dataDir} are yours alone.` };
  return {
    name: "files",
    state: "warning",
    detail: `Others could read ${mended.join(", ")}; now only you can. If others use this machine, replace the keys in there.`,
  };
}

async function program(
  parts: DoctorParts,
  cwd: string,
  name: string,
  command: string,
  otherwise: string,
): Promise<Check> {
  const end = await parts.processes
    .run({ argv: [command, "--version"], cwd, timeoutMs: answerMs })
    .catch((error: Error) => ({ code: null, head: error.message }));
  const [first = ""] = end.head.split("\n");
  return end.code === 0
    ? { name, state: "ok", detail: first.trim() }
    : { name, state: "warning", detail: `There is no ${name} that runs; ${otherwise}.` };
}

async function keychain(keys: Keys): Promise<Check> {
  const chain = await keys.keychain();
  const answers = await chain?.get("doctor").then(
    () => true,
    () => false,
  );
  return answers === true
    ? { name: "keychain", state: "ok", detail: "The system's keychain answers; keys are stored there." }
    : {
        name: "keychain",
        state: "warning",
        detail: "No keychain answers; keys are stored in a file that only you can read.",
      };
}

async function disk(dataDir: string): Promise<Check> {
  let folder = dataDir;
  while (!existsSync(folder) && folder.includes("/") && folder !== "/") folder = folder.replace(/\/[^/]*$/, "") || "/";
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const detail = `${Math.round(free / 1024 / 1024)} MiB free for ${dataDir}`;
  return free < scarce
    ? { name: "disk", state: "warning", detail: `Only ${detail}; make room.` }
    : { name: "disk", state: "ok", detail };
}

async function configuration({ problems }: DoctorParts): Promise<Check> {
  const [first] = problems();
  if (first === undefined) return { name: "configuration", state: "ok", detail: "Nothing is wrong with it." };
  const errors = problems().some(({ level }) => level === "error");
  return { name: "configuration", state: errors ? "failed" : "warning", detail: first.text };
}

async function model(models: Models): Promise<Check> {
  try {
    const { model: chosen, why, warnings } = await models.open(undefined);
    if (warnings[0] !== undefined)
      return { name: "model", state: "warning", detail: `${chosen.id} (${why}): ${warnings[0]}` };
    const provider = chosen.id.slice(0, chosen.id.indexOf("/"));
    const { askText } = await import("./model/ask-json.ts");
    const at = provider === "rehearsal" ? null : models.endpoint(provider);
    const answer =
      at &&
      (await askText({ url: `${at.baseUrl}/models`, ms: answerMs }).then(
        () => "",
        (error: Error) => error.message,
      ));
    // Without a key most refuse, and so are there.
    const there = answer === null || answer === "" || answer.includes("status");
    return there
      ? { name: "model", state: "ok", detail: `${chosen.id} (${why})${at ? `; ${at.origin} answers` : ""}` }
      : {
          name: "model",
          state: "failed",
          detail: `${chosen.id} (${why}), but ${at?.origin} does not answer: ${answer}.`,
        };
  } catch (error) {
    if (error instanceof TuttiError) return { name: "model", state: "failed", detail: error.message };
    throw error;
  }
}

async function terminal(env: DoctorParts["env"]): Promise<Check> {
  const term = env.TERM ?? "";
  if (term === "" || term === "dumb")
    return { name: "terminal", state: "ok", detail: "No terminal, or a plain one: nothing is coloured." };
  const color = env.COLORTERM === "truecolor" || env.COLORTERM === "24bit" ? "all colours" : "256 colours or fewer";
  return { name: "terminal", state: "ok", detail: `${term}, ${color}` };
}
