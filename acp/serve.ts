/** What every version of ACP that is offered shares: the server behind it, the sessions that are open, and whose editor it is. */
import { ndJsonStream, type Stream } from "@agentclientprotocol/sdk";
import type { Link } from "../client/link.ts";
import type { Settings } from "../protocol/methods.ts";
import { openDocuments } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { chosenAtFirst } from "./options.ts";
import { openServer } from "./server.ts";
import { openSessions, type Sessions } from "./sessions.ts";

export interface AcpOptions {
  version: string;
  /** What sessions begin with. */
  settings: Pick<Settings, "model" | "effort" | "mode">;
  /** `client` is what other participants of a session read of this one. */
  connect(client: string): Promise<Link>;
  input: ReadableStream<Uint8Array>;
  output: WritableStream<Uint8Array>;
  note(text: string): void;
}

/** What an agent is made of, in any version. */
export interface AgentParts {
  version: string;
  sessions: Sessions;
  /** Who has connected, and what it can. */
  met(editor: Editor): void;
}

/** Speaks the versions that it has with an editor until that closes the connection. */
export type Speak = (parts: AgentParts, stream: Stream) => { closed: Promise<void> };

/** Resolves with the exit code when the editor has closed the connection. Turns that run go on in the server. */
export async function serve(options: AcpOptions, speak: Speak): Promise<number> {
  const { version, note } = options;
  let editor: Editor | null = null;
  const server = openServer(() => options.connect(`${editor?.name ?? "editor"} (ACP)`), {
    lost(why) {
      note(why);
      for (const session of sessions.all()) session.lost(why);
    },
    again: () => sessions.renew(),
    configured() {
      for (const session of sessions.all()) session.refresh().catch(() => undefined);
    },
    wanted: (wanted) => documents.wanted(wanted),
  });
  const documents = openDocuments(server, () => editor?.files ?? null);
  const sessions = openSessions({ server, documents, chosen: chosenAtFirst(options.settings), note });
  const met = (one: Editor): void => {
    editor = one;
  };
  await speak({ version, sessions, met }, ndJsonStream(options.output, options.input)).closed;
  await server.close();
  return 0;
}
