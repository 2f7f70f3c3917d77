/** One home, one server and one endpoint for a suite of editors: each test says what the endpoint says next. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Link } from "../../protocol/link.ts";
import { connectTo } from "../../client/local.ts";
import type { Envelope, SessionEvent } from "../../protocol/events.ts";
import type { SessionView } from "../../protocol/view.ts";
import { type Editor, type Manner, openEditor } from "./acp.ts";
import { type DraftEditor, type DraftManner, openDraftEditor } from "./acp-v2.ts";
import { build } from "./built.ts";
import { answer, type Received, type Script, type ScriptedEndpoint, scriptedEndpoint } from "./scripted-endpoint.ts";
import { type Home, openHome } from "./tutti.ts";

export interface EditorHome {
  home(): Home;
  /** From now on, in this order; the last one repeats. */
  scripts(...scripts: Script[]): void;
  /** Requests since the scripts were given; the one of this number may be on its way. */
  received(): Received[];
  request(number: number): Promise<Received>;
  open(manner?: Manner): Promise<Editor>;
  /** An editor that speaks the draft of version 2. */
  openDraft(manner?: DraftManner): Promise<DraftEditor>;
  /** Another client of the same server. */
  link(name?: string): Promise<Link>;
  /** Another client's eye on a session: resolves with the first event, from now on, that fits. */
  watch(session: string): Promise<Watched>;
}

export interface Watched {
  link: Link;
  view(): SessionView;
  event<T extends SessionEvent["type"]>(type: T): Promise<Extract<SessionEvent, { type: T }>>;
}

export function editorHome(): EditorHome {
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
    await home.run(["stop"]);
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
