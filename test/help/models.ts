/** Models as the program opens them, with an environment, a configuration and a keychain of the test's own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../server/config/config.ts";
import { openRehearsals } from "../../server/model/builtin-rehearsals.ts";
import { openCatalog, shippedCatalog } from "../../server/model/catalog.ts";
import { openTransport } from "../../server/model/http.ts";
import { type Keychain, openKeys } from "../../server/model/keys.ts";
import { openModels } from "../../server/model/models.ts";
import type { LocalAddress } from "../../server/model/resolve-endpoint.ts";
import { createTargetResolver } from "../../server/model/resolve-target.ts";
import { sha256 } from "../../server/node/random.ts";
import { createTestClock } from "./model-client.ts";

export const catalog = openCatalog([shippedCatalog]);

/** A keychain that remembers for as long as the test, or one that does not answer. */
export function createMemoryKeychain(): Keychain & { stored: Map<string, string>; requests: number } {
  const stored = new Map<string, string>();
  const chain = {
    stored,
    requests: 0,
    async get(provider: string) {
      chain.requests += 1;
      return stored.get(provider) ?? null;
    },
    async set(provider: string, text: string) {
      stored.set(provider, text);
    },
    remove: async (provider: string) => stored.delete(provider),
  };
  return chain;
}

export interface ModelsFixture {
  env?: Record<string, string>;
  config?: Partial<Pick<Config, "model" | "providers">>;
  addresses?: readonly LocalAddress[];
  keychain?: Keychain | null;
}

/** No local server is looked for unless the test names addresses. */
export function openModelsFixture({ env = {}, config = {}, addresses = [], keychain = null }: ModelsFixture) {
  const dataDir = mkdtempSync(join(tmpdir(), "tutti-models-"));
  const known: string[] = [];
  let chains = 0;
  const keys = openKeys({
    env,
    dataDir,
    openKeychain: async () => {
      chains += 1;
      return keychain;
    },
  });
  const clock = createTestClock();
  const rehearsals = openRehearsals({ clock, hash: sha256 });
  const transport = openTransport({ env });
  const models = openModels({
    config: () => ({ providers: {}, ...config }),
    env,
    catalog,
    keys,
    rehearsals,
    resolveTarget: createTargetResolver(),
    addresses,
    client: { clock, transport },
    addSecret: (secret) => void known.push(secret),
  });
  return {
    models,
    keys,
    dataDir,
    known,
    chainsOpened: () => chains,
    async close() {
      await rehearsals.close();
      transport.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
