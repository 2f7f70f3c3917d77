/** Review findings as diagnostics, pulled by editors that support it and pushed to others. They move with their lines. */

import { pathToFileURL } from "node:url";
import { type Diagnostic, DiagnosticSeverity } from "vscode-languageserver/node";
import { z } from "zod";
import type { SessionView } from "../protocol/view.ts";
import type { LspContext } from "./context.ts";
import type { Document } from "./documents.ts";

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
} as const;

const findingsShape = z.object({
  findings: z.array(
    z.object({
      line: z.number().int().positive(),
      severity: z.enum(["error", "warning", "info"]),
      message: z.string().min(1),
    }),
  ),
});
export const findingsSchema = z.toJSONSchema(findingsShape) as Record<string, unknown>;

interface Finding {
  /** Counts from 0. */
  line: number;
  /** The text of that line; null if the file was not open. */
  text: string | null;
  severity: DiagnosticSeverity;
  message: string;
}

export interface ReviewFindings {
  /** Publishes the findings of a turn for a file. */
  publish: (path: string, view: SessionView, turn: string) => void;
  diagnosticsOf(document: Document): Diagnostic[];
  clear(): void;
}

export function openFindings(lsp: LspContext): ReviewFindings {
  const { connection, documents, showMessage } = lsp;
  const byPath = new Map<string, Finding[]>();

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
    void connection.sendDiagnostics({ uri, diagnostics: found });
  };
  const setFindings = (path: string, view: SessionView, turn: string): void => {
    const found = parseFindings(view, turn);
    if (!found) {
      showMessage("warning", "Cannot parse the review's findings. See the transcript.");
      return;
    }
    const document = documents.at(path);
    byPath.set(
      path,
      found.map(({ line, severity, message }) => ({
        line: line - 1,
        text: document ? document.line(line - 1) : null,
        severity: severities[severity],
        message,
      })),
    );
    showMessage(
      "info",
      found.length === 0
        ? "The review found no problems."
        : `The review found ${found.length} ${found.length === 1 ? "problem" : "problems"}.`,
    );
    show(path);
  };
  return {
    diagnosticsOf,
    publish: setFindings,
    clear() {
      const paths = [...byPath.keys()];
      byPath.clear();
      for (const path of paths) show(path);
    },
  };
}

/** Null if the response does not have the requested format. */
function parseFindings(view: SessionView, turn: string) {
  const response = view.parts.findLast((part) => part.type === "text" && part.turn === turn && !part.incomplete);
  if (response?.type !== "text") return null;
  try {
    return findingsShape.parse(JSON.parse(response.text.replace(/^\s*```\w*\n|\n```\s*$/g, ""))).findings;
  } catch {
    return null;
  }
}

/** Undefined if the line no longer exists. */
function toCurrentDiagnostic(finding: Finding, document: Document): Diagnostic | undefined {
  const line = findCurrentLine(finding, document);
  if (line === null) return undefined;
  return toDiagnostic(
    finding,
    line,
    document.positionAt(document.offsetAt({ line: line + 1, character: 0 }) - 1).character,
  );
}

function findCurrentLine({ line, text }: Finding, document: Document): number | null {
  if (text === null || document.line(line) === text) return line;
  for (let away = 1; away < document.lines(); away++)
    for (const other of [line - away, line + away])
      if (other >= 0 && other < document.lines() && document.line(other) === text) return other;
  return null;
}

const toDiagnostic = ({ severity, message }: Finding, line: number, character: number): Diagnostic => ({
  range: { start: { line, character: 0 }, end: { line, character } },
  severity,
  source: "tutti",
  message,
});
