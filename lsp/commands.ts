/** The commands for `workspace/executeCommand`, as one table. A command returns when its turn has started, not when it has ended. */
import type { Range } from "vscode-languageserver/node";
import { z } from "zod";
import { findingsSchema } from "../client/findings.ts";
import { createReviewRequest, describeNothing, diffBudget, findContext, formatOmitted } from "../client/review.ts";
import { describeError, TuttiError } from "../protocol/errors.ts";
import type { ReviewTarget } from "../protocol/review-methods.ts";
import type { SessionView } from "../protocol/view.ts";
import { pathOf } from "./client.ts";
import type { LspContext } from "./context.ts";
import { resolveRealPath } from "./documents.ts";
import { type EditReviews, explainHunk, findHunk } from "./edits.ts";
import type { ReviewFindings } from "./findings.ts";
import type { Pages } from "./pages.ts";
import { lastLineOf } from "./positions.ts";
import { type ActionName, editorActions, formatLocation, formatReviewPrompt } from "./prompts.ts";
import { answerQuestion } from "./questions.ts";
import type { Turns } from "./turns.ts";

export interface CommandContext extends LspContext {
  edits: EditReviews;
  findings: ReviewFindings;
  pages: Pages;
  turns: Turns;
}

interface CommandRow<T> {
  /** The argument that a plain string stands for. */
  text?: string;
  args: z.ZodType<T>;
  run(context: CommandContext, args: T): Promise<unknown>;
}

const commandRow = <T>(one: CommandRow<T>): CommandRow<T> => one;

const reviewSettings = { answerSchema: findingsSchema, mode: "plan", transient: true } as const;

/** A denied command does not make a review fail that has findings. Other failures are shown with the turn. */
const hasResponse = ({ lastEnd }: SessionView): boolean =>
  lastEnd?.outcome === "done" || lastEnd?.failure?.code === "refused";

const target = { uri: z.string().optional(), path: z.string().optional(), session: z.string().optional() };
const range = z.custom<Range>((value) => typeof value === "object" && value !== null && "start" in value);

const rows = {
  "tutti.prompt": commandRow({
    text: "text",
    args: z.object({ ...target, text: z.string().min(1), range: range.optional() }),
    async run({ sessions, turns }, args) {
      const location = args.range && args.uri ? `${locationOf(args.uri, args.range)}\n\n` : "";
      return turns.prompt(args.session ?? (await sessions.for(fileOf(args))), location + args.text);
    },
  }),
  "tutti.act": commandRow({
    args: z.object({
      uri: z.string(),
      act: z.enum(Object.keys(editorActions) as [ActionName, ...ActionName[]]),
      range,
    }),
    async run({ sessions, turns, pages }, { uri, act, range }) {
      const { result, prompt } = editorActions[act];
      const session = await sessions.for(fileOf({ uri }));
      const onEnd = result === "answer" ? { ended: showResponse(pages) } : {};
      return turns.prompt(session, prompt(locationOf(uri, range)), onEnd);
    },
  }),
  "tutti.review": commandRow({
    text: "uri",
    args: z.object(target),
    async run({ sessions, turns, findings }, args) {
      const path = fileOf(args);
      if (path === null) throw new TuttiError("usage", "Missing `uri` of the file to review.");
      findings.clear(path);
      return turns.prompt(await sessions.for(path), formatReviewPrompt(path), {
        settings: reviewSettings,
        ended: (view, turn) => hasResponse(view) && findings.showForFile(path, view, turn),
      });
    },
  }),
  "tutti.reviewChanges": commandRow({
    args: z.object({ ...target, base: z.string().min(1).optional(), commit: z.string().min(1).optional() }),
    run: reviewChanges,
  }),
  "tutti.clearReview": commandRow({
    args: z.object({}),
    run: async ({ findings }) => findings.clear(),
  }),
  "tutti.steer": commandRow({
    text: "text",
    args: z.object({ ...target, text: z.string().min(1) }),
    async run({ server, sessions }, args) {
      const { id, activity } = requireView(sessions, args);
      if (activity.state === "idle") throw new TuttiError("notFound", "No turn is running that could be steered.");
      return server.call("turnSteer", { session: id, turn: activity.turn, text: args.text });
    },
  }),
  "tutti.cancel": commandRow({
    args: z.object(target),
    run: ({ server, sessions }, args) => server.call("turnCancel", { session: requireView(sessions, args).id }),
  }),
  "tutti.keep": commandRow({
    text: "path",
    args: z.object({ ...target, hunk: z.number().int().nonnegative().optional() }),
    run: (doing, args) => forEachFile(doing, args, (path) => doing.edits.keep(path, args.hunk)),
  }),
  "tutti.undo": commandRow({
    text: "path",
    args: z.object({ ...target, hunk: z.number().int().nonnegative().optional() }),
    run: (doing, args) => forEachFile(doing, args, (path) => doing.edits.undo(path, args.hunk)),
  }),
  "tutti.why": commandRow({
    args: z.object({ ...target, line: z.number().int().nonnegative() }),
    async run({ edits, sessions, showMessage }, args) {
      const path = fileOf(args);
      const changed = path === null ? null : await edits.get(path);
      const hunk = changed && findHunk(changed.hunks, args.line);
      const view = changed && sessions.view(changed.session);
      const note = hunk && view ? explainHunk(view, changed.edit, hunk) : null;
      showMessage("info", note ?? "No unreviewed change by an agent on this line.");
    },
  }),
  "tutti.answer": commandRow({
    text: "answer",
    args: z.object({ ...target, question: z.string().optional(), answer: z.string() }),
    async run(context, args) {
      const waiting = context.sessions.views().filter(({ questions }) => questions.length > 0);
      const view = args.session === undefined ? waiting[0] : waiting.find(({ id }) => id === args.session);
      const question = view?.questions.find(({ id }) => args.question === undefined || id === args.question);
      if (!view || !question) throw new TuttiError("notFound", "No such question is open.");
      const chosen = question.choices.find(({ id, label }) => label === args.answer || id === args.answer);
      await answerQuestion(context, view.id, question, chosen?.id ?? args.answer);
    },
  }),
  "tutti.newSession": commandRow({
    text: "title",
    args: z.object({ ...target, title: z.string().optional() }),
    run: async ({ sessions }, args) => ({ session: await sessions.create(fileOf(args), args.title) }),
  }),
  "tutti.useSession": commandRow({
    text: "session",
    args: z.object({ session: z.string() }),
    async run({ sessions }, { session }) {
      const { id, title, cwd } = await sessions.adopt(session);
      return { session: id, title, cwd };
    },
  }),
  "tutti.transcript": commandRow({
    args: z.object(target),
    run: ({ sessions, pages }, args) => pages.show(requireView(sessions, args).id, "transcript.md"),
  }),
  "tutti.changes": commandRow({
    args: z.object(target),
    run: ({ sessions, pages }, args) => pages.show(requireView(sessions, args).id, "changes.diff"),
  }),
} satisfies Record<string, unknown>;

export const commandNames = Object.keys(rows);

/** Rejects with a `TuttiError` whose message is shown to the user. */
export async function runCommand(doing: CommandContext, name: string, inputs: readonly unknown[]): Promise<unknown> {
  const found = (rows as Record<string, CommandRow<unknown>>)[name];
  if (!found) throw new TuttiError("usage", `Unknown command ${name}.`);
  const [first = {}] = inputs;
  const args = typeof first === "string" && found.text !== undefined ? { [found.text]: first } : first;
  const parsed = found.args.safeParse(args);
  if (parsed.success) return (await found.run(doing, parsed.data)) ?? null;
  const [issue] = parsed.error.issues;
  throw new TuttiError(
    "usage",
    `Invalid argument for ${name}: ${issue?.path.join(".") || "argument"}: ${issue?.message}.`,
  );
}

async function reviewChanges(
  lsp: CommandContext,
  args: { base?: string | undefined; commit?: string | undefined } & z.infer<z.ZodObject<typeof target>>,
): Promise<unknown> {
  const { sessions, server, findings, turns, showMessage } = lsp;
  const { base, commit } = args;
  if (base !== undefined && commit !== undefined)
    throw new TuttiError("usage", "Pass only one of `base` and `commit`.");
  const path = fileOf(args);
  const cwd = sessions.folderOf(path);
  const reviewed: ReviewTarget =
    base !== undefined
      ? { kind: "branch", name: base }
      : commit !== undefined
        ? { kind: "commit", name: commit }
        : { kind: "uncommitted" };
  findings.clear();
  const change = await server.call("reviewDiff", { cwd, target: reviewed });
  const context = await findContext(server, { cwd, model: lsp.client().options.model });
  const { text, attachments, files, omitted } = createReviewRequest(change, diffBudget(context));
  if (omitted.length > 0) showMessage("warning", `Not reviewed: ${formatOmitted(omitted)}.`);
  if (files.length === 0) {
    if (change.files.length === 0) showMessage("info", describeNothing(change.base));
    return null;
  }
  return turns.prompt(args.session ?? (await sessions.for(path)), text, {
    attachments,
    settings: reviewSettings,
    ended: (view, turn) =>
      hasResponse(view) &&
      findings
        .showForChange({ cwd, root: change.root, target: reviewed }, view, turn)
        .catch((error: unknown) => showMessage("error", `Tutti: ${describeError(error)}`)),
  });
}

export const showResponse =
  (pages: Pages) =>
  (view: SessionView, _turn: string, outcome: string): void => {
    if (outcome === "done") pages.show(view.id, "answer.md").catch(() => undefined);
  };

function fileOf({ uri, path }: { uri?: string | undefined; path?: string | undefined }): string | null {
  const file = path ?? (uri === undefined ? null : pathOf(uri));
  return file === null ? null : resolveRealPath(file);
}

function locationOf(uri: string, range: Range): string {
  return formatLocation({ path: fileOf({ uri }) ?? uri, first: range.start.line + 1, last: lastLineOf(range) + 1 });
}

function requireView(sessions: LspContext["sessions"], args: z.infer<z.ZodObject<typeof target>>): SessionView {
  const view = args.session === undefined ? sessions.sessionByFolder(fileOf(args)) : sessions.view(args.session);
  if (!view) throw new TuttiError("notFound", "No session yet. Start one with tutti.prompt.");
  return view;
}

/** Runs for the given file, or for every file with changes to review. */
async function forEachFile(
  { sessions }: CommandContext,
  args: z.infer<z.ZodObject<typeof target>>,
  act: (path: string) => Promise<void>,
): Promise<void> {
  const path = fileOf(args);
  const paths = path === null ? requireView(sessions, args).edits.map((edit) => edit.path) : [path];
  for (const one of paths) await act(one);
}
