/** Handlers for sessions, turns, the queue and questions. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Settings } from "../../protocol/events.ts";
import type { Handlers, Summary } from "../../protocol/methods.ts";
import { partsBefore } from "../../protocol/window.ts";
import { validateRule } from "../permission/rules.ts";
import { findParts } from "../session/find-parts.ts";
import type { Session } from "../session/session.ts";
import { type SessionIndex, toSummary } from "../session/session-summary.ts";
import type { Sessions } from "../session/sessions.ts";
import type { SessionStore } from "../session/storage.ts";
import type { Tasks } from "../tasks/tasks.ts";
import { createContextReport } from "../turn/context-report.ts";
import { runCooperatively } from "./time-slicing.ts";

type SessionMethod = Extract<
  keyof Handlers,
  `session${string}` | `turn${string}` | `queue${string}` | "questionAnswer"
>;

export interface SessionHandlerDeps {
  sessions: Sessions;
  store: SessionStore;
  index: SessionIndex;
  tasks: Pick<Tasks, "sessionDeleted">;
  /** The real path of an existing folder. */
  folder(path: string): string;
}

const DEFAULT_PAGE = 50;
const DEFAULT_HITS = 20;
const DEFAULT_ENVELOPES = 200;
const DEFAULT_PARTS = 200;
const DEFAULT_FOUND = 1000;

export function createSessionHandlers({
  sessions,
  store,
  index,
  tasks,
  folder,
}: SessionHandlerDeps): Pick<Handlers, SessionMethod> {
  const live = (id: string): Promise<Session> => sessions.open(id);
  return {
    sessionCreate: async ({ cwd, ephemeral, title }, { author }) => {
      const options = { ...(ephemeral !== undefined && { ephemeral }), ...(title !== undefined && { title }) };
      const session = await sessions.create(folder(cwd), author, options);
      return { session: session.view().id };
    },
    sessionOpen: async ({ session, cwd }) => {
      const opened = await sessions.open(session, cwd === undefined ? undefined : folder(cwd));
      return { session, cwd: opened.view().cwd };
    },
    sessionClose: async ({ session }) => {
      await sessions.close(session);
      return {};
    },
    async sessionList({ cwd, archived = false, limit = DEFAULT_PAGE, cursor, idPrefix, tasks = false, running }) {
      if (running) return { sessions: listRunning(sessions, cwd === undefined ? null : folder(cwd)) };
      return index.list({
        archived,
        limit,
        tasks: tasks || idPrefix !== undefined,
        ...(idPrefix !== undefined && { idPrefix }),
        ...(cwd !== undefined && { cwd: folder(cwd) }),
        ...(cursor !== undefined && { cursor }),
      });
    },
    sessionSearch: async ({ text, limit = DEFAULT_HITS }) => ({ hits: await index.search(text, limit) }),
    sessionFork: async ({ session, seq }, { author }) => ({
      session: (await sessions.fork(session, author, seq)).view().id,
    }),
    sessionImport: async ({ envelopes }, { author }) => ({
      session: (await sessions.importEnvelopes(envelopes, author)).view().id,
    }),
    sessionRename: async ({ session, title }, { author }) => {
      await (await live(session)).record({ type: "session.titled", title }, author);
      return {};
    },
    sessionArchive: async ({ session, archived = true }, { author }) => {
      await (await live(session)).record({ type: "session.archived", archived }, author);
      return {};
    },
    sessionDelete: async ({ session }) => {
      await sessions.remove(session);
      return { keptWorktrees: await tasks.sessionDeleted(session) };
    },
    sessionParts: async ({ session, before, limit = DEFAULT_PARTS }) => {
      const found = partsBefore((await live(session)).view(), before, limit);
      if (!found) throw new TuttiError("notFound", `This session has no part ${JSON.stringify(before)}.`);
      return { parts: [...found.parts], earlier: found.earlier };
    },
    sessionContext: async ({ session }) => createContextReport((await sessions.read(session)).envelopes),
    sessionFind: async ({ session, text, limit = DEFAULT_FOUND }) =>
      runCooperatively(findParts((await sessions.read(session)).view().parts, text, limit)),
    sessionRead: async ({ session, before = Number.POSITIVE_INFINITY, limit = DEFAULT_ENVELOPES }) => {
      const { envelopes } = await sessions.read(session);
      const end = envelopes.findLastIndex(({ seq }) => seq < before) + 1;
      return { envelopes: envelopes.slice(Math.max(0, end - limit), end), more: end > limit };
    },
    sessionBlob: async ({ session, blob }) => {
      const bytes = await store.blobs(session).get(blob);
      return { data: bytes && Buffer.from(bytes).toString("base64") };
    },
    sessionAttach: async ({ session, data }) => ({ blob: await store.blobs(session).put(Buffer.from(data, "base64")) }),
    turnPrompt: async ({ session, text, attachments = [], settings = {} }, { author }) => {
      if (text.trim() === "" && attachments.length === 0) throw new TuttiError("usage", "The prompt is empty.");
      checkRules(settings);
      return (await live(session)).prompt(text, attachments, settings, author);
    },
    sessionCompact: async ({ session, focus = "" }, { author }) => (await live(session)).compact(focus.trim(), author),
    turnSteer: async ({ session, turn, text }, { author }) => (await live(session)).steer(turn, text, author),
    turnCancel: async ({ session }) => {
      await sessions.live(session)?.cancel();
      return {};
    },
    queueEdit: async ({ session, prompt, text }, { author }) => {
      await (await live(session)).changeQueue({ type: "prompt.edited", prompt, text }, author);
      return {};
    },
    queueMove: async ({ session, prompt, to }, { author }) => {
      await (await live(session)).changeQueue({ type: "prompt.moved", prompt, to }, author);
      return {};
    },
    queueDrop: async ({ session, prompt }, { author }) => {
      await (await live(session)).changeQueue({ type: "prompt.dropped", prompt }, author);
      return {};
    },
    queueResume: async ({ session }) => {
      await (await live(session)).resumeQueue();
      return {};
    },
    questionAnswer: async ({ session, question, digest, answer }, { author }) => {
      await (await live(session)).answer(question, digest, answer, author);
      return {};
    },
  };
}

const listRunning = (sessions: Sessions, cwd: string | null): Summary[] =>
  sessions
    .opened()
    .map((session) => toSummary(session.view()))
    .filter((summary) => summary.running && (cwd === null || summary.cwd === cwd))
    .toSorted((one, other) => other.updatedAt - one.updatedAt);

/** An invalid rule would be ignored, and an ignored deny rule allows. */
function checkRules({ allow = [], ask = [], deny = [] }: Pick<Settings, "allow" | "ask" | "deny">): void {
  for (const rule of [...allow, ...ask, ...deny]) {
    const problem = validateRule(rule);
    if (problem !== null) throw new TuttiError("usage", problem);
  }
}
