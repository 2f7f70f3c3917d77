/** Code actions: a fix for each diagnostic, whoever found it, and what can be done with the selection. Each is a command, which is a turn. */
import type { CodeAction, CodeActionParams, Command, Diagnostic, Range } from "vscode-languageserver/node";
import { z } from "zod";
import { editOf } from "./apply.ts";
import { commentSyntax } from "./comment-syntax.ts";
import type { Document } from "./documents.ts";
import { type Changed, countOf, type Edits } from "./edits.ts";
import type { Face } from "./face.ts";
import { lastLineOf } from "./positions.ts";
import { type ActName, acts, fixText, fixTitle } from "./prompts.ts";

/** A list to choose from holds so many fixes of their own; the last one is for all. */
const MOST_FIXES = 100;

/** What an action stands for until it is chosen. */
const chosen = z.union([
  z.object({ act: z.enum(Object.keys(acts) as [ActName, ...ActName[]]), uri: z.string(), range: z.custom<Range>() }),
  z.object({ fix: z.array(z.custom<Diagnostic>()), uri: z.string() }),
  z.object({ instruct: z.literal(true), uri: z.string(), range: z.custom<Range>() }),
]);
type Chosen = z.infer<typeof chosen>;

export const actionKinds = [
  "quickfix",
  ...Object.values(acts).map(({ kind }) => kind),
  "refactor.tutti.instruct",
  "refactor.tutti.review",
  "source.tutti.fixAll",
];

export async function actionsFor(
  face: Face,
  edits: Edits,
  { textDocument: { uri }, range, context }: CodeActionParams,
): Promise<CodeAction[]> {
  const document = face.documents.get(uri);
  if (!document?.path) return [];
  const { lenses, resolvesActions } = face.client();
  const { diagnostics } = context;
  const all: [CodeAction, Chosen][] = [];
  for (const diagnostic of diagnostics.slice(0, MOST_FIXES))
    all.push([
      { title: fixTitle(diagnostic), kind: "quickfix", diagnostics: [diagnostic] },
      { fix: [diagnostic], uri },
    ]);
  if (diagnostics.length > 1) {
    const title = `Tutti: fix all ${diagnostics.length} problems here`;
    all.push([
      { title, kind: "quickfix", diagnostics },
      { fix: diagnostics, uri },
    ]);
    all.push([
      { title, kind: "source.tutti.fixAll" },
      { fix: diagnostics, uri },
    ]);
  }
  for (const [name, { title, kind }] of Object.entries(acts))
    all.push([
      { title, kind },
      { act: name as ActName, uri, range },
    ]);
  if (commentSyntax(document.language, document.path))
    all.push([
      { title: "Tutti: do what I write here…", kind: "refactor.tutti.instruct" },
      { instruct: true, uri, range },
    ]);
  // A reader of a list need not carry 5,000 diagnostics back and forth: they are filled in when one is chosen.
  const offered = all.map(([action, data]) =>
    resolvesActions ? { ...action, data } : { ...action, ...done(face, document, data) },
  );
  const changed = lenses ? null : await edits.of(document.path).catch(() => null);
  if (changed) offered.push(...reviewActions(document, changed, range));
  return offered.filter(({ kind = "" }) => context.only?.every((only) => !isOf(kind, only)) !== true);
}

/** What lenses over an agent's edits say, where the editor has none: of the changes that the range touches, and of the file. */
function reviewActions({ path, uri }: Document, { edit, hunks, session }: Changed, range: Range): CodeAction[] {
  const action = (title: string, command: string, more = {}): CodeAction => ({
    title: `Tutti: ${title}`,
    kind: "refactor.tutti.review",
    command: { title, command, arguments: [{ path, session, ...more }] },
  });
  const here = hunks.flatMap(({ now }, hunk) => {
    const last = now.start + Math.max(1, now.lines.length) - 1;
    if (now.start > lastLineOf(range) || last < range.start.line) return [];
    const line = Math.max(now.start, range.start.line);
    const why = action(`why the change at line ${line + 1}`, "tutti.why", { uri, line });
    if (hunks.length === 1) return [why];
    const at = `the change at line ${line + 1}`;
    return [action(`keep ${at}`, "tutti.keep", { hunk }), action(`undo ${at}`, "tutti.undo", { hunk }), why];
  });
  const count = countOf(edit);
  const whole = [action(`keep ${count}`, "tutti.keep"), action(`undo ${count}`, "tutti.undo")];
  return hunks.length === 0 ? [] : [...here, ...whole];
}

export function resolveAction(face: Face, action: CodeAction): CodeAction {
  const data = chosen.safeParse(action.data);
  const document = data.success && face.documents.get(data.data.uri);
  return document ? { ...action, ...done(face, document, data.data) } : action;
}

function done(face: Face, document: Document, data: Chosen): Pick<CodeAction, "command" | "edit"> {
  if ("instruct" in data) return { edit: instruction(face, document, data.range) };
  return { command: "fix" in data ? fixCommand(document, data.fix) : actCommand(data.act, document.uri, data.range) };
}

const fixCommand = ({ path, uri }: Document, fix: readonly Diagnostic[]): Command => ({
  title: "Fix",
  command: "tutti.prompt",
  arguments: [{ text: fixText(path ?? uri, fix), uri }],
});

export const actCommand = (act: ActName, uri: string, range: Range): Command => ({
  title: acts[act].title,
  command: "tutti.act",
  arguments: [{ act, uri, range }],
});

/** A comment command to be written on, above the selection: there are no input boxes in this protocol. */
function instruction(face: Face, document: Document, { start }: Range) {
  const [before = "#", after = ""] = commentSyntax(document.language, document.path ?? "")?.writes ?? [];
  const indent = /^\s*/.exec(document.line(start.line))?.[0] ?? "";
  const at = document.offsetAt({ line: start.line, character: 0 });
  const text = `${indent}${before} tutti! ${after}`.trimEnd();
  const label = "Tutti: write what to do, and save";
  return editOf(document, [{ start: at, end: at, text: `${text} \n` }], { client: face.client(), label });
}

const isOf = (kind: string, only: string): boolean => only === "" || kind === only || kind.startsWith(`${only}.`);
