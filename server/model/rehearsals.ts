/** The scripted models that ship with Tutti, each served from inside this process once it is asked for. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TuttiError } from "../../protocol/errors.ts";
import { nearest } from "../config/nearest.ts";
import type { Clock, Hash } from "../ports.ts";
import type { Rehearsal } from "./rehearse.ts";
import type { Target } from "./target.ts";

export interface Rehearsals {
  names(): string[];
  target(name: string): Promise<Target>;
  close(): Promise<void>;
}

/** Beside this file, or beside the bundle. */
const folder = new URL("scenarios/", import.meta.url);

interface Playing {
  rehearsal: Rehearsal;
  context: number;
}

export function openRehearsals(parts: { clock: Pick<Clock, "sleep">; hash: Hash }): Rehearsals {
  const playing = new Map<string, Promise<Playing>>();

  async function play(name: string): Promise<Playing> {
    const file = new URL(`${name}.jsonc`, folder);
    const [{ readScenario }, { rehearse }] = await Promise.all([import("./scenario.ts"), import("./rehearse.ts")]);
    const scenario = await readScenario(readFileSync(file, "utf8"), fileURLToPath(file));
    return { rehearsal: await rehearse(scenario, parts), context: scenario.context ?? 128_000 };
  }

  const names = (): string[] =>
    readdirSync(folder).flatMap((file) => (file.endsWith(".jsonc") ? [file.slice(0, -".jsonc".length)] : []));

  return {
    names,
    async target(name) {
      if (!/^[a-z][a-z-]*$/.test(name) || !existsSync(new URL(`${name}.jsonc`, folder))) {
        const near = nearest(name, names());
        throw new TuttiError(
          "config",
          `There is no rehearsal ${JSON.stringify(name)}; there are ${names().join(", ")}.${near === null ? "" : ` Did you mean rehearsal/${near}?`} A scenario of your own is served by \`tutti rehearse FILE\`.`,
        );
      }
      const begun = playing.get(name) ?? play(name);
      playing.set(name, begun);
      const { rehearsal, context } = await begun;
      return {
        provider: "rehearsal",
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
      for (const begun of playing.values()) await (await begun).rehearsal.close();
    },
  };
}
