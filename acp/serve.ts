/** Runs the ACP agent, whatever the version: connects the editor, its open sessions and the shared server. */
import { ndJsonStream, type Stream } from "@agentclientprotocol/sdk";
import type { Settings } from "../protocol/events.ts";
import type { Link } from "../protocol/link.ts";
import { createDocumentBridge } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { initialChoices } from "./options.ts";
import { openServerConnection } from "./server-connection.ts";
import { openSessions, type Sessions } from "./sessions.ts";

export interface AcpOptions {
  version: string;
  /** The initial settings of sessions. */
  settings: Pick<Settings, "model" | "tier" | "effort" | "mode">;
  /** `client`: the name that other participants see. `mayStart`: a server may be started if none is running. */
  connect(client: string, mayStart: boolean): Promise<Link>;
  input: ReadableStream<Uint8Array>;
  output: WritableStream<Uint8Array>;
  note(text: string): void;
}

/** The dependencies of an agent of any version. */
export interface AgentDeps {
  version: string;
  sessions: Sessions;
  /** Called when the editor has initialized, with its capabilities. */
  editorConnected(editor: Editor): void;
}

/** Serves an editor until it closes the connection. */
export type StartAgent = (parts: AgentDeps, stream: Stream) => { closed: Promise<void> };

/** Resolves with the exit code when the editor has closed the connection. Running turns continue in the server. */
export async function serve(options: AcpOptions, startAgent: StartAgent): Promise<number> {
  const { version, note: logError } = options;
  let editor: Editor | null = null;
  const server = openServerConnection((mayStart) => options.connect(`${editor?.name ?? "editor"} (ACP)`, mayStart), {
    disconnected(reason) {
      logError(reason);
      for (const session of sessions.all()) session.disconnected(reason);
    },
    reconnected: () => sessions.reannounce(),
    configChanged() {
      for (const session of sessions.all()) session.refresh().catch(() => undefined);
    },
    documentRequested: (wanted) => documents.respond(wanted),
  });
  const documents = createDocumentBridge(server, () => editor?.files ?? null);
  const sessions = openSessions({ server, documents, choices: initialChoices(options.settings), logError });
  const editorConnected = (connectedEditor: Editor): void => {
    editor = connectedEditor;
  };
  await startAgent({ version, sessions, editorConnected }, ndJsonStream(options.output, options.input)).closed;
  await server.close();
  return 0;
}
