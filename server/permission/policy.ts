/**
 * Decides whether a call may run: allow, ask or deny, with the reason in words. Pure: what is real on the disk and who can be
 * asked is the caller's business. Deny rules win over ask rules, these over allow rules, these over the mode.
 */
import type { CallKind } from "../../protocol/events.ts";
import type { Want } from "../ports.ts";
import type { Grammar } from "./grammar.ts";
import { type Decision, type JudgedPart, judgeLine, type RuleBook } from "./line.ts";
import { objection, type Place, type Places } from "./places.ts";
import { isWithin } from "./protected.ts";
import { matchesDomain, namesTool, type Rule, type Rules, readRule } from "./rules.ts";

export type Mode = "plan" | "ask" | "edit" | "auto";

export interface Call {
  tool: string;
  kind: CallKind;
  wants: readonly Want[];
}

export interface PolicyContext extends Places {
  mode: Mode;
  rules: Rules;
}

export interface Judgement {
  decision: Decision;
  /** One sentence without its full stop, to stand behind "because". */
  reason: string;
  parts: JudgedPart[];
  /** The rule that a person may choose to keep; absent where this must be asked each time. */
  always?: string;
  /** Where it asks: a rule says to, or this must be asked each time, so that nobody but a person may answer. */
  firm?: boolean;
}

/** Kinds that change nothing, whatever the tool: a plan may be made with them. */
const quiet: ReadonlySet<CallKind> = new Set(["read", "search", "think", "ask", "task"]);

export function decide(call: Call, context: PolicyContext, grammar: Grammar): Judgement {
  const read = (texts: readonly string[]) =>
    texts.map((text) => readRule(text, context.root, context.home, grammar.globs)).filter((rule) => rule !== null);
  const book: RuleBook = {
    allow: read(context.rules.allow),
    ask: read(context.rules.ask),
    deny: read(context.rules.deny),
  };
  const wants = call.wants.length > 0 ? call.wants : [{ kind: "none" } as const];
  const parts = wants.flatMap((want) => judgeWant(want, call, { ...context, book, grammar }));
  return sumUp(parts);
}

function sumUp(parts: JudgedPart[]): Judgement {
  const found = (decision: Decision) => parts.filter((part) => part.decision === decision);
  const decided = found("deny")[0] ?? found("ask")[0] ?? parts[0];
  if (decided === undefined) return { decision: "ask", reason: "nothing is known of it", parts };
  const asking = found("ask");
  const judgement = { decision: decided.decision, reason: decided.reason, parts };
  if (decided.decision !== "ask") return judgement;
  const firm = asking.some(({ rule, always }) => rule !== null || always === null);
  const only = asking.length === 1 ? decided.always : null;
  return { ...judgement, firm, ...(only !== null && { always: only }) };
}

interface Desk extends PolicyContext {
  book: RuleBook;
  grammar: Grammar;
}

function judgeWant(want: Want, call: Call, desk: Desk): JudgedPart[] {
  switch (want.kind) {
    case "execute":
      return judgeCommand(want.command, want.cwd, call, desk);
    case "read":
    case "edit":
      return [judgePath(want, call, desk)];
    case "fetch":
      return [judgeFetch(want.url, call, desk)];
    case "none":
      return [judgeTool(call, desk)];
    default:
      want satisfies never;
      return [part(call.tool, "deny", "nothing is known of it")];
  }
}

function part(
  command: string,
  decision: Decision,
  reason: string,
  rule: Rule | null = null,
  always: string | null = null,
): JudgedPart {
  return { command, decision, rule: rule?.text ?? null, reason, always };
}

/** The rules in their order, each list asked in its own way; null where none speaks. */
function byRules(
  command: string,
  book: RuleBook,
  names: readonly string[],
  hits: (rule: Rule, wide: boolean) => boolean,
  lists: readonly ("deny" | "ask" | "allow")[],
): JudgedPart | null {
  const words = { deny: "forbids it", ask: "says to ask", allow: "allows it" };
  for (const list of lists) {
    const rule = book[list].find((candidate) => namesTool(candidate, names) && hits(candidate, list !== "allow"));
    if (rule !== undefined) return part(command, list, `the rule ${rule.text} ${words[list]}`, rule);
  }
  return null;
}

const planning = "plan mode changes nothing and runs nothing; choose another mode to go on";

function judgeCommand(command: string, cwd: string, call: Call, desk: Desk): JudgedPart[] {
  if (desk.mode === "plan") return [part(command, "deny", planning)];
  const every = desk.book.allow.find((rule) => rule.match.kind === "any" && namesTool(rule, ["bash", call.tool]));
  const any = every !== undefined ? { rule: every.text } : desk.mode === "auto" ? { rule: null } : null;
  return judgeLine(command, desk.real(cwd), {
    tool: call.tool,
    any,
    rules: desk.book,
    places: desk,
    syntax: desk.grammar.syntax,
  });
}

function judgePath(want: Extract<Want, { kind: "read" | "edit" }>, call: Call, desk: Desk): JudgedPart {
  const [place] = [
    { shown: want.shown, named: absolute(want.shown, desk.root) ?? want.path, path: want.path } satisfies Place,
  ];
  const shown = `${want.kind} ${want.shown}`;
  const names = [want.kind, call.tool];
  const hits = (rule: Rule, wide: boolean) => {
    const match = rule.match;
    if (match.kind !== "path") return match.kind === "any";
    return wide ? match.wide(place.path) || match.wide(place.named) : match.narrow(place.path);
  };
  const denied = byRules(shown, desk.book, names, hits, ["deny"]);
  if (denied !== null) return denied;
  if (desk.mode === "plan" && want.kind === "edit") return part(shown, "deny", planning);
  const against = objection(place, want.kind, desk);
  if (against?.once) return part(shown, against.decision, against.why);
  const asked = byRules(shown, desk.book, names, hits, ["ask"]);
  if (asked !== null) return asked;
  const allowed = byRules(shown, desk.book, names, hits, ["allow"]);
  // A rule that names no path does not reach outside the workspace or to secrets.
  if (
    allowed !== null &&
    (against === null ||
      desk.book.allow.some((rule) => rule.match.kind === "path" && namesTool(rule, names) && hits(rule, false)))
  )
    return allowed;
  const always = `${want.kind}(${want.shown.replace(/[()[\]{}*?!+@\\]/g, "\\$&")})`;
  if (against !== null) return part(shown, "ask", against.why, null, always);
  if (want.kind === "read") return part(shown, "allow", "it only reads in the workspace");
  return desk.mode === "ask"
    ? part(shown, "ask", "no rule allows this edit", null, always)
    : part(shown, "allow", "the mode allows edits in the workspace");
}

/** A path as it was written, where it can stand for itself. */
function absolute(shown: string, root: string): string | null {
  if (shown.startsWith("/")) return shown;
  return isWithin(`${root}/${shown}`, root) && !shown.includes("..") ? `${root}/${shown}` : null;
}

/** Characters behind the host. A longer address can carry what the model has read to whoever owns the host. */
const ordinaryTail = 200;

function judgeFetch(url: string, call: Call, desk: Desk): JudgedPart {
  const shown = `fetch ${url}`;
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address === null) return part(shown, "deny", `${url} is not an address`);
  const host = address.hostname.toLowerCase();
  const ruled = byRules(shown, desk.book, ["fetch", call.tool], (rule, wide) => matchesDomain(rule.match, host, wide), [
    "deny",
    "ask",
    "allow",
  ]);
  if (ruled?.decision === "deny") return ruled;
  if (desk.mode === "plan") return part(shown, "deny", planning);
  const tail = `${address.pathname}${address.search}${address.hash}`.length;
  const hostIsNamed = desk.book.allow.some(
    (rule) =>
      rule.match.kind === "domain" && namesTool(rule, ["fetch", call.tool]) && matchesDomain(rule.match, host, false),
  );
  if (tail > ordinaryTail && !hostIsNamed && ruled?.decision !== "ask")
    return part(
      shown,
      "ask",
      `the address has ${tail} characters behind the host, which could carry out what was read`,
    );
  if (ruled !== null) return ruled;
  return desk.mode === "auto"
    ? part(shown, "allow", "the mode allows public pages")
    : part(shown, "ask", `no rule allows ${host}`, null, `fetch(domain:${host})`);
}

/** A call that wants nothing of the world that can be named: its kind and the rules decide. */
function judgeTool(call: Call, desk: Desk): JudgedPart {
  const ruled = byRules(call.tool, desk.book, [call.tool], (rule) => rule.match.kind === "any", [
    "deny",
    "ask",
    "allow",
  ]);
  if (ruled?.decision === "deny") return ruled;
  if (desk.mode === "plan" && !quiet.has(call.kind)) return part(call.tool, "deny", planning);
  if (ruled !== null) return ruled;
  if (quiet.has(call.kind)) return part(call.tool, "allow", "it changes nothing");
  return desk.mode === "auto"
    ? part(call.tool, "allow", "the mode allows it")
    : part(call.tool, "ask", `no rule allows ${call.tool}`, null, call.tool);
}
