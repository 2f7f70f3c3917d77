/** `tutti acp`: an agent for editors that speak the Agent Client Protocol, on standard input and output; a client of the shared server. */
import { type AgentConnection, type ClientCapabilities, ndJsonStream, type Stream } from "@agentclientprotocol/sdk";
import type { Link } from "../client/link.ts";
import type { Settings } from "../protocol/methods.ts";
import { agentOf } from "./agent.ts";
import { openDocuments } from "./documents.ts";
import { chosenAtFirst } from "./options.ts";
import { openServer } from "./server.ts";
import type { EditorSession } from "./session.ts";

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

/** Resolves with the exit code when the editor has closed the connection. Turns that run go on in the server. */
export async function runAcp(options: AcpOptions): Promise<number> {
  const { version, note } = options;
  const sessions = new Map<string, EditorSession>();
  let editor: { name: string; capabilities: ClientCapabilities } = { name: "editor", capabilities: {} };
  const server = openServer(() => options.connect(`${editor.name} (ACP)`), {
    lost(why) {
      note(why);
      for (const session of sessions.values()) session.lost(why);
    },
    again: () => agent.renew(),
    configured() {
      for (const session of sessions.values()) session.refresh().catch(() => undefined);
    },
    wanted: (wanted) => documents.wanted(wanted),
  });
  const documents = openDocuments(
    server,
    () => connection.client,
    () => editor.capabilities.fs,
  );
  const stream: Stream = ndJsonStream(options.output, options.input);
  const agent = agentOf({
    version,
    server,
    documents,
    chosen: chosenAtFirst(options.settings),
    sessions,
    met: (client) => {
      editor = client;
    },
    note,
  });
  const connection: AgentConnection = agent.app.connect(stream);
  await connection.closed;
  await server.close();
  return 0;
}
