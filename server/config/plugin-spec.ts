/** What a plugin is before it runs: where it was named, what would be started or called, and the hash that an approval is bound to. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { Hash } from "../ports.ts";
import { toCanonicalJson } from "./canonical-json.ts";
import { fingerprintFiles } from "./fingerprint.ts";
import type { Environment } from "./paths.ts";
import { expandVariables } from "./plugin-variables.ts";

/** `user`: the person's own configuration; else the file of a project, or of another program, that named it. */
export interface PluginSpec {
  name: string;
  source: string;
  own: boolean;
  command?: string[];
  url?: string;
  /** Names to pass on from our own environment, and values that the configuration gives. */
  env: Record<string, string | null>;
  headers: Record<string, string>;
  /** The variables of the environment that its texts use, to be filled in at its start. Null if its texts are literal. */
  variables: string[] | null;
  /** Absolute: where a process starts, and where relative words of the command lead. */
  cwd: string;
  /** It starts in whatever folder a session is in. */
  anywhere: boolean;
  enabled: boolean;
  timeoutMs: number;
  /** It may ask the model for answers, each time with an approval of a user. */
  sampling: boolean;
}

/** Bytes of a file that is part of what is approved; a larger one is known by its size. */
const FILE_MOST = 16 * 1024 * 1024;

export const goodName = (name: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(name);

/** Changes with the command, the address and the environment as they are written: what can be known without looking at a file. */
export function nameplateOf(spec: PluginSpec, hash: Hash): string {
  const { command, url, env, headers, cwd, anywhere } = spec;
  const variables = spec.variables?.length ? spec.variables : undefined;
  return hash(toCanonicalJson({ command, url, env, headers, variables, cwd: command && !anywhere ? cwd : undefined }));
}

/**
 * Changes with all that, and with the content of every file that the command names: a program that lies in the folder of a project
 * cannot be exchanged after it was approved.
 */
export function identityOf(spec: PluginSpec, hash: Hash, environment: Environment): string {
  const files = namedFiles(spec, environment).flatMap(({ word, path }) => {
    const content = fileHash(path, hash);
    return content === null ? [] : [[word, content]];
  });
  return hash(toCanonicalJson({ nameplate: nameplateOf(spec, hash), files }));
}

/** Changes when one of these files is written, without reading any. Not for an approval, which is bound to what is in them. */
export const fingerprintOf = (spec: PluginSpec, hash: Hash, environment: Environment): string =>
  `${nameplateOf(spec, hash)}\n${fingerprintFiles(namedFiles(spec, environment).map(({ path }) => path))}`;

/** The words of the command that may name files, as they are written, with the file that each one names with its variables filled in. */
function namedFiles({ command = [], cwd, variables }: PluginSpec, environment: Environment) {
  return command.flatMap((word, index) => {
    const filled = variables === null ? word : tryExpand(word, environment);
    if (filled === null || (index === 0 && !/[/\\]/.test(filled))) return [];
    return [{ word, path: isAbsolute(filled) ? filled : resolve(cwd, filled) }];
  });
}

/** Null if a variable is missing: then the plugin cannot start. */
function tryExpand(word: string, environment: Environment): string | null {
  try {
    return expandVariables(word, environment);
  } catch {
    return null;
  }
}

function fileHash(path: string, hash: Hash): string | null {
  if (!existsSync(path)) return null;
  const facts = statSync(path);
  if (!facts.isFile()) return null;
  return facts.size > FILE_MOST ? `${facts.size} bytes` : hash(readFileSync(path));
}
