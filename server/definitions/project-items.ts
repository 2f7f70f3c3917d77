/** Lists what a project's files define, as items that the user trusts one by one. */
import type { ProjectItem } from "../config/trust-items.ts";
import { type DefinitionFilesInput, listDefinitionFiles } from "./definition-files.ts";
import { readOpencodeEntries } from "./opencode-files.ts";

export function listProjectItems(input: DefinitionFilesInput): ProjectItem[] {
  const files = (["agent", "skill", "command"] as const).flatMap((kind) => listDefinitionFiles(kind, input));
  const entries = (["agent", "command"] as const).flatMap((section) => readOpencodeEntries(section, input).entries);
  return [...files, ...entries].flatMap(({ item }) => item ?? []);
}
