/** What a plugin offers now beside what was approved: only what is the same, to the letter, may be used. */
import type { Hash } from "../ports.ts";
import type { Approval } from "./approvals.ts";
import { canonical } from "./canonical.ts";
import type { PluginLink, PluginPrompt, PluginTool } from "./link.ts";

export interface Offered {
  tools: PluginTool[];
  prompts: PluginPrompt[];
  resources: boolean;
  declaration: PluginLink["declaration"];
}

export type Change =
  | { what: "tool" | "prompt"; name: string; change: "new" | "gone" }
  | { what: "tool" | "prompt"; name: string; change: "different"; before: string; after: string }
  | { what: "declaration"; name: ""; change: "different"; before: string; after: string };

export async function offeredBy(link: PluginLink): Promise<Offered> {
  const [tools, prompts, resources] = await Promise.all([link.tools(), link.prompts(), link.resources()]);
  return { tools, prompts, resources: resources.length > 0, declaration: link.declaration };
}

/** The hash of all that a plugin offers: what a person's yes to it is bound to. */
export const digestOf = ({ tools, prompts, declaration }: Offered, hash: Hash): string =>
  hash(canonical({ tools: sorted(tools), prompts: sorted(prompts), declaration: declared(declaration) }));

const sorted = <T extends { name: string }>(all: T[]): T[] => [...all].sort((a, b) => (a.name < b.name ? -1 : 1));

const declared = (declaration: Approval["declaration"]): unknown =>
  declaration && { ...declaration, widgets: declaration.widgets ?? [] };

/** Empty where everything is as it was approved. */
export function changes(approved: Pick<Approval, "tools" | "prompts" | "declaration">, offered: Offered): Change[] {
  const [before, after] = [canonical(declared(approved.declaration)), canonical(declared(offered.declaration))];
  const declaration: Change[] =
    before === after ? [] : [{ what: "declaration", name: "", change: "different", before, after }];
  return [
    ...differences("tool", approved.tools, offered.tools),
    ...differences("prompt", approved.prompts, offered.prompts),
    ...declaration,
  ];
}

function differences<T extends { name: string }>(what: "tool" | "prompt", before: T[], after: T[]): Change[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
  return names.flatMap((name): Change[] => {
    const [old, now] = [before, after].map((all) => all.find((one) => one.name === name));
    if (!old) return [{ what, name, change: "new" }];
    if (!now) return [{ what, name, change: "gone" }];
    const [a, b] = [canonical(old), canonical(now)];
    return a === b ? [] : [{ what, name, change: "different", before: a, after: b }];
  });
}
