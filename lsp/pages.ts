/**
 * Pages of a session: the transcript, a response, the changes, a question. Shown as documents of our own URI scheme if the editor supports it,
 * otherwise as read-only temporary files.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTwoFilesPatch } from "diff";
import { exportSession } from "../client/export.ts";
import type { Question } from "../protocol/parts.ts";
import { printable } from "../protocol/printable.ts";
import type { SessionView } from "../protocol/view.ts";
import type { LspContext } from "./context.ts";

const kinds = ["transcript.md", "answer.md", "changes.diff"] as const;
export type PageKind = (typeof kinds)[number];

export const pageScheme = "tutti";

export interface Pages {
  /** Shows a page; in a message if the editor cannot show documents. */
  show(session: string, kind: PageKind): Promise<void>;
  /** Shows a whole question if the editor can show documents. Returns where its text is: a path, or a URI that the editor opens. */
  showQuestion(session: string, question: Question): string;
  /** The text of a page by URI; null for an unknown URI. */
  read(uri: string): Promise<string | null>;
}

/** `folder` belongs to this process and is removed when it exits. */
export function openPages(lsp: LspContext, folder: string): Pages {
  const { client, connection, sessions } = lsp;
  let prepared = false;

  const renderPage = async (session: string, kind: PageKind): Promise<string> => {
    switch (kind) {
      case "transcript.md":
        return exportSession(await readEnvelopes(lsp, session), "md");
      case "answer.md":
        return lastResponseOf(sessions.view(session));
      case "changes.diff":
        return readChanges(lsp, session);
    }
  };
  /** Returns the path. */
  const writePage = (session: string, kind: string, content: string): string => {
    if (!prepared) prepareFolder(folder);
    prepared = true;
    mkdirSync(join(folder, session), { recursive: true, mode: 0o700 });
    const path = join(folder, session, kind);
    rmSync(path, { force: true });
    writeFileSync(path, content, { mode: 0o400 });
    return path;
  };
  /** False if the editor did not show it. */
  const showDocument = async (uri: string): Promise<boolean> =>
    (await connection.window.showDocument({ uri, takeFocus: false })).success;
  return {
    async show(session, kind) {
      const content = await renderPage(session, kind);
      if (client().showDocument) {
        const uri = client().textDocumentContent
          ? `${pageScheme}:/${session}/${kind}`
          : pathToFileURL(writePage(session, kind, content)).href;
        if (await showDocument(uri)) return;
      }
      lsp.showMessage("info", content.length > MAX_MESSAGE ? `${content.slice(0, MAX_MESSAGE)}…` : content);
    },
    showQuestion(session, question) {
      const name = questionPage(question);
      const write = (): string => writePage(session, name, formatQuestion(question));
      if (!client().showDocument) return write();
      if (!client().textDocumentContent) {
        const path = write();
        showDocument(pathToFileURL(path).href).catch(() => undefined);
        return path;
      }
      const uri = `${pageScheme}:/${session}/${name}`;
      showDocument(uri)
        .catch(() => false)
        .then((isShown) => isShown || lsp.showMessage("warning", `The whole question is in ${write()}.`));
      return uri;
    },
    async read(uri) {
      const [, session, kind] = new RegExp(`^${pageScheme}:/+([^/]+)/([^/]+)$`).exec(uri) ?? [];
      const view = session === undefined ? undefined : sessions.view(session);
      if (!view) return null;
      const question = view.questions.find((one) => questionPage(one) === kind);
      if (question) return formatQuestion(question);
      const known = kinds.find((one) => one === kind);
      return known ? renderPage(view.id, known) : null;
    },
  };
}

const questionPage = ({ id, detail }: Question): string =>
  `question-${encodeURIComponent(id)}.${/^@@ /m.test(detail) ? "diff" : "txt"}`;

/** Invisible characters are shown, so that they are not approved unseen. */
const formatQuestion = ({ title, detail }: Question): string =>
  `${printable(title, { keepNewlines: true })}\n\n${printable(detail, { keepNewlines: true })}\n`;

/** Removes the folder on exit, and the folders of processes that could not clean up. */
function prepareFolder(folder: string): void {
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(parent)) if (!isRunning(Number(name))) removeFolder(join(parent, name));
  process.once("exit", () => removeFolder(folder));
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const)
    process.once(signal, () => process.exit(code));
}

const removeFolder = (path: string): void => rmSync(path, { recursive: true, force: true });

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const MAX_MESSAGE = 8_000;
const PAGE = 10_000;

async function readEnvelopes({ server }: LspContext, session: string) {
  const { envelopes, more } = await server.call("sessionRead", { session, limit: PAGE });
  let all = envelopes;
  for (let left = more; left && all[0]; ) {
    const page = await server.call("sessionRead", { session, limit: PAGE, before: all[0].seq });
    all = [...page.envelopes, ...all];
    left = page.more;
  }
  return all;
}

function lastResponseOf(view: SessionView | undefined): string {
  const response = view?.parts.findLast((part) => part.type === "text");
  return response?.type === "text" ? `${response.text.trim()}\n` : "No response.\n";
}

async function readChanges({ server, sessions }: LspContext, session: string): Promise<string> {
  const patches: string[] = [];
  for (const { path } of sessions.view(session)?.edits ?? []) {
    const { base, current } = await server.call("editsRead", { session, path });
    patches.push(createTwoFilesPatch(path, path, base ?? "", current ?? ""));
  }
  return patches.length > 0 ? patches.join("") : "There are no changes to review.\n";
}
