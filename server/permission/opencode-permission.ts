/**
 * Converts OpenCode's `permission` to rules. There, the last match wins; here, deny overrides ask and ask overrides allow, so later patterns
 * become exceptions of earlier ones. Where the two cannot agree, the result is the stricter one, and what differs is reported. Pure.
 */
import { fromOpencodePermission } from "./foreign-tools.ts";

export interface ConvertedPermission {
  /** `ask`: what no rule allows needs approval, also where the session would allow it. */
  mode?: "ask";
  allow: string[];
  ask: string[];
  deny: string[];
  /** Tools to use at all; null: all. */
  tools: string[] | null;
  /** Agents that it may start; a name after `!` is excluded. Null: all. */
  agents: string[] | null;
  problems: string[];
}

const actions = ["allow", "ask", "deny"] as const;
type Action = (typeof actions)[number];

const isAction = (value: unknown): value is Action => actions.some((action) => action === value);

type Pairs = [pattern: string, action: Action][];

export function convertOpencodePermission(value: unknown): ConvertedPermission {
  const result: ConvertedPermission = { allow: [], ask: [], deny: [], tools: null, agents: null, problems: [] };
  if (isAction(value)) {
    result[value].push("*");
    return result;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    result.problems.push('permission must be "allow", "ask", "deny" or an object; it is ignored.');
    return result;
  }
  const sections = readSections(value, result.problems);
  const rest = sections.find(({ name }) => name === "*");
  const action = rest?.pairs.at(-1)?.[1] ?? "ask";
  const named = sections.filter((section) => section !== rest);
  if (rest && action !== "allow") narrowSections(sections, sections.indexOf(rest), action);
  for (const { name, pairs } of named) convertSection(name, pairs, result);
  if (rest) convertRest(action, named, result);
  return result;
}

interface Section {
  name: string;
  pairs: Pairs;
}

function readSections(value: object, problems: string[]): Section[] {
  return Object.entries(value).map(([name, inner]) => {
    const entries: [string, unknown][] =
      typeof inner === "object" && inner !== null ? Object.entries(inner) : [["*", inner]];
    const pairs = entries.filter((entry): entry is [string, Action] => isAction(entry[1]));
    for (const [pattern, wrong] of entries.filter((entry) => !isAction(entry[1])))
      problems.push(
        `permission.${name}${pattern === "*" ? "" : ` for ${pattern}`} is ${JSON.stringify(wrong)}, not allow, ask or deny; it asks.`,
      );
    const asked = pairs.length < entries.length ? [["*", "ask"] as [string, Action]] : [];
    return { name, pairs: [...asked, ...pairs] };
  });
}

/** The section for everything overrides what sections before it allow, and decides on what those after it have no pattern for. */
function narrowSections(sections: readonly Section[], restAt: number, action: Action): void {
  for (const [at, section] of sections.entries()) {
    const { pairs } = section;
    const isStricter = ([, one]: Pairs[number]): boolean => actions.indexOf(one) > actions.indexOf(action);
    if (at < restAt) section.pairs = [["*", action], ...pairs.filter(isStricter)];
    else if (at > restAt && action === "deny" && !pairs.some(([pattern]) => isWhole(pattern)))
      section.pairs = [["*", action], ...pairs];
  }
}

/** Everything that has no section of its own. */
function convertRest(action: Action, named: readonly Section[], result: ConvertedPermission): void {
  const restricted = named.some(({ pairs }) => pairs.some(([, one]) => one !== "deny"));
  if (action === "allow") result.allow.push("*");
  else if (!restricted) result[action].push("*");
  else if (action === "ask") result.mode = "ask";
  else
    result.tools = named.flatMap(({ name, pairs }) =>
      pairs.every(([, one]) => one === "deny") ? [] : (fromOpencodePermission(name) ?? []).flatMap(withPatch),
    );
}

const withPatch = (tool: string): string[] => (tool === "edit" ? ["edit", "write", "patch"] : [tool]);

function convertSection(name: string, pairs: Pairs, result: ConvertedPermission): void {
  if (name === "task") {
    result.agents = convertAgents(pairs);
    return;
  }
  // What a later pattern for everything overrides has no effect there either.
  const lastWhole = pairs.findLastIndex(([pattern]) => isWhole(pattern));
  const effective = pairs.slice(Math.max(lastWhole, 0));
  if (name === "external_directory") convertOutside(effective, result);
  for (const tool of fromOpencodePermission(name) ?? [])
    for (const [at, [pattern, action]] of effective.entries()) {
      const relaxed = effective
        .slice(at + 1)
        .filter(
          ([other, later]) => actions.indexOf(later) < actions.indexOf(action) && mayOverlap(tool, pattern, other),
        );
      const exceptions = relaxed.flatMap(([later]) => toRule(tool, later) ?? []);
      if (exceptions.length < relaxed.length)
        result.problems.push(
          `permission.${name} has patterns that cannot be exceptions of ${JSON.stringify(pattern)}: ${action} applies to them, too.`,
        );
      addRule(tool, pattern, action, exceptions, result);
    }
}

/** `find *` is no exception of `rm *`: the rule is also for commands that another program runs, such as `find . -exec rm`. */
function mayOverlap(tool: string, pattern: string, other: string): boolean {
  if (tool !== "bash") return true;
  const [one = "", two = ""] = [pattern, other].map((text) => (text.split(/[*?]/, 1)[0] ?? "").trim());
  return one.startsWith(two) || two.startsWith(one);
}

/** Paths outside of the workspace need an approval in any case, so only what denies or names a folder adds something. */
function convertOutside(pairs: Pairs, result: ConvertedPermission): void {
  for (const tool of ["read", "edit"])
    for (const [at, [pattern, action]] of pairs.entries()) {
      const rule = isWhole(pattern) ? `${tool}(/**)` : toRule(tool, pattern);
      if (rule === null)
        result.problems.push(`permission.external_directory: ${JSON.stringify(pattern)} cannot be a rule.`);
      else if (action === "deny") {
        const relaxed = pairs
          .slice(at + 1)
          .flatMap(([later, one]) => (one === "deny" ? [] : (toRule(tool, later) ?? [])));
        result.deny.push([rule, `${tool}(**)`, ...relaxed].join(" unless "));
      } else if (action === "allow" && !isWhole(pattern)) result.allow.push(rule);
    }
}

const isWhole = (pattern: string): boolean => pattern === "*" || pattern === "**";

function addRule(
  tool: string,
  pattern: string,
  action: Action,
  exceptions: readonly string[],
  result: ConvertedPermission,
): void {
  const rule = isWhole(pattern) ? tool : (toBroadRule(tool, pattern, action) ?? toRule(tool, pattern));
  if (rule !== null) result[action].push([rule, ...exceptions].join(" unless "));
  else if (action !== "allow") {
    // The words before a wildcard, and a person decides.
    const start = tool === "bash" ? pattern.slice(0, pattern.search(/[*?()\n]/)) : "";
    const words = start.trim();
    result.ask.push(words === "" ? tool : `bash(${words}${start === words ? "*" : ":*"})`);
    result.problems.push(
      `The pattern ${JSON.stringify(pattern)} cannot be a rule for ${tool}; Tutti asks for ${words === "" ? `each use of ${tool}` : `every \`${words}\` command`}.`,
    );
  }
}

/** `python*` restricts any program whose name begins so, and `git push --force*` any such option. */
const toBroadRule = (tool: string, pattern: string, action: Action): string | null =>
  tool === "bash" && action !== "allow" && /^[^*?()\n]*[^\s*?()]\*$/.test(pattern) ? `bash(${pattern.trim()})` : null;

const PATH_TOOLS = new Set(["read", "edit", "write", "patch", "glob", "grep", "list"]);

/** Null if Tutti has no such rule. */
function toRule(tool: string, pattern: string): string | null {
  if (/[()\n]/.test(pattern)) return null;
  if (PATH_TOOLS.has(tool)) return `${tool}(${pattern})`;
  if (tool === "fetch") {
    const host = /^(?:https?:\/\/|domain:)((?:\*\.)?[\w.-]+)(?:\/\*{0,2})?$/.exec(pattern)?.[1];
    return host === undefined ? null : `fetch(domain:${host})`;
  }
  if (tool !== "bash") return null;
  const [, words = "", wildcard] = /^(.*?)\s*(\*)?$/.exec(pattern.trim()) ?? [];
  if (/[*?]/.test(words)) return null;
  return wildcard === undefined ? `bash(${words})` : `bash(${words}:*)`;
}

/** The last match wins: an exclusion is a name after `!`. */
function convertAgents(pairs: Pairs): string[] | null {
  const all = pairs.find(([pattern]) => isWhole(pattern))?.[1] ?? "allow";
  const listed = pairs.filter(([pattern]) => !isWhole(pattern));
  const excluded = listed.filter(([, action]) => action === "deny").map(([pattern]) => `!${pattern}`);
  if (all !== "deny") return excluded.length === 0 ? null : ["*", ...excluded];
  return [...listed.filter(([, action]) => action !== "deny").map(([pattern]) => pattern), ...excluded];
}
