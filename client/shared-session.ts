/**
 * The link of a guest to a shared session: requests go to the owner's server, sealed; events come from the stream that all guests get.
 * What only concerns this guest's own program, such as its list of sessions, is answered here.
 */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
  type RequestMessage,
} from "vscode-jsonrpc";
import type { Link } from "../protocol/link.ts";
import { notifications, type ParamsOf, type RequestName, type ResultOf, requests } from "../protocol/methods.ts";
import { nobody, type ParticipantList } from "../protocol/participants.ts";
import type { FrameContent } from "../protocol/share/messages.ts";
import type { ShareLink } from "../protocol/share/share-link.ts";
import type { GuestRole } from "../protocol/share-methods.ts";
import { emptyView, reduceAll, type SessionView } from "../protocol/view.ts";
import { lastParts } from "../protocol/window.ts";
import { type GuestChannel, openGuestChannel } from "./guest-channel.ts";
import { type ClientInfo, openLink } from "./remote.ts";

export interface SharedTransport {
  reader: MessageReader;
  writer: MessageWriter;
  session: string;
  role: GuestRole;
  cwd: string;
}

export interface JoinedSession {
  link: Link;
  session: string;
  role: GuestRole;
  cwd: string;
}

/** `name`: what others see. Rejects with a `TuttiError` whose message says why. */
export async function openSharedTransport(share: ShareLink, name: string): Promise<SharedTransport> {
  const stream = createStream();
  const streams = createStreams(stream);
  const channel = await openGuestChannel(share, name, {
    frame: stream.add,
    rpc: (text) => streams.deliver(JSON.parse(text) as Message),
    closed: streams.closed,
  });
  streams.open(channel);
  const { reader, writer } = streams;
  return { reader, writer, session: channel.session, role: channel.role, cwd: stream.view().cwd };
}

export async function joinSession(share: ShareLink, name: string, client: ClientInfo): Promise<JoinedSession> {
  const { reader, writer, ...joined } = await openSharedTransport(share, name);
  return { link: await openLink({ reader, writer }, client, "The owner's server"), ...joined };
}

interface Stream {
  add(content: FrameContent): void;
  view(): SessionView;
  participants(): ParticipantList;
  /** Calls the listener with each frame from now on. */
  watch(listener: ((content: FrameContent) => void) | null): void;
}

function createStream(): Stream {
  let view = emptyView;
  let participants = nobody;
  let watching: ((content: FrameContent) => void) | null = null;
  return {
    add(content) {
      if (content.type === "events") view = reduceAll(view, content.envelopes);
      else participants = listOf(content);
      if (content.type === "snapshot") view = content.view;
      watching?.(content);
    },
    view: () => view,
    participants: () => participants,
    watch(listener) {
      watching = listener;
    },
  };
}

const listOf = ({ participants, count = participants.length }: Exclude<FrameContent, { type: "events" }>) => ({
  participants,
  count,
});

type Local = { [K in RequestName]?: (params: ParamsOf<K>) => ResultOf<K> };

/** The two directions of a JSON-RPC connection whose other end is the owner's server, or this file. */
function createStreams(stream: Stream) {
  let channel: GuestChannel | null = null;
  let callback: DataCallback = () => undefined;
  let closeReason: string | null = null;
  const notify = (method: string, params: object): void => callback({ jsonrpc: "2.0", method, params } as Message);
  const sendFrame = (session: string, parts: number | undefined) => (content: FrameContent) => {
    if (content.type === "events")
      for (const envelope of content.envelopes) notify(notifications.sessionEvent.type.method, { session, envelope });
    else notify(notifications.sessionPresence.type.method, { session, ...listOf(content) });
    if (content.type === "snapshot")
      notify(notifications.sessionSnapshot.type.method, { session, view: windowOf(content.view, parts) });
  };
  const local: Local = {
    sessionWatch({ session, parts }) {
      stream.watch(sendFrame(session, parts));
      return { view: windowOf(stream.view(), parts) };
    },
    sessionUnwatch() {
      stream.watch(null);
      return {};
    },
    sessionOpen: ({ session }) => ({ session, cwd: stream.view().cwd }),
    sessionList({ idPrefix = "", archived = false }) {
      const shared = toSummary(stream.view());
      return { sessions: shared.archived === archived && shared.id.startsWith(idPrefix) ? [shared] : [] };
    },
    workspaceInfo: () => ({ root: stream.view().cwd, branch: null }),
    configRead: () => ({ values: [], warnings: [], path: "" }),
    trustRead: () => ({ root: stream.view().cwd, items: [], plugins: [], problems: [], digest: "" }),
    pluginsList: () => ({ plugins: [], problems: [] }),
    resourcesList: () => ({ resources: [] }),
    themesList: () => ({ themes: [] }),
    keymapsList: () => ({ keymaps: [] }),
    modelList: () => ({ models: [] }),
    modelCheck: () => ({ model: stream.view().model, warning: null }),
  };
  const localByName = new Map(
    Object.entries(local).map(([key, answer]) => [requests[key as RequestName].name as string, answer]),
  );

  class Reader extends AbstractMessageReader {
    override listen(data: DataCallback): Disposable {
      callback = data;
      if (closeReason !== null) this.end(closeReason);
      return { dispose: () => undefined };
    }
    end(reason: string): void {
      this.fireError(new Error(reason));
      this.fireClose();
    }
  }
  class Writer extends AbstractMessageWriter implements MessageWriter {
    async write(message: Message): Promise<void> {
      const { id, method, params } = message as RequestMessage;
      const answer = id === undefined || id === null ? undefined : localByName.get(method);
      if (!answer) return channel?.send(JSON.stringify(message));
      const result = (answer as (params: unknown) => unknown)(params);
      queueMicrotask(() => {
        callback({ jsonrpc: "2.0", id, result } as unknown as Message);
        if (method !== requests.sessionWatch.name) return;
        const { session } = params as unknown as ParamsOf<"sessionWatch">;
        notify(notifications.sessionPresence.type.method, { session, ...stream.participants() });
      });
    }
    end(): void {
      channel?.close();
    }
  }
  const reader = new Reader();
  return {
    reader: reader as MessageReader,
    writer: new Writer() as MessageWriter,
    open(opened: GuestChannel) {
      channel = opened;
    },
    deliver: (message: Message) => callback(message),
    closed(reason: string) {
      closeReason = reason;
      reader.end(reason);
    },
  };
}

const windowOf = (view: SessionView, parts: number | undefined): SessionView =>
  parts === undefined ? view : lastParts(view, parts);

const toSummary = (view: SessionView): ResultOf<"sessionList">["sessions"][number] => ({
  id: view.id,
  title: view.title,
  cwd: view.cwd,
  openedAt: view.openedAt,
  updatedAt: view.updatedAt,
  turns: view.turns,
  model: view.model,
  archived: view.archived,
  running: view.activity.state === "running",
});
