/**
 * Provider keys from the environment, the system keychain, or a file that only its owner can read. A stored key belongs to the origin
 * it was stored for and is never used for another one.
 */
import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../config/replace-file.ts";
import { parseJson } from "./try-parse-json.ts";

/** Secrets by provider. Each method rejects if no keychain responds. */
export interface Keychain {
  get(provider: string): Promise<string | null>;
  set(provider: string, text: string): Promise<void>;
  remove(provider: string): Promise<boolean>;
}

export interface KeyQuery {
  provider: string;
  /** Environment variables to try, in this order. */
  names: readonly string[];
  origin: string;
}

export interface FoundKey {
  key: string;
  source: "environment" | "keychain" | "file";
}

export interface Keys {
  /** Looks in the environment only. Loads nothing. */
  findInEnvironment(names: readonly string[]): string | null;
  find(question: KeyQuery): Promise<FoundKey | null>;
  store(provider: string, origin: string, key: string): Promise<{ stored: "keychain" | "file"; path?: string }>;
  forget(provider: string): Promise<boolean>;
  /** The keychain, if there is one. */
  keychain(): Promise<Keychain | null>;
}

export interface KeysDeps {
  env: Readonly<Record<string, string | undefined>>;
  dataDir: string;
  openKeychain(): Promise<Keychain | null>;
}

/** An entry of the key file. `key` is null if the keychain holds it. Without an entry the keychain is not read. */
interface Stored {
  origin: string;
  key: string | null;
}

export function openKeys({ env, dataDir, openKeychain }: KeysDeps): Keys {
  const file = join(dataDir, "keys.json");
  let keychainPromise: Promise<Keychain | null> | null = null;
  const keychain = (): Promise<Keychain | null> => {
    keychainPromise ??= openKeychain();
    return keychainPromise;
  };
  const findInEnvironment = (names: readonly string[]): string | null =>
    names.map((name) => env[name]?.trim()).find((value) => value !== undefined && value !== "") ?? null;

  return {
    findInEnvironment,
    keychain,
    async find({ provider, names, origin }) {
      const fromEnvironment = findInEnvironment(names);
      if (fromEnvironment !== null) return { key: fromEnvironment, source: "environment" };
      const stored = readFile(file)[provider];
      if (stored?.origin !== origin) return null;
      if (stored.key !== null) return { key: stored.key, source: "file" };
      const fromKeychain = parseStored(parseJson((await (await keychain())?.get(provider).catch(() => null)) ?? ""));
      return fromKeychain?.key && fromKeychain.origin === origin ? { key: fromKeychain.key, source: "keychain" } : null;
    },
    async store(provider, origin, key) {
      const inKeychain = await (await keychain())?.set(provider, JSON.stringify({ origin, key })).then(
        () => true,
        () => false,
      );
      await writeFile(file, { ...readFile(file), [provider]: { origin, key: inKeychain === true ? null : key } });
      return inKeychain === true ? { stored: "keychain" } : { stored: "file", path: file };
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

function parseStored(value: unknown): Stored | null {
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
      const stored = parseStored(entry);
      return stored === null ? [] : [[provider, stored]];
    }),
  );
}

const writeFile = (file: string, entries: Record<string, Stored>): Promise<void> =>
  replaceFile(file, `${JSON.stringify(entries, null, 2)}\n`);
