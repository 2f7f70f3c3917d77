/** Serves a scenario in this process until a signal ends it. */
import { readFileSync } from "node:fs";
import type { Rehearse } from "../cli/command.ts";
import { TuttiError } from "../protocol/errors.ts";
import { rehearse } from "../server/model/rehearse.ts";
import { readScenario } from "../server/model/scenario.ts";
import { clock } from "../server/node/clock.ts";
import { sha256 } from "../server/node/random.ts";

export async function serveScenario({ file, port, ready, tell }: Rehearse): Promise<number> {
  const scenario = await readScenario(textOf(file), file);
  const serving = await rehearse(scenario, { clock, hash: sha256, port, tell }).catch((error: Error) => {
    throw new TuttiError("failed", `Port ${port} cannot be used: ${error.message}.`);
  });
  ready(serving.baseUrl, serving.model);
  // The server alone does not keep the process going.
  const alive = setInterval(() => undefined, 60_000);
  const code = await new Promise<number>((resolve) => {
    process.once("SIGINT", () => resolve(130));
    process.once("SIGTERM", () => resolve(0));
  });
  clearInterval(alive);
  await serving.close();
  return code;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new TuttiError("usage", `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
