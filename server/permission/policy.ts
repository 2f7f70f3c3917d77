/**
 * Decides whether a call may run: allow, ask or deny, with the reason. Looks at the disk only through `PolicyPaths`; the caller asks users.
 * Deny rules override ask rules, ask rules override allow rules, and allow rules override the mode.
 */
import type { CallKind } from "../../protocol/events.ts";
import type { Access } from "../ports.ts";
import type { PolicyPaths } from "../workspace/policy-paths.ts";
import { isWithin } from "../workspace/within.ts";
import { checkPath, type PathArgument } from "./check-paths.ts";
import type { Decision, JudgedPart, ParsedRules } from "./command-findings.ts";
import { judgeCommandLine, onlyReads } from "./judge-command-line.ts";
import type { Grammar } from "./load-parsers.ts";
import { matchesDomain, matchesTool, parseRule, type Rule, type Rules } from "./rules.ts";

export type Mode = "plan" | "ask" | "edit" | "auto";

export interface Call {
  tool: string;
  kind: CallKind;
  accesses: readonly Access[];
}

export interface PolicyContext extends PolicyPaths {
  mode: Mode;
  rules: Rules;
}

export interface PolicyDecision {
  decision: Decision;
  /** A clause without a full stop, to follow "because". */
  reason: string;
  parts: JudgedPart[];
  /** The rule that the user can save with "always allow"; absent if each call needs approval. */
  always?: string;
  /** For `ask`: only a user may approve, no hook, because a rule says so or each call needs approval. */
  requiresPerson?: boolean;
}

/** Kinds that change nothing and are allowed in plan mode. */
const READ_ONLY_KINDS: ReadonlySet<CallKind> = new Set(["read", "search", "think", "ask", "task"]);

export function decide(call: Call, context: PolicyContext, grammar: Grammar): PolicyDecision {
  const read = (texts: readonly string[]) =>
    texts.map((text) => parseRule(text, context.root, context.home, grammar.globs)).filter((rule) => rule !== null);
  const parsedRules: ParsedRules = {
    // What an exception leaves out of a rule that allows is not known well enough.
    allow: read(context.rules.allow).filter(({ unless }) => unless.length === 0),
    ask: read(context.rules.ask),
    deny: read(context.rules.deny),
  };
  const accesses = call.accesses.length > 0 ? call.accesses : [{ kind: "none" } as const];
  const parts = accesses.flatMap((access) => judgeAccess(access, call, { ...context, parsedRules, grammar }));
  return combineParts(parts);
}

function combineParts(parts: JudgedPart[]): PolicyDecision {
  const filterParts = (decision: Decision) => parts.filter((part) => part.decision === decision);
  const decided = filterParts("deny")[0] ?? filterParts("ask")[0] ?? parts[0];
  if (decided === undefined) return { decision: "ask", reason: "its access is unknown", parts };
  const asking = filterParts("ask");
  const decision = { decision: decided.decision, reason: decided.reason, parts };
  if (decided.decision !== "ask") return decision;
  const requiresPerson = asking.some(({ rule, always }) => rule !== null || always === null);
  const only = asking.length === 1 ? decided.always : null;
  return { ...decision, requiresPerson, ...(only !== null && { always: only }) };
}

/** True if this command line only reads, whatever the rules are. */
export const isReadOnlyCommand = (command: string, { syntax }: Grammar): boolean => onlyReads(command, syntax);

interface PolicyInput extends PolicyContext {
  parsedRules: ParsedRules;
  grammar: Grammar;
}

function judgeAccess(access: Access, call: Call, input: PolicyInput): JudgedPart[] {
  switch (access.kind) {
    case "execute":
      return judgeCommand(access.command, access.cwd, call, input);
    case "read":
    case "edit":
      return [judgePath(access, call, input)];
    case "fetch":
      return [judgeFetch(access.url, call, input)];
    case "none":
      return [judgeTool(call, input)];
    default:
      access satisfies never;
      return [createPart(call.tool, "deny", "its access is unknown")];
  }
}

function createPart(
  command: string,
  decision: Decision,
  reason: string,
  rule: Rule | null = null,
  always: string | null = null,
): JudgedPart {
  return { command, decision, rule: rule?.text ?? null, reason, always };
}

/** The first matching rule of the given lists, in order; null if none matches. */
function applyRules(
  command: string,
  parsedRules: ParsedRules,
  names: readonly string[],
  matches: (rule: Rule, wide: boolean) => boolean,
  lists: readonly ("deny" | "ask" | "allow")[],
): JudgedPart | null {
  const words = { deny: "forbids it", ask: "requires approval", allow: "allows it" };
  for (const list of lists) {
    const rule = parsedRules[list].find(
      (candidate) =>
        matchesTool(candidate, names) &&
        matches(candidate, list !== "allow") &&
        !candidate.unless.some((one) => matchesTool(one, names) && matches(one, false)),
    );
    if (rule !== undefined) return createPart(command, list, `the rule ${rule.text} ${words[list]}`, rule);
  }
  return null;
}

const PLAN_MODE_REASON = "plan mode changes nothing and runs nothing; switch to another mode to continue";

function judgeCommand(command: string, cwd: string, call: Call, input: PolicyInput): JudgedPart[] {
  if (input.mode === "plan") return [createPart(command, "deny", PLAN_MODE_REASON)];
  const anyRule = input.parsedRules.allow.find(
    (rule) => rule.match.kind === "any" && matchesTool(rule, ["bash", call.tool]),
  );
  const any = anyRule !== undefined ? { rule: anyRule.text } : input.mode === "auto" ? { rule: null } : null;
  return judgeCommandLine(command, input.resolveRealPath(cwd), {
    tool: call.tool,
    any,
    rules: input.parsedRules,
    paths: input,
    syntax: input.grammar.syntax,
  });
}

function judgePath(access: Extract<Access, { kind: "read" | "edit" }>, call: Call, input: PolicyInput): JudgedPart {
  const [argument] = [
    {
      shown: access.shown,
      named: toAbsolutePath(access.shown, input.root) ?? access.path,
      path: access.path,
    } satisfies PathArgument,
  ];
  const shown = `${access.kind} ${access.shown}`;
  const toolNames = [access.kind, call.tool];
  const matches = (rule: Rule, wide: boolean) => {
    const match = rule.match;
    if (match.kind !== "path") return match.kind === "any";
    return wide
      ? match.matchesWide(argument.path) || match.matchesWide(argument.named)
      : match.matchesNarrow(argument.path);
  };
  const denied = applyRules(shown, input.parsedRules, toolNames, matches, ["deny"]);
  if (denied !== null) return denied;
  if (input.mode === "plan" && access.kind === "edit") return createPart(shown, "deny", PLAN_MODE_REASON);
  const finding = checkPath(argument, access.kind, input);
  if (finding?.overridesRules) return createPart(shown, finding.decision, finding.reason);
  const asked = applyRules(shown, input.parsedRules, toolNames, matches, ["ask"]);
  if (asked !== null) return asked;
  const allowed = applyRules(shown, input.parsedRules, toolNames, matches, ["allow"]);
  // A rule without a path does not apply outside the workspace or to secrets.
  if (
    allowed !== null &&
    (finding === null ||
      input.parsedRules.allow.some(
        (rule) => rule.match.kind === "path" && matchesTool(rule, toolNames) && matches(rule, false),
      ))
  )
    return allowed;
  const always = `${access.kind}(${access.shown.replace(/[()[\]{}*?!+@\\]/g, "\\$&")})`;
  if (finding !== null) return createPart(shown, "ask", finding.reason, null, always);
  if (access.kind === "read") return createPart(shown, "allow", "it only reads in the workspace");
  return input.mode === "ask"
    ? createPart(shown, "ask", "no rule allows this edit", null, always)
    : createPart(shown, "allow", "the mode allows edits in the workspace");
}

/** The path as written, made absolute; null if it cannot be trusted to be in the workspace. */
function toAbsolutePath(shown: string, root: string): string | null {
  if (shown.startsWith("/")) return shown;
  return isWithin(`${root}/${shown}`, root) && !shown.includes("..") ? `${root}/${shown}` : null;
}

/** Characters after the host. A longer URL could send data that the model has read to the host. */
const MAX_UNNAMED_TAIL = 200;

function judgeFetch(url: string, call: Call, input: PolicyInput): JudgedPart {
  const shown = `fetch ${url}`;
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address === null) return createPart(shown, "deny", `${url} is not a valid URL`);
  const host = address.hostname.toLowerCase();
  const ruleResult = applyRules(
    shown,
    input.parsedRules,
    ["fetch", call.tool],
    (rule, wide) => matchesDomain(rule.match, host, wide),
    ["deny", "ask", "allow"],
  );
  if (ruleResult?.decision === "deny") return ruleResult;
  if (input.mode === "plan") return createPart(shown, "deny", PLAN_MODE_REASON);
  const tail = `${address.pathname}${address.search}${address.hash}`.length;
  const hostIsNamed = input.parsedRules.allow.some(
    (rule) =>
      rule.match.kind === "domain" && matchesTool(rule, ["fetch", call.tool]) && matchesDomain(rule.match, host, false),
  );
  if (tail > MAX_UNNAMED_TAIL && !hostIsNamed && ruleResult?.decision !== "ask")
    return createPart(shown, "ask", `the URL has ${tail} characters after the host, which could send data out`);
  if (ruleResult !== null) return ruleResult;
  return input.mode === "auto"
    ? createPart(shown, "allow", "the mode allows public pages")
    : createPart(shown, "ask", `no rule allows ${host}`, null, `fetch(domain:${host})`);
}

/** A call without a path, command or URL: its kind and the rules decide. */
function judgeTool(call: Call, input: PolicyInput): JudgedPart {
  const ruleResult = applyRules(call.tool, input.parsedRules, [call.tool], (rule) => rule.match.kind === "any", [
    "deny",
    "ask",
    "allow",
  ]);
  if (ruleResult?.decision === "deny") return ruleResult;
  if (input.mode === "plan" && !READ_ONLY_KINDS.has(call.kind)) return createPart(call.tool, "deny", PLAN_MODE_REASON);
  if (ruleResult !== null) return ruleResult;
  if (READ_ONLY_KINDS.has(call.kind)) return createPart(call.tool, "allow", "it changes nothing");
  return input.mode === "auto"
    ? createPart(call.tool, "allow", "the mode allows it")
    : createPart(call.tool, "ask", `no rule allows ${call.tool}`, null, call.tool);
}
