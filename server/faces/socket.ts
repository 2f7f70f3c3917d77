/**
 * The local socket. Node cannot ask who is at the other end of it, so the folder is the guard: it is ours, mode 0700, and no link, so
 * no other user can reach the name inside. A named pipe on Windows is bound to its user by its default rights.
 */
import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";

/** Connections that may wait to be accepted; the system may have a lower limit. */
const BACKLOG = 4096;

/**
 * Resolves when clients can connect. Rejects where something that is not our own dead socket has the name. A folder that others can
 * enter is closed to them where it is our own, and refused where it is a person's.
 */
export async function listenAtSocket(
  path: string,
  take: (socket: Socket) => void,
  open: "mend" | "refuse" = "mend",
): Promise<{ close(): Promise<void> }> {
  const pipe = path.startsWith("\\\\");
  if (!pipe) {
    guardFolder(dirname(path), open);
    await clearName(path);
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
        const why = error.code === "EINVAL" || error.code === "ENAMETOOLONG" ? "the path is too long" : error.message;
        reject(new TuttiError("failed", `The server cannot listen at ${path}: ${why}.`));
      });
      server.listen({ path, backlog: BACKLOG }, () => resolve());
    });
  } finally {
    process.umask(before);
  }
}

function guardFolder(folder: string, open: "mend" | "refuse"): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw new TuttiError("failed", `${folder} is not a folder, or is a link; move it away.`);
  if (found.uid !== process.getuid?.())
    throw new TuttiError("failed", `${folder} belongs to another user, so no socket is made in it; move it away.`);
  if ((found.mode & 0o077) === 0) return;
  if (open === "refuse")
    throw new TuttiError(
      "failed",
      `Others can enter ${folder}; choose a folder that only you can, as after chmod 700.`,
    );
  chmodSync(folder, 0o700);
}

async function clearName(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket() || found.uid !== process.getuid?.())
    throw new TuttiError("failed", `${path} is not a socket of yours, so it is left alone; move it away.`);
  if (await answers(path)) throw new TuttiError("busy", `A server listens at ${path} already.`);
  rmSync(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
