/**
 * The user's plugin approvals: the identity of what is started, and every tool as it was shown. Stored as one JSON file in the data
 * folder; an invalid entry counts as not approved. Tools are stored whole, so that they can be sent to the model before the plugin
 * runs.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Declaration } from "../../protocol/plugin.ts";
import { replaceFile } from "../config/replace-file.ts";
import type { PluginPrompt, PluginTool } from "./plugin-connection.ts";

export interface Approval {
  /** Hashes of what is started or called, as computed by config/plugin-spec.ts. */
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
  get(key: string): Approval | null;
  list(): [string, Approval][];
  /** Null revokes the approval. On disk when it resolves. */
  set(key: string, approval: Approval | null): Promise<void>;
}

/** The user's own plugins are approved by name; a plugin named by a project only for that project's file. */
export const getApprovalKey = (spec: { name: string; source: string; own: boolean }): string =>
  spec.own ? spec.name : `${spec.source}#${spec.name}`;

export function openApprovals(dataDir: string): Approvals {
  const file = join(dataDir, "plugins.json");
  let writing: Promise<void> = Promise.resolve();

  let cached: { version: string; approvals: Record<string, Approval> } | null = null;

  /** Read again if the file has changed: each turn reads it, and other processes write it. */
  const read = (): Record<string, Approval> => {
    const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
    if (!stat) return {};
    const version = `${stat.ino} ${stat.size} ${stat.ctimeNs}`;
    if (cached?.version !== version) cached = { version, approvals: parseApprovals(readFileSync(file, "utf8")) };
    return cached.approvals;
  };

  return {
    get: (key) => read()[key] ?? null,
    list: () => Object.entries(read()),
    set(key, approval) {
      const done = writing.then(() => {
        const { [key]: _, ...rest } = read();
        const next = approval === null ? rest : { ...rest, [key]: approval };
        return replaceFile(file, `${JSON.stringify(next)}\n`);
      });
      writing = done.catch(() => undefined);
      return done;
    },
  };
}

function parseApprovals(text: string): Record<string, Approval> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
  const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, Approval] => isApproval(entry[1])));
}

/** A shallow check: only Tutti writes this file, and it is read before the first request. */
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
