/** Code actions: a fix for each diagnostic of any source, and actions for the selection. Each runs a command, which starts a turn. */
import type { CodeAction, CodeActionParams, Command, Diagnostic, Range } from "vscode-languageserver/node";
import { z } from "zod";
import { createEdit } from "./apply.ts";
import { commentSyntax } from "./comment-syntax.ts";
import type { LspContext } from "./context.ts";
import type { Document } from "./documents.ts";
import { type EditReviews, type FileReview, formatEditCount } from "./edits.ts";
import { lastLineOf } from "./positions.ts";
import { type ActionName, editorActions, formatFixPrompt, formatFixTitle } from "./prompts.ts";

/** The maximum number of single fixes in a list; a last one fixes all. */
const MAX_FIXES = 100;

/** The data of an action, resolved to a command when it is selected. */
const actionData = z.union([
  z.object({
    act: z.enum(Object.keys(editorActions) as [ActionName, ...ActionName[]]),
    uri: z.string(),
    range: z.custom<Range>(),
  }),
  z.object({ fix: z.array(z.custom<Diagnostic>()), uri: z.string() }),
  z.object({ instruct: z.literal(true), uri: z.string(), range: z.custom<Range>() }),
]);
type ActionData = z.infer<typeof actionData>;

export const actionKinds = [
  "quickfix",
  ...Object.values(editorActions).map(({ kind }) => kind),
  "refactor.tutti.instruct",
  "refactor.tutti.review",
  "source.tutti.fixAll",
];

export async function provideActions(
  lsp: LspContext,
  edits: EditReviews,
  { textDocument: { uri }, range, context }: CodeActionParams,
): Promise<CodeAction[]> {
  const document = lsp.documents.get(uri);
  if (!document?.path) return [];
  const { lenses, resolvesActions } = lsp.client();
  const { diagnostics } = context;
  const all: [CodeAction, ActionData][] = [];
  for (const diagnostic of diagnostics.slice(0, MAX_FIXES))
    all.push([
      { title: formatFixTitle(diagnostic), kind: "quickfix", diagnostics: [diagnostic] },
      { fix: [diagnostic], uri },
    ]);
  if (diagnostics.length > 1) {
    const title = `Tutti: Fix all ${diagnostics.length} problems here`;
    all.push([
      { title, kind: "quickfix", diagnostics },
      { fix: diagnostics, uri },
    ]);
    all.push([
      { title, kind: "source.tutti.fixAll" },
      { fix: diagnostics, uri },
    ]);
  }
  for (const [name, { title, kind }] of Object.entries(editorActions))
    all.push([
      { title, kind },
      { act: name as ActionName, uri, range },
    ]);
  if (commentSyntax(document.language, document.path))
    all.push([
      { title: "Tutti: Write an instruction here…", kind: "refactor.tutti.instruct" },
      { instruct: true, uri, range },
    ]);
  // Thousands of diagnostics need not be sent twice: they are resolved when an action is selected.
  const actions = all.map(([action, data]) =>
    resolvesActions ? { ...action, data } : { ...action, ...toAction(lsp, document, data) },
  );
  const review = lenses ? null : await edits.get(document.path).catch(() => null);
  if (review) actions.push(...createReviewActions(document, review, range));
  return actions.filter(({ kind = "" }) => context.only?.every((only) => !matchesKind(kind, only)) !== true);
}

/** The actions of edit lenses, for editors without code lenses: for the changes in the range and for the whole file. */
function createReviewActions(
  { path, uri }: Document,
  { edit, hunks, session }: FileReview,
  range: Range,
): CodeAction[] {
  const action = (title: string, command: string, more = {}): CodeAction => ({
    title: `Tutti: ${title}`,
    kind: "refactor.tutti.review",
    command: { title, command, arguments: [{ path, session, ...more }] },
  });
  const here = hunks.flatMap(({ now }, hunk) => {
    const last = now.start + Math.max(1, now.lines.length) - 1;
    if (now.start > lastLineOf(range) || last < range.start.line) return [];
    const line = Math.max(now.start, range.start.line);
    const explain = action(`Explain the change at line ${line + 1}`, "tutti.why", { uri, line });
    if (hunks.length === 1) return [explain];
    const label = `the change at line ${line + 1}`;
    return [action(`Keep ${label}`, "tutti.keep", { hunk }), action(`Undo ${label}`, "tutti.undo", { hunk }), explain];
  });
  const count = formatEditCount(edit);
  const whole = [action(`Keep ${count}`, "tutti.keep"), action(`Undo ${count}`, "tutti.undo")];
  return hunks.length === 0 ? [] : [...here, ...whole];
}

export function resolveAction(context: LspContext, action: CodeAction): CodeAction {
  const data = actionData.safeParse(action.data);
  const document = data.success && context.documents.get(data.data.uri);
  return document ? { ...action, ...toAction(context, document, data.data) } : action;
}

function toAction(context: LspContext, document: Document, data: ActionData): Pick<CodeAction, "command" | "edit"> {
  if ("instruct" in data) return { edit: instructionEdit(context, document, data.range) };
  return {
    command:
      "fix" in data ? createFixCommand(document, data.fix) : createActionCommand(data.act, document.uri, data.range),
  };
}

const createFixCommand = ({ path, uri }: Document, fix: readonly Diagnostic[]): Command => ({
  title: "Fix",
  command: "tutti.prompt",
  arguments: [{ text: formatFixPrompt(path ?? uri, fix), uri }],
});

export const createActionCommand = (act: ActionName, uri: string, range: Range): Command => ({
  title: editorActions[act].title,
  command: "tutti.act",
  arguments: [{ act, uri, range }],
});

/** Inserts the start of a comment command above the selection: LSP has no input boxes. */
function instructionEdit(context: LspContext, document: Document, { start }: Range) {
  const [before = "#", after = ""] = commentSyntax(document.language, document.path ?? "")?.template ?? [];
  const indent = /^\s*/.exec(document.line(start.line))?.[0] ?? "";
  const at = document.offsetAt({ line: start.line, character: 0 });
  const text = `${indent}${before} tutti! ${after}`.trimEnd();
  const label = "Tutti: Write the instruction, then save";
  return createEdit(document, [{ start: at, end: at, text: `${text} \n` }], { client: context.client(), label });
}

const matchesKind = (kind: string, only: string): boolean =>
  only === "" || kind === only || kind.startsWith(`${only}.`);
