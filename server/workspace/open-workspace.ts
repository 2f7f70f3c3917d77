/** What sessions do in folders: files as tools see them, commands, and one tool context for each session. */
import type { FileChange } from "../../protocol/events.ts";
import type { Blobs, Clock, FetchPage, Files, Hash, PathLock, Processes, ToolContext } from "../ports.ts";
import { createShellChooser } from "./choose-shell.ts";
import { createOpenDocuments, type OpenDocuments } from "./open-documents.ts";
import { openPathLock } from "./path-lock.ts";
import { openReadTracker } from "./read-tracker.ts";
import { resolveRealPath } from "./real-path.ts";
import { openSessionProcesses, pickVariables } from "./session-processes.ts";

export interface WorkspaceDeps {
  clock: Clock;
  hash: Hash;
  files: Files;
  processes: Processes;
  env: Readonly<Record<string, string | undefined>>;
  /** `passEnvironment`: names of the variables that commands in a folder get in addition. */
  configuration: { configFor(cwd: string): Promise<{ passEnvironment: readonly string[] }> };
  fetchPage: FetchPage;
  blobs(session: string): Blobs;
  newId(): string;
  /** True if a command line only reads. */
  onlyReads(command: string): Promise<boolean>;
}

export interface Workspace {
  files: Files;
  lock: PathLock;
  openDocuments: OpenDocuments;
  /** The same object for a session as long as it is open. `past`: the session's changes of files so far. */
  toolContext(session: string, cwd: string, past: () => FileChange[]): ToolContext;
  /** Ends the commands that the session left running. */
  closeSession(session: string): Promise<void>;
}

export function openWorkspace(deps: WorkspaceDeps): Workspace {
  const { files, processes, hash, clock, fetchPage } = deps;
  const lock = openPathLock();
  const openDocuments = createOpenDocuments({ real: resolveRealPath, hash, newId: deps.newId });
  const contexts = new Map<string, ToolContext & { processes: ReturnType<typeof openSessionProcesses> }>();
  return {
    files,
    lock,
    openDocuments,
    toolContext(session, cwd, past) {
      const context = contexts.get(session) ?? {
        session,
        cwd,
        files: openDocuments.filesFor(session, files),
        openDocumentsBelow: (folder) => openDocuments.listUnsaved(folder, session),
        documentsDifferingFromDisk: (folder) => openDocuments.listDiffering(folder, session, files),
        lock,
        processes: openSessionProcesses(processes, async () =>
          pickVariables(deps.env, (await deps.configuration.configFor(cwd)).passEnvironment),
        ),
        chooseShell: createShellChooser(cwd, deps.env, deps.onlyReads),
        fetchPage,
        blobs: deps.blobs(session),
        readTracker: openReadTracker(past()),
        hash,
        clock,
      };
      contexts.set(session, context);
      return context;
    },
    async closeSession(session) {
      await contexts.get(session)?.processes.close();
      contexts.delete(session);
    },
  };
}
