/** The token of the TCP listener: 256 random bits in a file that only its owner can read. A changed file is picked up while running. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";

export interface Token {
  /** Compares in constant time. */
  is(candidate: string): boolean;
  /** A code that only this server can make, until the file contains another token. */
  authenticate(message: Uint8Array): Buffer;
  close(): void;
}

const MIN_LENGTH = 43;
const CHECK_MS = 300;

/** `rotated` is called within a second after the file contains another token, or none. */
export function openToken(path: string, rotated: () => void): Token {
  createTokenFile(path);
  let current = hash(readToken(path));
  let stamp = fileStamp(path);
  const timer = setInterval(() => {
    const newStamp = fileStamp(path);
    if (newStamp === stamp) return;
    stamp = newStamp;
    const previous = current;
    current = newStamp === null ? randomHash() : rereadHash(path);
    if (!timingSafeEqual(previous, current)) rotated();
  }, CHECK_MS);
  timer.unref();
  return {
    is: (candidate) => timingSafeEqual(hash(candidate), current),
    authenticate: (message) => createHmac("sha256", current).update(message).digest(),
    close: () => clearInterval(timer),
  };
}

const hash = (content: string | Uint8Array): Buffer => createHash("sha256").update(content).digest();

/** A hash that no token has. */
const randomHash = (): Buffer => hash(randomBytes(32));

/** While the file is invalid, no token is accepted. */
function rereadHash(path: string): Buffer {
  try {
    return hash(readToken(path));
  } catch {
    return randomHash();
  }
}

function fileStamp(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found ? `${found.ino} ${found.mtimeNs} ${found.size} ${found.mode}` : null;
}

function createTokenFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file: number;
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw new TuttiError("failed", `Cannot create the token file ${path}: ${(error as Error).message}.`);
  }
  writeSync(file, `${randomBytes(32).toString("base64url")}\n`);
  closeSync(file);
}

function readToken(path: string): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    throw new TuttiError("failed", `Cannot read the token file ${path}: ${(error as Error).message}.`);
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile() || (process.platform !== "win32" && (found.mode & 0o077) !== 0))
      throw new TuttiError(
        "failed",
        `Other users can read the token file ${path}; run \`chmod 600\` on it, or use another file.`,
      );
    const token = readFileSync(file, "utf8").trim();
    if (token.length < MIN_LENGTH || !/^[A-Za-z0-9_-]+$/.test(token))
      throw new TuttiError(
        "failed",
        `${path} does not contain a token of 256 bits in base64url; delete it, and a new one is created.`,
      );
    return token;
  } finally {
    closeSync(file);
  }
}
