/** Compares what a plugin offers with what was approved. Only what is exactly the same may be used. */

import { toCanonicalJson } from "../config/canonical-json.ts";
import type { Hash } from "../ports.ts";
import type { Approval } from "./approvals.ts";
import type { PluginConnection, PluginPrompt, PluginTool } from "./plugin-connection.ts";

export interface PluginOffer {
  tools: PluginTool[];
  prompts: PluginPrompt[];
  resources: boolean;
  declaration: PluginConnection["declaration"];
}

export type OfferChange =
  | { kind: "tool" | "prompt"; name: string; change: "new" | "gone" }
  | { kind: "tool" | "prompt"; name: string; change: "different"; before: string; after: string }
  | { kind: "declaration"; name: ""; change: "different"; before: string; after: string };

export async function fetchOffer(connection: PluginConnection): Promise<PluginOffer> {
  const [tools, prompts, resources] = await Promise.all([
    connection.tools(),
    connection.prompts(),
    connection.resources(),
  ]);
  return { tools, prompts, resources: resources.length > 0, declaration: connection.declaration };
}

/** The hash of everything that a plugin offers. An approval is bound to it. */
export const hashOffer = ({ tools, prompts, declaration }: PluginOffer, hash: Hash): string =>
  hash(
    toCanonicalJson({
      tools: sortByName(tools),
      prompts: sortByName(prompts),
      declaration: normalizeDeclaration(declaration),
    }),
  );

const sortByName = <T extends { name: string }>(items: T[]): T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1));

/** The canonical form of a declaration, for comparison. */
export const normalizeDeclaration = (declaration: Approval["declaration"]): string =>
  toCanonicalJson(declaration && { ...declaration, widgets: declaration.widgets ?? [] });

/** Empty if nothing has changed since the approval. */
export function diffOffer(
  approved: Pick<Approval, "tools" | "prompts" | "declaration">,
  offered: PluginOffer,
): OfferChange[] {
  const [before, after] = [normalizeDeclaration(approved.declaration), normalizeDeclaration(offered.declaration)];
  const declaration: OfferChange[] =
    before === after ? [] : [{ kind: "declaration", name: "", change: "different", before, after }];
  return [
    ...diffByName("tool", approved.tools, offered.tools),
    ...diffByName("prompt", approved.prompts, offered.prompts),
    ...declaration,
  ];
}

function diffByName<T extends { name: string }>(kind: "tool" | "prompt", before: T[], after: T[]): OfferChange[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
  return names.flatMap((name): OfferChange[] => {
    const [old, now] = [before, after].map((items) => items.find((item) => item.name === name));
    if (!old) return [{ kind, name, change: "new" }];
    if (!now) return [{ kind, name, change: "gone" }];
    const [a, b] = [toCanonicalJson(old), toCanonicalJson(now)];
    return a === b ? [] : [{ kind, name, change: "different", before: a, after: b }];
  });
}
