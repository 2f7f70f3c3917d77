/** The scripted models that ship with Tutti, each served from this process on first use. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TuttiError } from "../../protocol/errors.ts";
import { findNearest } from "../../protocol/nearest.ts";
import { rehearsalProvider } from "../../protocol/rehearsal.ts";
import type { Clock, Hash } from "../ports.ts";
import type { Rehearsal } from "./rehearse.ts";
import type { Target } from "./target.ts";

export interface Rehearsals {
  names(): string[];
  target(name: string): Promise<Target>;
  close(): Promise<void>;
}

/** Next to this file, or next to the bundle. */
const folder = new URL("scenarios/", import.meta.url);

interface RunningRehearsal {
  rehearsal: Rehearsal;
  context: number;
}

export function openRehearsals(deps: { clock: Pick<Clock, "sleep">; hash: Hash }): Rehearsals {
  const running = new Map<string, Promise<RunningRehearsal>>();

  async function start(name: string): Promise<RunningRehearsal> {
    const file = new URL(`${name}.jsonc`, folder);
    const [{ readScenario }, { rehearse }] = await Promise.all([import("./read-scenario.ts"), import("./rehearse.ts")]);
    const scenario = await readScenario(readFileSync(file, "utf8"), fileURLToPath(file));
    return { rehearsal: await rehearse(scenario, deps), context: scenario.context ?? 128_000 };
  }

  const names = (): string[] =>
    readdirSync(folder).flatMap((file) => (file.endsWith(".jsonc") ? [file.slice(0, -".jsonc".length)] : []));

  return {
    names,
    async target(name) {
      if (!/^[a-z][a-z-]*$/.test(name) || !existsSync(new URL(`${name}.jsonc`, folder))) {
        const near = findNearest(name, names());
        throw new TuttiError(
          "config",
          `Unknown rehearsal ${JSON.stringify(name)}.${near === null ? "" : ` Did you mean rehearsal/${near}?`} Available: ${names().join(", ")}. To serve your own scenario, use \`tutti rehearse FILE\`.`,
        );
      }
      const started = running.get(name) ?? start(name);
      running.set(name, started);
      const { rehearsal, context } = await started;
      return {
        provider: rehearsalProvider,
        model: name,
        requestId: name,
        baseUrl: rehearsal.baseUrl,
        keyHeader: "Authorization",
        headers: {},
        query: {},
        compat: {},
        limits: { context, output: null },
        price: { input: 0, output: 0 },
        tools: true,
        vision: false,
        reasoning: true,
        local: false,
        keyNames: [],
      };
    },
    async close() {
      for (const started of running.values()) await (await started).rehearsal.close();
    },
  };
}
