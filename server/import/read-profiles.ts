/** Profiles of PAI for OpenCode (`profiles/NAME.yaml`): a model, and models of tiers, for each agent. One of them is imported. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { tiers } from "../../protocol/settings.ts";
import { type ImportSource, isPlain, readSourceFile } from "./import-source.ts";

/** `wanted`: the profile that the user named; the only one is imported without a name. */
export function readProfiles(source: ImportSource, folders: readonly string[], wanted: string | undefined): void {
  const files = folders.flatMap((folder) => listYaml(join(folder, "profiles")));
  const chosen =
    wanted === undefined ? (files.length === 1 ? files : []) : files.filter((file) => nameOf(file) === wanted);
  const [file] = chosen;
  if (file !== undefined) readProfile(source, file);
  const names = files.map(nameOf).join(", ");
  if (wanted !== undefined && file === undefined)
    source.skipped.push({
      from: `profile ${wanted}`,
      reason: `There is no such profile. Profiles: ${names || "none"}.`,
    });
  for (const other of files.filter((one) => one !== file)) {
    source.files.push(other);
    source.skipped.push({
      from: other,
      reason: `One profile is imported; for this one, pass --profile ${nameOf(other)}.`,
    });
  }
}

const nameOf = (file: string): string => basename(file).replace(/\.ya?ml$/i, "");

const listYaml = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /\.ya?ml$/i.test(name))
        .sort()
        .map((name) => join(folder, name))
    : [];

function readProfile(source: ImportSource, file: string): void {
  const text = readSourceFile(source, file);
  if (text === null) return;
  const value = tryParse(source, file, text);
  if (value === null) return;
  const { agents, default_model, model = default_model } = value;
  const add = (from: string, path: string[], found: unknown): void => {
    if (found === undefined || found === null) return;
    const name = isPlain(found) ? found.model : found;
    if (typeof name === "string" && name.includes("/")) source.settings.push({ path, value: name, from });
    else source.skipped.push({ from, reason: "It names no model in the form provider/model." });
  };
  add(`${file}: model`, ["model"], model);
  for (const [name, agent] of isPlain(agents) ? Object.entries(agents) : []) {
    const at = `${file}: agents.${name}`;
    if (!isPlain(agent)) {
      add(at, ["agents", name, "model"], agent);
      continue;
    }
    const { tiers: own, model_tiers = own } = agent;
    add(`${at}.model`, ["agents", name, "model"], agent.model);
    for (const [tier, found] of isPlain(model_tiers) ? Object.entries(model_tiers) : [])
      if (tiers.some((known) => known === tier)) add(`${at}.tiers.${tier}`, ["agents", name, "tiers", tier], found);
      else source.skipped.push({ from: `${at}.tiers.${tier}`, reason: "There is no such tier." });
  }
}

function tryParse(source: ImportSource, file: string, text: string): Record<string, unknown> | null {
  try {
    const value: unknown = parse(text, { maxAliasCount: 0 });
    if (isPlain(value)) return value;
    source.skipped.push({ from: file, reason: "It has no agents." });
  } catch (error) {
    if (!(error instanceof YAMLParseError || error instanceof ReferenceError)) throw error;
    source.skipped.push({ from: file, reason: `It is not valid YAML: ${error.message.split("\n", 1)[0]}` });
  }
  return null;
}
