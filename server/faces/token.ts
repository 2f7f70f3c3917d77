/** The token of a server that is reached over TCP: 256 random bits in a file that only its owner reads, and taken up anew when it changes. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";

export interface Token {
  /** Takes the same time whatever was given. */
  is(given: string): boolean;
  close(): void;
}

const SHORTEST = 43;
const LOOK_MS = 300;

/** `rotated` is called within a second after the file holds another token, or none. */
export function openToken(path: string, rotated: () => void): Token {
  make(path);
  let hash = hashed(read(path));
  let stamp = stampOf(path);
  const timer = setInterval(() => {
    const now = stampOf(path);
    if (now === stamp) return;
    stamp = now;
    const before = hash;
    hash = now === null ? hashed(randomBytes(32)) : reread(path);
    if (!timingSafeEqual(before, hash)) rotated();
  }, LOOK_MS);
  timer.unref();
  return { is: (given) => timingSafeEqual(hashed(given), hash), close: () => clearInterval(timer) };
}

const hashed = (content: string | Uint8Array): Buffer => createHash("sha256").update(content).digest();

/** While the file is no good, nobody gets in. */
function reread(path: string): Buffer {
  try {
    return hashed(read(path));
  } catch {
    return hashed(randomBytes(32));
  }
}

function stampOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found ? `${found.ino} ${found.mtimeNs} ${found.size} ${found.mode}` : null;
}

function make(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file: number;
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw new TuttiError("failed", `The token file ${path} cannot be made: ${(error as Error).message}.`);
  }
  writeSync(file, `${randomBytes(32).toString("base64url")}\n`);
  closeSync(file);
}

function read(path: string): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    throw new TuttiError("failed", `The token file ${path} cannot be read: ${(error as Error).message}.`);
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile() || (process.platform !== "win32" && (found.mode & 0o077) !== 0))
      throw new TuttiError(
        "failed",
        `The token file ${path} may be read by others; \`chmod 600\` it, or take another.`,
      );
    const token = readFileSync(file, "utf8").trim();
    if (token.length < SHORTEST || !/^[A-Za-z0-9_-]+$/.test(token))
      throw new TuttiError("failed", `${path} holds no token of 256 bits in base64url; delete it, and one is made.`);
    return token;
  } finally {
    closeSync(file);
  }
}
