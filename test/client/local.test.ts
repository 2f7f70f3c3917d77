/** Starting the local server: a failure is reported at once, and a server that another client has started is waited for. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, realpathSync, rmSync, watch } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dialLocal } from "../../client/local.ts";
import { errors } from "../../protocol/errors.ts";

describe("starting the local server", function () {
  // Less than what another client's server may take until it listens.
  this.timeout(4_000);
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "tutti-local-")));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const startProgram = (code: string) =>
    dialLocal({
      socket: join(folder, "s"),
      start: { argv: [process.execPath, "-e", code], logFile: join(folder, "log") },
    });

  for (const name of ["failed", "busy", "storage", "config"] as const)
    it(`reports at once that it ended with the exit code of ${name}`, async () => {
      const code = `console.error("tutti: the disk is full"); process.exitCode = ${errors[name].exit}`;
      await assert.rejects(startProgram(code), /did not start: tutti: the disk is full$/);
    });

  it("reports the exit code if nothing was logged, or the log was removed", async () => {
    await assert.rejects(startProgram("process.exitCode = 3"), /did not start: it exited with code 3\. See \S+\.$/);
    const removeLog = `require("fs").rmSync(${JSON.stringify(join(folder, "log"))}); process.exitCode = 4`;
    await assert.rejects(startProgram(removeLog), /did not start: it exited with code 4\. See \S+\.$/);
  });

  it("waits for a server that another client has started", async () => {
    const ended = join(folder, "ended");
    const server = createServer();
    const watcher = watch(folder, () => {
      if (existsSync(ended) && !server.listening) server.listen(join(folder, "s"));
    });
    const code = `require("fs").writeFileSync(${JSON.stringify(ended)}, ""); process.exitCode = ${errors.alreadyRunning.exit}`;
    const socket = await startProgram(code);
    watcher.close();
    socket.destroy();
    server.close();
  });
});
