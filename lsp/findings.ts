/**
 * Review findings as diagnostics, pulled by editors that support it and pushed to others. They move with their lines, and end when the
 * line is edited or a new review starts.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Diagnostic, DiagnosticSeverity } from "vscode-languageserver/node";
import {
  type Finding,
  type FindingSeverity,
  formatProblem,
  locateFindings,
  parseFindings,
} from "../client/findings.ts";
import type { ReviewTarget } from "../protocol/review-methods.ts";
import type { SessionView } from "../protocol/view.ts";
import type { LspContext } from "./context.ts";
import type { Document } from "./documents.ts";

const severities: Readonly<Record<FindingSeverity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

interface PlacedFinding {
  /** Counts from 0. */
  line: number;
  /** Lines after the first. */
  more: number;
  /** The text of that line; null if the file was not open yet. */
  text: string | null;
  severity: DiagnosticSeverity;
  message: string;
}

export interface ReviewFindings {
  /** Shows the findings of a turn that reviewed one file. */
  showForFile(path: string, view: SessionView, turn: string): void;
  /** Shows the findings of a turn that reviewed a change. */
  showForChange(
    change: { cwd: string; root: string; target: ReviewTarget },
    view: SessionView,
    turn: string,
  ): Promise<void>;
  diagnosticsOf(document: Document): Diagnostic[];
  /** Of one file, or all. */
  clear(path?: string): void;
}

export function openFindings(lsp: LspContext): ReviewFindings {
  const { connection, documents, showMessage } = lsp;
  const byPath = new Map<string, PlacedFinding[]>();
  const pushed = new Map<string, string>();
  const watched = new Set<string>();

  const diagnosticsOf = (document: Document): Diagnostic[] =>
    (byPath.get(document.path ?? "") ?? []).flatMap((finding) => toCurrentDiagnostic(finding, document) ?? []);
  const show = (path: string): void => {
    const { pullsDiagnostics, refreshesDiagnostics } = lsp.client();
    const document = documents.at(path);
    if (document && pullsDiagnostics) {
      if (refreshesDiagnostics) connection.languages.diagnostics.refresh().catch(() => undefined);
      return;
    }
    const uri = document?.uri ?? pathToFileURL(path).href;
    const found = document
      ? diagnosticsOf(document)
      : (byPath.get(path) ?? []).map((finding) => toDiagnostic(finding, finding.line, 0));
    const content = JSON.stringify(found);
    if (content === (pushed.get(uri) ?? "[]")) return;
    pushed.set(uri, content);
    void connection.sendDiagnostics({ uri, diagnostics: found });
  };
  /** Pushes to editors that do not pull, after an edit has removed findings. */
  const follow = (path: string): void => {
    if (watched.has(path)) return;
    watched.add(path);
    documents.onChange((document) => {
      if (document.path !== path) return false;
      byPath.set(
        path,
        (byPath.get(path) ?? []).filter((finding) => findCurrentLine(finding, document) !== null),
      );
      show(path);
      return byPath.get(path)?.length === 0 && watched.delete(path);
    });
  };
  const place = (path: string, findings: readonly Finding[]): void => {
    const document = documents.at(path);
    byPath.set(
      path,
      findings.map((finding) => {
        const line = Math.min(Math.max(finding.line - 1, 0), document ? document.lines() - 1 : Number.MAX_SAFE_INTEGER);
        return {
          line,
          more: finding.problem === undefined ? (finding.endLine ?? finding.line) - finding.line : 0,
          text: document ? document.line(line) : null,
          severity: severities[finding.severity],
          message: formatMessage(finding),
        };
      }),
    );
    if (findings.length > 0 && !lsp.client().pullsDiagnostics) follow(path);
    show(path);
  };
  const read = (view: SessionView, turn: string, file?: string): Finding[] | null => {
    const response = view.parts.findLast((part) => part.type === "text" && part.turn === turn && !part.incomplete);
    const parsed = parseFindings(response?.type === "text" ? response.text : "", file);
    if ("findings" in parsed) return parsed.findings;
    showMessage("warning", `Cannot read the findings of the review: ${parsed.problem}. See the transcript.`);
    return null;
  };
  const announce = (count: number): void =>
    showMessage(
      "info",
      count === 0
        ? "The review found no problems."
        : `The review found ${count} ${count === 1 ? "problem" : "problems"}.`,
    );
  const clear: ReviewFindings["clear"] = (path) => {
    const paths = path === undefined ? [...byPath.keys()] : [path];
    for (const one of paths) if (byPath.delete(one)) show(one);
  };
  return {
    diagnosticsOf,
    clear,
    showForFile(path, view, turn) {
      const found = read(view, turn, path);
      if (!found) return;
      announce(found.length);
      place(path, found);
    },
    async showForChange({ cwd, root, target }, view, turn) {
      const found = read(view, turn);
      if (!found) return;
      const paths = found.map(({ file }) => file);
      const { files } = await lsp.server.call("reviewLocate", { cwd, target, paths });
      const located = locateFindings(found, files, new Set());
      announce(located.length);
      const isShown = ({ problem }: Finding): boolean => problem !== "fileNotFound";
      for (const [file, findings] of Map.groupBy(located.filter(isShown), ({ file }) => file))
        place(join(root, file), findings);
      for (const finding of located.filter((one) => !isShown(one)))
        showMessage("warning", `${finding.file}:${finding.line} (${formatProblem(finding)}): ${finding.title}`);
    },
  };
}

function formatMessage(finding: Finding): string {
  const { title, message, suggestion } = finding;
  const problem = formatProblem(finding);
  return [
    ...(message.startsWith(title) ? [] : [title]),
    message,
    ...(suggestion === undefined ? [] : [`Suggestion: ${suggestion}`]),
    ...(problem === null ? [] : [`The review names line ${finding.line}, but ${problem}.`]),
  ].join("\n");
}

/** Undefined if the line no longer exists. */
function toCurrentDiagnostic(finding: PlacedFinding, document: Document): Diagnostic | undefined {
  const line = findCurrentLine(finding, document);
  if (line === null) return undefined;
  const last = Math.min(line + finding.more, document.lines() - 1);
  const { character } = document.positionAt(document.offsetAt({ line: last + 1, character: 0 }) - 1);
  return toDiagnostic({ ...finding, more: last - line }, line, character);
}

function findCurrentLine(finding: PlacedFinding, document: Document): number | null {
  const { line } = finding;
  finding.text ??= document.line(line);
  if (document.line(line) === finding.text) return line;
  for (let away = 1; away < document.lines(); away++)
    for (const other of [line - away, line + away])
      if (other >= 0 && other < document.lines() && document.line(other) === finding.text) return other;
  return null;
}

const toDiagnostic = ({ severity, message, more }: PlacedFinding, line: number, character: number): Diagnostic => ({
  range: { start: { line, character: 0 }, end: { line: line + more, character } },
  severity,
  source: "tutti review",
  message,
});
