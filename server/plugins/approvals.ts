/**
 * What a person said yes to, by plugin: the hash of what is started, and every tool as it was shown. One JSON file in the data folder;
 * an entry that cannot be read counts as no. The tools stand in it whole, so that a model can be told of them before the plugin runs.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Declaration } from "../../protocol/plugin.ts";
import { replaceFile } from "../config/replace.ts";
import type { PluginPrompt, PluginTool } from "./link.ts";

export interface Approval {
  /** Of what is started or called, as spec.ts makes them. */
  nameplate: string;
  identity: string;
  /** Milliseconds since 1970. */
  at: number;
  tools: PluginTool[];
  prompts: PluginPrompt[];
  resources: boolean;
  declaration: Declaration | null;
}

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

  let known: { mark: string; approvals: Record<string, Approval> } | null = null;

  /** Read again where the file is another one: each turn asks, and other processes write. */
  const read = (): Record<string, Approval> => {
    const facts = statSync(file, { throwIfNoEntry: false, bigint: true });
    if (!facts) return {};
    const mark = `${facts.ino} ${facts.size} ${facts.ctimeNs}`;
    if (known?.mark !== mark) known = { mark, approvals: parse(readFileSync(file, "utf8")) };
    return known.approvals;
  };

  return {
    of: (key) => read()[key] ?? null,
    all: () => Object.entries(read()),
    set(key, given) {
      const done = writing.then(() => {
        const { [key]: _, ...rest } = read();
        const next = given === null ? rest : { ...rest, [key]: given };
        return replaceFile(file, `${JSON.stringify(next)}\n`);
      });
      writing = done.catch(() => undefined);
      return done;
    },
  };
}

function parse(text: string): Record<string, Approval> {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
  const entries = typeof found === "object" && found !== null ? Object.entries(found) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, Approval] => isApproval(entry[1])));
}

/** The file is ours alone, and on the way to the first request: what is looked at is that an entry is one at all. */
function isApproval(value: unknown): value is Approval {
  const { nameplate, identity, at, tools, prompts, declaration } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof nameplate === "string" &&
    typeof identity === "string" &&
    typeof at === "number" &&
    Array.isArray(tools) &&
    Array.isArray(prompts) &&
    typeof declaration === "object"
  );
}
