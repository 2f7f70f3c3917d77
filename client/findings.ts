/** The findings of a review: their JSON, as the model is asked for it, and the same findings with what is wrong with their place. Pure. */

/** As in LSP, worst first. */
export const findingSeverities = ["error", "warning", "information", "hint"] as const;
export type FindingSeverity = (typeof findingSeverities)[number];

export interface Finding {
  /** Relative to the root of the repository. */
  file: string;
  /** Counts from 1. */
  line: number;
  /** The last line, included. */
  endLine?: number;
  severity: FindingSeverity;
  title: string;
  message: string;
  /** How to fix it. */
  suggestion?: string;
  /** The place cannot be shown: there is no such file, the change deletes it, or it has fewer lines. */
  problem?: "fileNotFound" | "fileDeleted" | "lineOutOfRange";
}

export interface Findings {
  findings: Finding[];
  summary: string;
}

const text = { type: "string" } as const;

/** JSON Schema of a response. All keys are required, because some endpoints only accept such schemas. */
export const findingsSchema: Record<string, unknown> = {
  type: "object",
  properties: {
    findings: {
      type: "array",
      items: {
        type: "object",
        properties: {
          file: text,
          line: { type: "integer" },
          endLine: { type: ["integer", "null"] },
          severity: { type: "string", enum: [...findingSeverities] },
          title: text,
          message: text,
          suggestion: { type: ["string", "null"] },
        },
        required: ["file", "line", "endLine", "severity", "title", "message", "suggestion"],
        additionalProperties: false,
      },
    },
    summary: text,
  },
  required: ["findings", "summary"],
  additionalProperties: false,
};

/** What a prompt says about the form of the response. */
export const findingsRequest =
  'Respond with JSON alone: {"findings": [{"file": "path", "line": 1, "endLine": null, "severity": "error" | "warning" | "information" | "hint", "title": "one short sentence", "message": "the failing case and what goes wrong", "suggestion": "the smallest fix, or null"}], "summary": "one or two sentences"}. Lines count from 1 in the new version of the file. `error` is for what breaks a user, loses data or opens a hole, `warning` for other faults, `information` for questions, `hint` for small improvements. Without findings, the list is empty.';

/** Names that models use in place of those in the schema. */
const SEVERITY_NAMES: Readonly<Record<string, FindingSeverity>> = {
  critical: "error",
  blocker: "error",
  high: "error",
  major: "error",
  medium: "warning",
  moderate: "warning",
  warn: "warning",
  low: "information",
  minor: "information",
  info: "information",
  question: "information",
  note: "hint",
  nit: "hint",
  suggestion: "hint",
};

/**
 * Sorted, worst first. `problem` says what is wrong with a response that is not a list of findings. `file` is the file of findings that
 * name none.
 */
export function parseFindings(response: string, file?: string): Findings | { problem: string } {
  const value = extractJson(response);
  if (value === undefined) return { problem: "it is not JSON" };
  const { findings: items, summary } = (Array.isArray(value) ? { findings: value } : (value ?? {})) as Record<
    string,
    unknown
  >;
  if (!Array.isArray(items)) return { problem: "it has no list `findings`" };
  const findings: Finding[] = [];
  for (const [index, item] of items.entries()) {
    const parsed = parseFinding(item, file);
    if (typeof parsed === "string") return { problem: `findings[${index}] ${parsed}` };
    findings.push(parsed);
  }
  return { findings: sortFindings(findings), summary: typeof summary === "string" ? summary.trim() : "" };
}

const rank = ({ severity }: Finding): number => findingSeverities.indexOf(severity);

const sortFindings = (findings: readonly Finding[]): Finding[] => findings.toSorted((a, b) => rank(a) - rank(b));

function parseFinding(value: unknown, defaultFile?: string): Finding | string {
  if (typeof value !== "object" || value === null) return "is not an object";
  const { file = defaultFile, line, endLine, severity, title, message, suggestion } = value as Record<string, unknown>;
  if (typeof file !== "string" || file.trim() === "") return "has no `file`";
  if (!Number.isSafeInteger(line)) return "has no whole number as `line`";
  const name = String(severity).toLowerCase();
  const known =
    findingSeverities.find((one) => one === name) ??
    (Object.hasOwn(SEVERITY_NAMES, name) ? SEVERITY_NAMES[name] : undefined);
  if (known === undefined) return `has the severity ${JSON.stringify(severity)}, not ${findingSeverities.join(", ")}`;
  const [heading, body] = [title, message].map((one) => (typeof one === "string" ? one.trim() : ""));
  if (!heading && !body) return "has neither `title` nor `message`";
  const last =
    Number.isSafeInteger(endLine) && (endLine as number) > (line as number) ? (endLine as number) : undefined;
  return {
    file: file.trim(),
    line: line as number,
    ...(last !== undefined && { endLine: last }),
    severity: known,
    title: heading || firstSentence(body ?? ""),
    message: body || (heading ?? ""),
    ...(typeof suggestion === "string" && suggestion.trim() !== "" && { suggestion: suggestion.trim() }),
  };
}

const firstSentence = (message: string): string => /^.{1,120}?[.!?](?=\s|$)|^.{1,120}/s.exec(message)?.[0] ?? message;

/** All of a response, the content of a code fence, or from the first brace to the last. */
export function extractJson(response: string): unknown {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)```/.exec(response)?.[1];
  const braced = /[{[][\s\S]*[}\]]/.exec(response)?.[0];
  for (const candidate of [response, fenced, braced]) {
    try {
      if (candidate !== undefined) return JSON.parse(candidate);
    } catch {
      // The next candidate may be JSON.
    }
  }
  return undefined;
}

/** `files[i]` belongs to the i-th finding: its path from the root and its number of lines, as `review/locate` returns them. */
export function locateFindings(
  findings: readonly Finding[],
  files: readonly { path: string; lines?: number | null | undefined }[],
  deleted: ReadonlySet<string>,
): Finding[] {
  return findings.map((finding, index) => {
    const { path = finding.file, lines } = files[index] ?? {};
    const located = { ...finding, file: path };
    if (lines === undefined) return located;
    if (lines === null) return { ...located, problem: deleted.has(path) ? "fileDeleted" : "fileNotFound" };
    const isInside = finding.line >= 1 && (finding.endLine ?? finding.line) <= lines;
    return isInside ? located : { ...located, problem: "lineOutOfRange" };
  });
}

/** True if one of the findings is at least as severe. */
export const hasFinding = (findings: readonly Finding[], least: FindingSeverity): boolean =>
  findings.some((finding) => rank(finding) <= findingSeverities.indexOf(least));

const PROBLEMS: Readonly<Record<NonNullable<Finding["problem"]>, string>> = {
  fileNotFound: "there is no such file",
  fileDeleted: "the change deletes this file",
  lineOutOfRange: "the file has no such line",
};

/** What is wrong with its place, as a clause; null if nothing is. */
export const formatProblem = ({ problem }: Finding): string | null => (problem ? PROBLEMS[problem] : null);

/** `src/a.ts:12-14: error: Title`, then the message and the suggestion, indented. */
export function formatFinding(finding: Finding): string {
  const { file, line, endLine, severity, title, message, suggestion } = finding;
  const problem = formatProblem(finding);
  const place = `${file}:${line}${endLine === undefined ? "" : `-${endLine}`}`;
  const note = problem === null ? "" : ` (${problem})`;
  const details = [
    ...(message === title ? [] : [message]),
    ...(suggestion === undefined ? [] : [`Suggestion: ${suggestion}`]),
  ];
  const lines = details.flatMap((detail) => detail.split("\n")).map((one) => `  ${one}`.trimEnd());
  return [`${place}${note}: ${severity}: ${title}`, ...lines].join("\n");
}

/** `2 findings: 1 error, 1 warning`. */
export function countFindings(findings: readonly Finding[]): string {
  if (findings.length === 0) return "No findings";
  const counts = findingSeverities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    const name = severity === "information" || count === 1 ? severity : `${severity}s`;
    return count === 0 ? [] : [`${count} ${name}`];
  });
  return `${findings.length} ${findings.length === 1 ? "finding" : "findings"}: ${counts.join(", ")}`;
}
