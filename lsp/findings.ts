/** What a review of a file found, as diagnostics: asked for by editors that can, sent to the others. They move with their lines. */

import { pathToFileURL } from "node:url";
import { type Diagnostic, DiagnosticSeverity } from "vscode-languageserver/node";
import { z } from "zod";
import type { SessionView } from "../protocol/view.ts";
import type { Document } from "./documents.ts";
import type { Face } from "./face.ts";

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
} as const;

const answer = z.object({
  findings: z.array(
    z.object({
      line: z.number().int().positive(),
      severity: z.enum(["error", "warning", "info"]),
      message: z.string().min(1),
    }),
  ),
});
export const answerSchema = z.toJSONSchema(answer) as Record<string, unknown>;

interface Finding {
  /** Counts from 0. */
  line: number;
  /** What stood on that line; null where the file was not open. */
  text: string | null;
  severity: DiagnosticSeverity;
  message: string;
}

export interface Findings {
  /** Shows what this turn said of a file. */
  take: (path: string, view: SessionView, turn: string) => void;
  of(document: Document): Diagnostic[];
  clear(): void;
}

export function showFindings(face: Face): Findings {
  const { connection, documents, say } = face;
  const byPath = new Map<string, Finding[]>();

  const of = (document: Document): Diagnostic[] =>
    (byPath.get(document.path ?? "") ?? []).flatMap((finding) => diagnosticOf(finding, document) ?? []);
  const show = (path: string): void => {
    const { pullsDiagnostics, refreshesDiagnostics } = face.client();
    const document = documents.at(path);
    if (document && pullsDiagnostics) {
      if (refreshesDiagnostics) connection.languages.diagnostics.refresh().catch(() => undefined);
      return;
    }
    const uri = document?.uri ?? pathToFileURL(path).href;
    const found = document ? of(document) : (byPath.get(path) ?? []).map((finding) => plain(finding, finding.line, 0));
    void connection.sendDiagnostics({ uri, diagnostics: found });
  };
  const take = (path: string, view: SessionView, turn: string): void => {
    const found = findingsOf(view, turn);
    if (!found) {
      say("warning", "The review did not come in a form that can be shown; the transcript has it.");
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
    say("info", found.length === 0 ? "The review found nothing." : `The review found ${found.length}.`);
    show(path);
  };
  return {
    of,
    take,
    clear() {
      const paths = [...byPath.keys()];
      byPath.clear();
      for (const path of paths) show(path);
    },
  };
}

/** Null where the answer is none of the kind that was asked for. */
function findingsOf(view: SessionView, turn: string) {
  const said = view.parts.findLast((part) => part.type === "text" && part.turn === turn && !part.cut);
  if (said?.type !== "text") return null;
  try {
    return answer.parse(JSON.parse(said.text.replace(/^\s*```\w*\n|\n```\s*$/g, ""))).findings;
  } catch {
    return null;
  }
}

/** Undefined where the line is not there any more. */
function diagnosticOf(finding: Finding, document: Document): Diagnostic | undefined {
  const line = lineNow(finding, document);
  if (line === null) return undefined;
  return plain(finding, line, document.positionAt(document.offsetAt({ line: line + 1, character: 0 }) - 1).character);
}

function lineNow({ line, text }: Finding, document: Document): number | null {
  if (text === null || document.line(line) === text) return line;
  for (let away = 1; away < document.lines(); away++)
    for (const other of [line - away, line + away])
      if (other >= 0 && other < document.lines() && document.line(other) === text) return other;
  return null;
}

const plain = ({ severity, message }: Finding, line: number, character: number): Diagnostic => ({
  range: { start: { line, character: 0 }, end: { line, character } },
  severity,
  source: "tutti",
  message,
});
