/** Checks what Tutti needs from the machine, and fixes file modes that are too wide. */

import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { TuttiError } from "../../protocol/errors.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import { rehearsalProvider } from "../../protocol/rehearsal.ts";
import type { ConfigPaths } from "../config/paths.ts";
import type { Keys } from "../model/keys.ts";
import type { Models } from "../model/models.ts";
import { restrictModes } from "../node/file-modes.ts";
import type { LazyPlugins } from "../plugins/lazy-plugins.ts";
import type { Processes } from "../ports.ts";
import { checkDefinitions, type DefinitionCheckDeps } from "./check-definitions.ts";
import { checkHooks, type HookCheckDeps } from "./check-hooks.ts";
import { checkPlugins } from "./check-plugins.ts";

type Check = ResultOf<"serverDoctor">["checks"][number];

export interface DoctorDeps extends DefinitionCheckDeps, HookCheckDeps {
  paths: ConfigPaths;
  processes: Pick<Processes, "run" | "ripgrep">;
  keys: Keys;
  models: Models;
  problems(): { level: "warning" | "error"; text: string }[];
  env: Readonly<Record<string, string | undefined>>;
  nodeVersion: string;
  plugins: Pick<LazyPlugins, "isNeeded" | "open">;
}

const TIMEOUT_MS = 3_000;
const MIN_FREE_BYTES = 200 * 1024 * 1024;

export async function runDoctor(deps: DoctorDeps, cwd: string): Promise<Check[]> {
  const checks = await Promise.all([
    checkNode(deps.nodeVersion),
    checkFolders(deps.paths),
    checkProgram(
      deps,
      cwd,
      "ripgrep",
      deps.processes.ripgrep(),
      "searches need it. Install ripgrep, or reinstall Tutti",
    ),
    checkProgram(deps, cwd, "git", "git", "the agent cannot use version control without it. Install git"),
    checkKeychain(deps.keys),
    checkDisk(deps.paths.dataDir),
    checkConfiguration(deps),
    checkModel(deps.models),
    checkTerminal(deps.env),
  ]);
  return [
    ...checks,
    ...(await checkFiles(deps, cwd)),
    ...(await checkPlugins(deps.plugins, cwd)),
    ...(await checkHooks(deps, cwd)).map((detail) => ({ name: "hooks", state: "warning" as const, detail })),
    {
      name: "sandbox",
      state: "warning",
      detail: "Not implemented in this version: commands run with your permissions.",
    },
  ];
}

/** One row for each problem of an agent, a skill or a command. */
async function checkFiles(deps: DoctorDeps, cwd: string): Promise<Check[]> {
  const { problems, summary } = await checkDefinitions(deps, cwd);
  return problems.length === 0
    ? [{ name: "definitions", state: "ok", detail: summary }]
    : problems.map((detail) => ({ name: "definitions", state: "warning", detail }));
}

async function checkNode(version: string): Promise<Check> {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const fits = major > 22 || (major === 22 && minor >= 22);
  return fits
    ? { name: "node", state: "ok", detail: version }
    : { name: "node", state: "failed", detail: `Node.js ${version} is too old. Install Node.js 22.22 or newer.` };
}

async function checkFolders({ configDir, dataDir }: ConfigPaths): Promise<Check> {
  const fixed = [...restrictModes(configDir), ...restrictModes(dataDir)];
  if (fixed.length === 0)
    return { name: "files", state: "ok", detail: `Only you can read ${configDir} and ${dataDir}.` };
  return {
    name: "files",
    state: "warning",
    detail: `Other users could read ${fixed.join(", ")}. The modes are fixed. If others use this machine, replace the keys in these files.`,
  };
}

async function checkProgram(
  deps: DoctorDeps,
  cwd: string,
  name: string,
  command: string,
  advice: string,
): Promise<Check> {
  const end = await deps.processes
    .run({ argv: [command, "--version"], cwd, timeoutMs: TIMEOUT_MS })
    .catch((error: Error) => ({ code: null, head: error.message }));
  const [first = ""] = end.head.split("\n");
  return end.code === 0
    ? { name, state: "ok", detail: first.trim() }
    : { name, state: "warning", detail: `Cannot run ${name}: ${advice}.` };
}

async function checkKeychain(keys: Keys): Promise<Check> {
  const systemKeychain = await keys.keychain();
  const works = await systemKeychain?.get("doctor").then(
    () => true,
    () => false,
  );
  return works === true
    ? { name: "keychain", state: "ok", detail: "The system keychain works. Keys are stored there." }
    : {
        name: "keychain",
        state: "warning",
        detail: "No system keychain is available. Keys are stored in a file that only you can read.",
      };
}

async function checkDisk(dataDir: string): Promise<Check> {
  let folder = dataDir;
  while (!existsSync(folder) && folder.includes("/") && folder !== "/") folder = folder.replace(/\/[^/]*$/, "") || "/";
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const detail = `${Math.round(free / 1024 / 1024)} MiB free for ${dataDir}`;
  return free < MIN_FREE_BYTES
    ? { name: "disk", state: "warning", detail: `Only ${detail}. Free some disk space.` }
    : { name: "disk", state: "ok", detail };
}

async function checkConfiguration({ problems }: DoctorDeps): Promise<Check> {
  const [first] = problems();
  if (first === undefined) return { name: "configuration", state: "ok", detail: "No problems found." };
  const errors = problems().some(({ level }) => level === "error");
  return { name: "configuration", state: errors ? "failed" : "warning", detail: first.text };
}

async function checkModel(models: Models): Promise<Check> {
  try {
    const { model, reason, warnings } = await models.open(undefined);
    if (warnings[0] !== undefined)
      return { name: "model", state: "warning", detail: `${model.id} (${reason}): ${warnings[0]}` };
    const provider = model.id.slice(0, model.id.indexOf("/"));
    const { fetchText } = await import("../model/fetch-json.ts");
    const at = provider === rehearsalProvider ? null : models.endpoint(provider);
    const failure =
      at &&
      (await fetchText({ url: `${at.baseUrl}/models`, timeoutMs: TIMEOUT_MS }).then(
        () => "",
        (error: Error) => error.message,
      ));
    // Without a key most endpoints return an error status, which shows that they are reachable.
    const responds = failure === null || failure === "" || failure.includes("status");
    return responds
      ? { name: "model", state: "ok", detail: `${model.id} (${reason})${at ? `; ${at.origin} responds` : ""}` }
      : {
          name: "model",
          state: "failed",
          detail: `${model.id} (${reason}), but ${at?.origin} does not respond: ${failure}. Check the network and the base URL.`,
        };
  } catch (error) {
    if (error instanceof TuttiError) return { name: "model", state: "failed", detail: error.message };
    throw error;
  }
}

async function checkTerminal(env: DoctorDeps["env"]): Promise<Check> {
  const term = env.TERM ?? "";
  if (term === "" || term === "dumb")
    return { name: "terminal", state: "ok", detail: "No terminal, or one without colors." };
  const color = env.COLORTERM === "truecolor" || env.COLORTERM === "24bit" ? "true color" : "256 colors or fewer";
  return { name: "terminal", state: "ok", detail: `${term}, ${color}` };
}
