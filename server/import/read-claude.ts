/** Claude Code's settings: `~/.claude/settings.json`. */
import { join } from "node:path";
import { checkJsonLimits } from "../config/json-limits.ts";
import { fromClaudeRule } from "../permission/foreign-tools.ts";
import {
  createSource,
  type ImportInput,
  type ImportSource,
  isPlain,
  readSourceFile,
  toStrings,
} from "./import-source.ts";

const MODES: Readonly<Record<string, string>> = { default: "ask", plan: "plan", acceptEdits: "edit" };
const USED_IN_PLACE = "Tutti reads it where it is";

export function readClaude({ home, env }: ImportInput): ImportSource {
  const source = createSource();
  const file = join(env.CLAUDE_CONFIG_DIR || join(home, ".claude"), "settings.json");
  const text = readSourceFile(source, file);
  if (text === null) return source;
  const settings = parseJson(text);
  if (settings === null) {
    source.skipped.push({ from: file, reason: "It is not a JSON object." });
    return source;
  }
  for (const [key, value] of Object.entries(settings)) {
    const from = `${file}: ${key}`;
    if (key === "permissions") addPermissions(source, from, value);
    else if (key === "model") addModel(source, from, value);
    else source.skipped.push({ from, reason: reasonFor(key) });
  }
  return source;
}

function reasonFor(key: string): string {
  if (key === "hooks") return `${USED_IN_PLACE}; \`tutti trust\` shows its commands.`;
  if (key === "env") return "Variables are not imported, because they may be keys; set them in your shell.";
  return "Tutti has no such setting.";
}

function addPermissions(source: ImportSource, from: string, value: unknown): void {
  if (!isPlain(value)) return;
  const allow: string[] = [];
  for (const rule of toStrings(value.allow)) {
    const converted = fromClaudeRule(rule);
    if (converted === null) source.skipped.push({ from: `${from}.allow ${rule}`, reason: "Tutti has no such rule." });
    else allow.push(converted);
  }
  if (allow.length > 0)
    source.settings.push({ path: ["permissions", "allow"], value: allow, appends: true, from: `${from}.allow` });
  for (const list of ["ask", "deny"])
    if (toStrings(value[list]).length > 0)
      source.skipped.push({ from: `${from}.${list}`, reason: `${USED_IN_PLACE}: its rules always apply.` });
  if (value.defaultMode === undefined) return;
  const mode = MODES[String(value.defaultMode)];
  if (mode !== undefined)
    source.settings.push({ path: ["permissions", "mode"], value: mode, from: `${from}.defaultMode` });
  else
    source.skipped.push({
      from: `${from}.defaultMode`,
      reason: `${JSON.stringify(value.defaultMode)} is not imported; choose it yourself with \`tutti config set permissions.mode auto\`.`,
    });
}

function addModel(source: ImportSource, from: string, value: unknown): void {
  const name = String(value).replace(/\[.*\]$/, "");
  if (/^claude-[\w.-]+$/.test(name)) source.settings.push({ path: ["model"], value: `anthropic/${name}`, from });
  else
    source.skipped.push({
      from,
      reason: `${JSON.stringify(value)} stands for a tier; set models with \`tutti config set tiers.standard PROVIDER/MODEL\`.`,
    });
}

export function parseJson(text: string): Record<string, unknown> | null {
  if (checkJsonLimits(text) !== null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isPlain(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
