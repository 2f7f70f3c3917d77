/** A display for windows: Xvfb, where it is installed. */
import { spawn, spawnSync } from "node:child_process";

/** False without Xvfb, with one message; throws if editors are required. */
export function hasDisplay(): boolean {
  if (spawnSync("Xvfb", ["-help"]).error === undefined) return true;
  if (process.env.TUTTI_EDITORS === "required") throw new Error("Xvfb is required here, and is not installed.");
  process.stdout.write("Xvfb is not installed: tests with windows are skipped.\n");
  return false;
}

export interface TestDisplay {
  /** As in the variable DISPLAY. */
  name: string;
  close(): Promise<void>;
}

export async function openDisplay(): Promise<TestDisplay> {
  const args = ["-displayfd", "3", "-screen", "0", "1440x960x24", "-nolisten", "tcp"];
  const server = spawn("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const exited = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const number = await new Promise<string>((resolve, reject) => {
    server.stdio[3]?.once("data", (piece: Buffer) => resolve(piece.toString("utf8").trim()));
    void exited.then(() => reject(new Error("Xvfb has ended")));
  });
  return {
    name: `:${number}`,
    async close() {
      server.kill();
      await exited;
    },
  };
}
