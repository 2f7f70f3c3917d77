/**
 * The `deny` and `ask` rules of `permission` in OpenCode's configuration, the user's and a project's, which apply in Tutti, too.
 * What it allows has no effect until the user imports it. Loaded only if there is such a file.
 */
import { parse } from "jsonc-parser";
import { type ConvertedPermission, convertOpencodePermission } from "../permission/opencode-permission.ts";
import { checkJsonLimits } from "./json-limits.ts";
import type { Layer } from "./merge.ts";
import { readSmallFile } from "./small-file.ts";

/** `asks`: what no rule allows needs an approval, whatever the configured mode. Null if the file restricts nothing; one that cannot be read is a problem. */
export function readOpencodePermissions(file: string): { layer: Layer; asks: boolean; problems: string[] } | null {
  const read = readSmallFile(file);
  if (read === null) return null;
  const problem = "problem" in read ? read.problem : (checkJsonLimits(read.text)?.message ?? null);
  if (problem !== null || "problem" in read)
    return {
      layer: { source: file, value: {} },
      asks: false,
      problems: [`${problem} What it forbids does not apply.`],
    };
  const found = (parse(read.text.replace(/^\ufeff/, ""), [], { allowTrailingComma: true }) ?? {}) as {
    permission?: unknown;
  };
  if (found.permission === undefined) return null;
  const converted = convertOpencodePermission(found.permission);
  const { ask, mode, problems } = converted;
  const deny = [...converted.deny, ...denyOthers(converted)];
  if (ask.length + deny.length + problems.length === 0 && !mode) return null;
  return { layer: { source: file, value: { permissions: { ask, deny } } }, asks: mode !== undefined, problems };
}

/** `"*": "deny"` with tools that may be used, and `task` for agents that may not be started. */
function denyOthers({ tools, agents }: ConvertedPermission): string[] {
  return [
    ...(tools === null ? [] : [["*", ...new Set(tools)].join(" unless ")]),
    ...(agents?.length === 0 ? ["task"] : []),
  ];
}
