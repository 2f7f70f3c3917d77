/** From `provider/model` to a model that can be asked: the configuration first, then the catalog. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Config } from "../config/config.ts";
import type { Model } from "../ports.ts";
import { type DoorDeps, openModel } from "./adapter.ts";
import type { Target } from "./target.ts";

export interface Models {
  /** The model to use, and why it is that one. */
  open(wanted: string | undefined): Promise<{ model: Model; why: string; warnings: string[] }>;
}

export interface ModelsParts {
  config(): Config;
  door: DoorDeps;
  /** Told of every key before it is used. */
  know(secret: string): void;
}

export function openModels({ config, door, know }: ModelsParts): Models {
  return {
    async open(wanted) {
      const name = wanted ?? config().model;
      if (name === undefined) throw new TuttiError("config", "No model is chosen.");
      const slash = name.indexOf("/");
      const provider = name.slice(0, slash);
      const id = name.slice(slash + 1);
      const row = config().providers[provider];
      if (!row?.baseUrl) throw new TuttiError("config", `There is no provider ${provider}.`);
      const own = row.models?.[id];
      const key = row.apiKey;
      if (key) know(key);
      const target: Target = {
        provider,
        model: id,
        requestId: own?.id ?? id,
        baseUrl: row.baseUrl,
        ...(key && { key: async () => key }),
        keyHeader: row.keyHeader ?? "Authorization",
        headers: row.headers ?? {},
        query: row.query ?? {},
        compat: { ...row.compat, ...own?.compat },
        limits: { context: own?.context ?? null, output: own?.output ?? null },
        price: null,
        tools: own?.tools ?? true,
        vision: own?.vision ?? false,
        reasoning: own?.reasoning ?? false,
        local: row.local ?? false,
        keyNames: [],
      };
      return {
        model: openModel(target, door),
        why: wanted === undefined ? "the configuration" : "asked for",
        warnings: [],
      };
    },
  };
}
