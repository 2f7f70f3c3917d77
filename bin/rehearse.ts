/** Serves a scenario in this process until a signal stops it. */
import { readFileSync } from "node:fs";
import type { StartRehearsalOptions } from "../cli/command.ts";
import { describeError, TuttiError } from "../protocol/errors.ts";
import { readScenario } from "../server/model/read-scenario.ts";
import { rehearse } from "../server/model/rehearse.ts";
import { clock } from "../server/node/clock.ts";
import { sha256 } from "../server/node/random.ts";

export async function serveScenario({ file, port, ready, log }: StartRehearsalOptions): Promise<number> {
  const scenario = await readScenario(readFile(file), file);
  const serving = await rehearse(scenario, { clock, hash: sha256, port, log }).catch((error: Error) => {
    throw new TuttiError("failed", `Cannot listen on port ${port}: ${describeError(error)}.`);
  });
  ready(serving.baseUrl, serving.model);
  // The HTTP server does not keep the process alive by itself.
  const keepAlive = setInterval(() => undefined, 60_000);
  const code = await new Promise<number>((resolve) => {
    process.once("SIGINT", () => resolve(130));
    process.once("SIGTERM", () => resolve(0));
  });
  clearInterval(keepAlive);
  await serving.close();
  return code;
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new TuttiError("usage", `Cannot read ${file}: ${describeError(error)}.`);
  }
}
