/**
 * Keys of providers: from the environment, the system's keychain, or a file that only its owner reads. A stored key belongs to the
 * origin that it was stored for and is never given for another one.
 */
import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../config/replace.ts";
import { parseJson } from "./parse-json.ts";

/** Texts by provider, kept by the system. Each method rejects where there is no keychain that answers. */
export interface Keychain {
  get(provider: string): Promise<string | null>;
  set(provider: string, text: string): Promise<void>;
  remove(provider: string): Promise<boolean>;
}

export interface KeyQuestion {
  provider: string;
  /** Variables to look in, in this order. */
  names: readonly string[];
  origin: string;
}

export interface FoundKey {
  key: string;
  from: "environment" | "keychain" | "file";
}

export interface Keys {
  /** The variable alone: no waiting, nothing loaded. */
  inEnvironment(names: readonly string[]): string | null;
  find(question: KeyQuestion): Promise<FoundKey | null>;
  store(provider: string, origin: string, key: string): Promise<{ stored: "keychain" | "file"; path?: string }>;
  forget(provider: string): Promise<boolean>;
  /** The keychain, where one answers. */
  keychain(): Promise<Keychain | null>;
}

export interface KeysParts {
  env: Readonly<Record<string, string | undefined>>;
  dataDir: string;
  openKeychain(): Promise<Keychain | null>;
}

/** What the file says of a provider: the key itself, or that the keychain has it. Without an entry no keychain is asked. */
interface Stored {
  origin: string;
  key: string | null;
}

export function openKeys({ env, dataDir, openKeychain }: KeysParts): Keys {
  const file = join(dataDir, "keys.json");
  let chain: Promise<Keychain | null> | null = null;
  const keychain = (): Promise<Keychain | null> => {
    chain ??= openKeychain();
    return chain;
  };
  const inEnvironment = (names: readonly string[]): string | null =>
    names.map((name) => env[name]?.trim()).find((value) => value !== undefined && value !== "") ?? null;

  return {
    inEnvironment,
    keychain,
    async find({ provider, names, origin }) {
      const named = inEnvironment(names);
      if (named !== null) return { key: named, from: "environment" };
      const stored = readFile(file)[provider];
      if (stored?.origin !== origin) return null;
      if (stored.key !== null) return { key: stored.key, from: "file" };
      const kept = asStored(parseJson((await (await keychain())?.get(provider).catch(() => null)) ?? ""));
      return kept?.key && kept.origin === origin ? { key: kept.key, from: "keychain" } : null;
    },
    async store(provider, origin, key) {
      const chained = await (await keychain())?.set(provider, JSON.stringify({ origin, key })).then(
        () => true,
        () => false,
      );
      await writeFile(file, { ...readFile(file), [provider]: { origin, key: chained === true ? null : key } });
      return chained === true ? { stored: "keychain" } : { stored: "file", path: file };
    },
    async forget(provider) {
      const { [provider]: stored, ...rest } = readFile(file);
      if (stored === undefined) return false;
      if (stored.key === null) await (await keychain())?.remove(provider);
      await writeFile(file, rest);
      return true;
    },
  };
}

function asStored(value: unknown): Stored | null {
  const { origin, key } = (value ?? {}) as Record<string, unknown>;
  if (typeof origin !== "string" || (typeof key !== "string" && key !== null)) return null;
  return { origin, key };
}

function readFile(file: string): Record<string, Stored> {
  if (!existsSync(file)) return {};
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  const value = parseJson(readFileSync(file, "utf8"));
  const pairs = Object.entries(typeof value === "object" && value !== null ? value : {});
  return Object.fromEntries(
    pairs.flatMap(([provider, entry]) => {
      const stored = asStored(entry);
      return stored === null ? [] : [[provider, stored]];
    }),
  );
}

const writeFile = (file: string, entries: Record<string, Stored>): Promise<void> =>
  replaceFile(file, `${JSON.stringify(entries, null, 2)}\n`);
