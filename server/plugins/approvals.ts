/**
 * What a person said yes to, by plugin: the hash of what is started, and every tool as it was shown. One JSON file in the data folder;
 * an entry that cannot be read counts as no. The tools stand in it whole, so that a model can be told of them before the plugin runs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { declaration } from "../../protocol/plugin.ts";
import { replaceFile } from "../config/replace.ts";

const tool = z.object({
  name: z.string(),
  title: z.string().exactOptional(),
  description: z.string(),
  schema: z.record(z.string(), z.unknown()),
  annotations: z.record(z.string(), z.unknown()).exactOptional(),
});

const prompt = z.object({
  name: z.string(),
  title: z.string().exactOptional(),
  description: z.string(),
  arguments: z.array(z.object({ name: z.string(), description: z.string(), required: z.boolean() })),
});

const approval = z.object({
  /** Of what is started or called, as spec.ts makes it. */
  identity: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  tools: z.array(tool),
  prompts: z.array(prompt),
  resources: z.boolean(),
  declaration: declaration.nullable(),
});

export type Approval = z.infer<typeof approval>;

export interface Approvals {
  of(key: string): Approval | null;
  all(): [string, Approval][];
  /** Null takes the yes back. On disk when it resolves. */
  set(key: string, approval: Approval | null): Promise<void>;
}

/** A plugin of the person's own goes by its name; one that a project names is approved for that project's file alone. */
export const approvalKey = (spec: { name: string; source: string; own: boolean }): string =>
  spec.own ? spec.name : `${spec.source}#${spec.name}`;

export function openApprovals(dataDir: string): Approvals {
  const file = join(dataDir, "plugins.json");
  let writing: Promise<void> = Promise.resolve();

  const read = (): Record<string, Approval> => {
    let found: unknown;
    try {
      found = JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return {};
      throw error;
    }
    const entries = typeof found === "object" && found !== null ? Object.entries(found) : [];
    return Object.fromEntries(
      entries.flatMap(([key, value]) => {
        const one = approval.safeParse(value);
        return one.success ? [[key, one.data] as const] : [];
      }),
    );
  };

  return {
    of: (key) => read()[key] ?? null,
    all: () => Object.entries(read()),
    set(key, given) {
      const done = writing.then(() => {
        const { [key]: _, ...rest } = read();
        const next = given === null ? rest : { ...rest, [key]: given };
        return replaceFile(file, `${JSON.stringify(next, null, 2)}\n`);
      });
      writing = done.catch(() => undefined);
      return done;
    },
  };
}
