/**
 * The local socket. Node cannot identify the user at the other end, so the folder protects it: it is the user's own, has mode 0700 and is
 * not a link, so that no other user can reach the socket. A named pipe on Windows belongs to its user by default.
 */
import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";

/** Connections that may wait to be accepted; the system may limit them further. */
const BACKLOG = 4096;

/**
 * Resolves when clients can connect. Rejects where the path is taken by anything but a stale socket of this user. Where others can enter
 * the folder, `onOpenFolder` decides: `restrict` its mode (a folder of Tutti's own), or `refuse` it (any other folder).
 */
export async function listenOnLocalSocket(
  path: string,
  take: (socket: Socket) => void,
  onOpenFolder: "restrict" | "refuse" = "restrict",
): Promise<{ close(): Promise<void> }> {
  const pipe = path.startsWith("\\\\");
  if (!pipe) {
    secureFolder(dirname(path), onOpenFolder);
    await removeStaleSocket(path);
  }
  const server = createServer(take);
  await listening(server, path);
  if (!pipe) chmodSync(path, 0o600);
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function listening(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177);
  try {
    return new Promise((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        const reason =
          error.code === "EINVAL" || error.code === "ENAMETOOLONG" ? "the path is too long" : error.message;
        reject(new TuttiError("failed", `Cannot listen at ${path}: ${reason}.`));
      });
      server.listen({ path, backlog: BACKLOG }, () => resolve());
    });
  } finally {
    process.umask(before);
  }
}

function secureFolder(folder: string, onOpenFolder: "restrict" | "refuse"): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory())
    throw new TuttiError("failed", `${folder} is not a folder, or is a link; remove or rename it.`);
  if (found.uid !== process.getuid?.())
    throw new TuttiError(
      "failed",
      `${folder} belongs to another user, so the socket cannot be created there; choose another folder.`,
    );
  if ((found.mode & 0o077) === 0) return;
  if (onOpenFolder === "refuse")
    throw new TuttiError(
      "failed",
      `Other users can enter ${folder}; restrict it with \`chmod 700\`, or choose another folder.`,
    );
  chmodSync(folder, 0o700);
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket() || found.uid !== process.getuid?.())
    throw new TuttiError("failed", `${path} exists and is not one of your sockets; remove or rename it.`);
  if (await isListening(path)) throw new TuttiError("alreadyRunning", `A server is listening at ${path} already.`);
  rmSync(path, { force: true });
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
