/** One home, server and endpoint for a suite with editors. Each test scripts the next responses of the endpoint. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectTo } from "../../client/local.ts";
import type { Envelope, SessionEvent } from "../../protocol/events.ts";
import type { Link } from "../../protocol/link.ts";
import type { SessionView } from "../../protocol/view.ts";
import { type Editor, type EditorBehavior, openEditor } from "./acp.ts";
import { type DraftEditor, type DraftEditorBehavior, openDraftEditor } from "./acp-v2.ts";
import { build } from "./build.ts";
import { answer, type Received, type Script, type ScriptedEndpoint, scriptedEndpoint } from "./scripted-endpoint.ts";
import { type Home, openHome } from "./tutti.ts";

export interface EditorHome {
  home(): Home;
  /** Sets the next responses, in order; the last one repeats. */
  scripts(...scripts: Script[]): void;
  /** The requests since the last call of `scripts`. */
  received(): Received[];
  request(number: number): Promise<Received>;
  open(manner?: EditorBehavior): Promise<Editor>;
  /** Opens an editor that uses the draft of version 2. */
  openDraft(manner?: DraftEditorBehavior): Promise<DraftEditor>;
  /** Connects another client to the same server. */
  link(name?: string): Promise<Link>;
  /** Watches a session from another client. */
  watch(session: string): Promise<SessionWatch>;
}

export interface SessionWatch {
  link: Link;
  view(): SessionView;
  event<T extends SessionEvent["type"]>(type: T): Promise<Extract<SessionEvent, { type: T }>>;
}

export function useEditorHome(): EditorHome {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  let from = 0;
  let scripts: Script[] = [];
  let open: { close(): Promise<unknown> }[] = [];
  before(async function () {
    this.timeout(60_000);
    build();
    home = await openHome();
    endpoint = await scriptedEndpoint([
      () => scripts[Math.min(endpoint.received.length - 1 - from, scripts.length - 1)] ?? answer("Unasked."),
    ]);
    const folder = join(home.env.HOME ?? "", ".config", "tutti");
    mkdirSync(folder, { recursive: true });
    const models = { m: { context: 100_000 }, other: { context: 50_000 } };
    const { baseUrl } = endpoint;
    writeFileSync(
      join(folder, "tutti.jsonc"),
      JSON.stringify({ model: "here/m", providers: { here: { baseUrl, models } } }),
    );
  });
  afterEach(async () => {
    for (const one of open) await one.close();
    open = [];
  });
  after(async () => {
    await home.stop();
    await endpoint.close();
    await home.close();
  });
  const link = async (name = "terminal"): Promise<Link> => {
    const hello = { client: { name, version: "0" }, answers: true };
    const made = await connectTo(join(home.data, "run", "tutti.sock"), undefined, hello);
    open.push(made);
    return made;
  };
  return {
    home: () => home,
    scripts(...given) {
      scripts = given;
      from = endpoint.received.length;
    },
    received: () => endpoint.received.slice(from),
    request: (number) => endpoint.request(from + number),
    async open(manner) {
      const editor = await openEditor(home, manner);
      open.push(editor);
      return editor;
    },
    async openDraft(manner) {
      const editor = await openDraftEditor(home, manner);
      open.push(editor);
      return editor;
    },
    link,
    async watch(session) {
      const made = await link();
      const seen: Envelope[] = [];
      let view: SessionView | null = null;
      const waiting = new Set<() => void>();
      await made.watch(session, {
        snapshot(whole) {
          view = whole;
        },
        event(envelope) {
          seen.push(envelope);
          for (const look of [...waiting]) look();
        },
      });
      return {
        link: made,
        view: () => view as unknown as SessionView,
        event: (type) =>
          new Promise((resolve) => {
            const look = (): void => {
              const at = seen.findIndex(({ event }) => event.type === type);
              if (at < 0) return;
              waiting.delete(look);
              resolve(seen.splice(0, at + 1).at(-1)?.event as never);
            };
            waiting.add(look);
            look();
          }),
      };
    },
  };
}
