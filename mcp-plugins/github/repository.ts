/** Resolves the repository of a call: the one it names, or the one that the folder was cloned from. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { API_URL } from "./api.ts";

const run = promisify(execFile);
const GIT_MS = 10_000;

/** Shared input fields of tools. */
export const repoField = z
  .string()
  .regex(/^[\w.-]+\/[\w.-]+$/, "must be owner/name")
  .optional()
  .describe("owner/name; default: the repository that the current folder was cloned from");
export const numberField = z.number().int().positive();
export const pageField = z.number().int().positive().default(1).describe("Counted from 1");

/** `/repos/owner/name`. */
export async function repositoryPath(repo: string | undefined, signal: AbortSignal): Promise<string> {
  return `/repos/${repo ?? (await repositoryOfFolder(signal))}`;
}

async function repositoryOfFolder(signal: AbortSignal): Promise<string> {
  const remotes = parseRemotes(await runGit(["remote", "-v"], signal));
  const host = webHost(API_URL);
  const here = remotes.filter((remote) => remote.host === host);
  const found = here.find(({ name }) => name === "origin") ?? here[0];
  if (found === undefined)
    throw new Error(`The current folder has no git remote on ${host}. Set repo to the repository, as owner/name.`);
  return found.repository;
}

/** The checked-out branch, or null. */
export async function currentBranch(signal: AbortSignal): Promise<string | null> {
  return (await runGit(["branch", "--show-current"], signal)).trim() || null;
}

/** The output of git; empty if it fails, for example without a repository. */
async function runGit(argv: string[], signal: AbortSignal): Promise<string> {
  try {
    return (await run("git", argv, { signal, timeout: GIT_MS })).stdout;
  } catch (error) {
    if (signal.aborted) throw error;
    return "";
  }
}

interface Remote {
  name: string;
  host: string;
  repository: string;
}

/** Parses `git remote -v`, with URLs in any form that git supports. */
function parseRemotes(output: string): Remote[] {
  return output.split("\n").flatMap((line) => {
    const [, name = "", address = ""] = /^(\S+)\t(\S+) \(fetch\)$/.exec(line) ?? [];
    const [, host = "", repository = ""] =
      /^[a-z+]+:\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(address) ??
      /^(?:[^@/]*@)?([^/:]+):\/?([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(address) ??
      [];
    return host === "" ? [] : [{ name, host, repository }];
  });
}

/** The host that repositories are cloned from, for the URL of the API. */
function webHost(api: string): string {
  const host = URL.parse(api)?.hostname ?? "";
  return host === "api.github.com" ? "github.com" : host.replace(/^api\.(?=.+\.ghe\.com$)/, "");
}
