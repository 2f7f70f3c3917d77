/** What the editor can have done by `workspace/executeCommand`, as one table. Each answers at once; what becomes of it is seen. */
import type { Range } from "vscode-languageserver/node";
import { z } from "zod";
import { TuttiError } from "../protocol/errors.ts";
import type { SessionView } from "../protocol/view.ts";
import { pathOf } from "./client.ts";
import { realPath } from "./documents.ts";
import { type Edits, hunkAt, noteOf } from "./edits.ts";
import type { Face } from "./face.ts";
import { answerSchema, type Findings } from "./findings.ts";
import type { Pages } from "./pages.ts";
import { lastLineOf } from "./positions.ts";
import { type ActName, acts, placeText, reviewText } from "./prompts.ts";
import { answer } from "./questions.ts";
import type { Turns } from "./turns.ts";

export interface Doing extends Face {
  edits: Edits;
  findings: Findings;
  pages: Pages;
  turns: Turns;
}

interface Row<T> {
  /** Where arguments are a text and no object, this is what the text is. */
  text?: string;
  args: z.ZodType<T>;
  run(doing: Doing, args: T): Promise<unknown>;
}

const row = <T>(one: Row<T>): Row<T> => one;

const where = { uri: z.string().optional(), path: z.string().optional(), session: z.string().optional() };
const range = z.custom<Range>((value) => typeof value === "object" && value !== null && "start" in value);

const rows = {
  "tutti.prompt": row({
    text: "text",
    args: z.object({ ...where, text: z.string().min(1), range: range.optional() }),
    async run({ sessions, turns }, args) {
      const at = args.range && args.uri ? `${placeOf(args.uri, args.range)}\n\n` : "";
      return turns.prompt(args.session ?? (await sessions.for(fileOf(args))), at + args.text);
    },
  }),
  "tutti.act": row({
    args: z.object({ uri: z.string(), act: z.enum(Object.keys(acts) as [ActName, ...ActName[]]), range }),
    async run({ sessions, turns, pages }, { uri, act, range }) {
      const { gives, text } = acts[act];
      const session = await sessions.for(fileOf({ uri }));
      const show = gives === "answer" ? { ended: showsAnswer(pages) } : {};
      return turns.prompt(session, text(placeOf(uri, range)), show);
    },
  }),
  "tutti.review": row({
    text: "uri",
    args: z.object(where),
    async run({ sessions, turns, findings }, args) {
      const path = fileOf(args);
      if (path === null) throw new TuttiError("usage", "Say which file to review, by `uri`.");
      const settings = { answerSchema, mode: "plan" as const };
      return turns.prompt(await sessions.for(path), reviewText(path), {
        settings,
        ended: (view, turn, outcome) => outcome === "done" && findings.take(path, view, turn),
      });
    },
  }),
  "tutti.clearReview": row({
    args: z.object({}),
    run: async ({ findings }) => findings.clear(),
  }),
  "tutti.steer": row({
    text: "text",
    args: z.object({ ...where, text: z.string().min(1) }),
    async run({ server, sessions }, args) {
      const { id, activity } = viewOf(sessions, args);
      if (activity.state === "idle") throw new TuttiError("notFound", "Nothing runs that could be steered.");
      return server.call("turnSteer", { session: id, turn: activity.turn, text: args.text });
    },
  }),
  "tutti.cancel": row({
    args: z.object(where),
    run: ({ server, sessions }, args) => server.call("turnCancel", { session: viewOf(sessions, args).id }),
  }),
  "tutti.keep": row({
    text: "path",
    args: z.object({ ...where, hunk: z.number().int().nonnegative().optional() }),
    run: (doing, args) => each(doing, args, (path) => doing.edits.keep(path, args.hunk)),
  }),
  "tutti.undo": row({
    text: "path",
    args: z.object({ ...where, hunk: z.number().int().nonnegative().optional() }),
    run: (doing, args) => each(doing, args, (path) => doing.edits.undo(path, args.hunk)),
  }),
  "tutti.why": row({
    args: z.object({ ...where, line: z.number().int().nonnegative() }),
    async run({ edits, sessions, say }, args) {
      const path = fileOf(args);
      const changed = path === null ? null : await edits.of(path);
      const hunk = changed && hunkAt(changed.hunks, args.line);
      const view = changed && sessions.view(changed.session);
      const note = hunk && view ? noteOf(view, changed.edit, hunk) : null;
      say("info", note ?? "No agent changed this line, or it was looked through.");
    },
  }),
  "tutti.answer": row({
    text: "answer",
    args: z.object({ ...where, question: z.string().optional(), answer: z.string() }),
    async run(face, args) {
      const asking = face.sessions.views().filter(({ questions }) => questions.length > 0);
      const view = args.session === undefined ? asking[0] : asking.find(({ id }) => id === args.session);
      const question = view?.questions.find(({ id }) => args.question === undefined || id === args.question);
      if (!view || !question) throw new TuttiError("notFound", "No question of that kind is open.");
      const chosen = question.choices.find(({ id, label }) => label === args.answer || id === args.answer);
      await answer(face, view.id, question, chosen?.id ?? args.answer);
    },
  }),
  "tutti.newSession": row({
    text: "title",
    args: z.object({ ...where, title: z.string().optional() }),
    run: async ({ sessions }, args) => ({ session: await sessions.fresh(fileOf(args), args.title) }),
  }),
  "tutti.useSession": row({
    text: "session",
    args: z.object({ session: z.string() }),
    async run({ sessions }, { session }) {
      const { id, title, cwd } = await sessions.take(session);
      return { session: id, title, cwd };
    },
  }),
  "tutti.transcript": row({
    args: z.object(where),
    run: ({ sessions, pages }, args) => pages.show(viewOf(sessions, args).id, "transcript.md"),
  }),
  "tutti.changes": row({
    args: z.object(where),
    run: ({ sessions, pages }, args) => pages.show(viewOf(sessions, args).id, "changes.diff"),
  }),
} satisfies Record<string, unknown>;

export const commandNames = Object.keys(rows);

/** Rejects with a `TuttiError` in words for the person. */
export async function runCommand(doing: Doing, name: string, given: readonly unknown[]): Promise<unknown> {
  const found = (rows as Record<string, Row<unknown>>)[name];
  if (!found) throw new TuttiError("usage", `There is no command ${name}.`);
  const [first = {}] = given;
  const args = typeof first === "string" && found.text !== undefined ? { [found.text]: first } : first;
  const parsed = found.args.safeParse(args);
  if (parsed.success) return (await found.run(doing, parsed.data)) ?? null;
  const [issue] = parsed.error.issues;
  throw new TuttiError("usage", `${name}: ${issue?.path.join(".") || "its argument"}: ${issue?.message}.`);
}

export const showsAnswer =
  (pages: Pages) =>
  (view: SessionView, _turn: string, outcome: string): void => {
    if (outcome === "done") pages.show(view.id, "answer.md").catch(() => undefined);
  };

function fileOf({ uri, path }: { uri?: string | undefined; path?: string | undefined }): string | null {
  const file = path ?? (uri === undefined ? null : pathOf(uri));
  return file === null ? null : realPath(file);
}

function placeOf(uri: string, range: Range): string {
  return placeText({ path: fileOf({ uri }) ?? uri, first: range.start.line + 1, last: lastLineOf(range) + 1 });
}

function viewOf(sessions: Face["sessions"], args: z.infer<z.ZodObject<typeof where>>): SessionView {
  const view = args.session === undefined ? sessions.known(fileOf(args)) : sessions.view(args.session);
  if (!view) throw new TuttiError("notFound", "There is no session here yet; tutti.prompt begins one.");
  return view;
}

/** Of the file that is named, or of each that waits to be looked through. */
async function each(
  { sessions }: Doing,
  args: z.infer<z.ZodObject<typeof where>>,
  act: (path: string) => Promise<void>,
): Promise<void> {
  const path = fileOf(args);
  const paths = path === null ? viewOf(sessions, args).edits.map((edit) => edit.path) : [path];
  for (const one of paths) await act(one);
}
