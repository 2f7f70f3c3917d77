/** What each watcher knows of the others is true after any joins, leaves, phases without reading, and new connections. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  applyPresence,
  LISTED_PARTICIPANTS,
  type ParticipantList,
  type PresenceChange,
} from "../../../protocol/participants.ts";
import type { Transport } from "../../../server/transport/transport.ts";
import { seededOptions } from "../../help/seed.ts";
import { initializeParams, startTestServer, type TestServer } from "../../help/test-server.ts";

const by = { kind: "person", id: "local", name: "Ada" } as const;
/** Longer than any list of participants: such a message is not parsed. */
const FLOOD_BYTES = 150_000;
const flood = { type: "notice.shown", level: "info", text: "x".repeat(FLOOD_BYTES) } as const;

interface Client {
  name: string;
  request(method: string, params: object): void;
  /** What this client knows; null without a list. */
  known(): ParticipantList | null;
  /** Forgets the list, as a client does that stops watching. */
  forget(): void;
  setReading(isReading: boolean): void;
  /** Calls the listener after each message. */
  onMessage(listener: () => void): void;
  disconnect(): void;
}

/** A client and its transport, whose other end can stop reading. */
function createClient(name: string, take: (transport: Transport) => unknown): Client {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const flushed: (() => void)[] = [];
  const unread: { message: string | Uint8Array; sent: (() => void) | undefined }[] = [];
  let backlog = 0;
  let deliver: (bytes: Uint8Array) => void = () => undefined;
  let isReading = true;
  let isReadScheduled = false;
  let known: ParticipantList | null = null;
  let listener = (): void => undefined;
  let lastId = 0;

  const receive = (message: string | Uint8Array): void => {
    if (message.length > FLOOD_BYTES) return;
    const { method, params } = JSON.parse(Buffer.from(message).toString()) as { method?: string; params: unknown };
    if (method === "session/presence") known = params as ParticipantList;
    if (method === "session/presenceChanged" && known) known = applyPresence(known, params as PresenceChange);
    listener();
  };
  const read = (): void => {
    isReadScheduled = false;
    while (isReading) {
      const next = unread.shift();
      if (!next) return;
      backlog -= next.message.length;
      receive(next.message);
      next.sent?.();
      for (const notify of flushed) notify();
    }
  };
  const scheduleRead = (): void => {
    if (isReadScheduled) return;
    isReadScheduled = true;
    setImmediate(read);
  };
  take({
    listen({ message }) {
      deliver = message;
    },
    send(message, sent) {
      unread.push({ message, sent });
      backlog += message.length;
      scheduleRead();
    },
    onFlushed: (notify) => void flushed.push(notify),
    backlog: () => backlog,
    pause: () => undefined,
    resume: () => undefined,
    close,
    closed,
  });
  const request = (method: string, params: object): void =>
    deliver(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: ++lastId, method, params })));
  request("initialize", { ...initializeParams, client: { name, version: "0" } });
  return {
    name,
    request,
    known: () => known,
    forget() {
      known = null;
    },
    setReading(now) {
      isReading = now;
      if (now) scheduleRead();
    },
    onMessage(notify) {
      listener = notify;
    },
    disconnect: close,
  };
}

type Step =
  | { type: "join"; count: number }
  | { type: "leave" | "watchAgain" | "disconnect" | "pause" | "resume"; index: number }
  | { type: "flood" };

const index = fc.nat(200);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("join" as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("join" as const), count: fc.constant(60) }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constantFrom(
        "leave" as const,
        "watchAgain" as const,
        "disconnect" as const,
        "pause" as const,
        "resume" as const,
      ),
      index,
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("flood" as const) }) },
);

describe("the participants that each watcher knows", () => {
  let at: TestServer;
  before(async () => {
    at = await startTestServer();
  });
  after(() => at.close());

  it("are those who watch, after any sequence of events", async function () {
    this.timeout(120_000);
    const run = async (steps: readonly Step[]): Promise<void> => {
      const session = await at.server.sessions.create(at.folder, by, { ephemeral: true });
      const { id } = session.view();
      const clients: Client[] = [];
      const watching = new Set<Client>();
      let joined = 0;
      const watch = (client: Client): void => {
        client.request("session/watch", { session: id });
        watching.add(client);
      };
      const play: { [K in Step["type"]]: (step: Extract<Step, { type: K }>) => unknown } = {
        join({ count }) {
          for (let more = count; more > 0; more--) {
            const client = createClient(`w${++joined}`, at.take);
            clients.push(client);
            watch(client);
          }
        },
        leave: ({ index }) => act(index, (client) => leave(client)),
        watchAgain: ({ index }) => act(index, watch),
        disconnect: ({ index }) =>
          act(index, (client) => {
            client.disconnect();
            watching.delete(client);
            clients.splice(clients.indexOf(client), 1);
          }),
        pause: ({ index }) => act(index, (client) => client.setReading(false)),
        resume: ({ index }) => act(index, (client) => client.setReading(true)),
        async flood() {
          for (let count = 0; count < 8; count++) await session.record(flood, by);
        },
      };
      const act = (index: number, work: (client: Client) => void): void => {
        const client = clients[index % Math.max(1, clients.length)];
        if (client) work(client);
      };
      const leave = (client: Client): void => {
        client.request("session/unwatch", { session: id });
        client.forget();
        watching.delete(client);
      };
      for (const one of steps) {
        await (play[one.type] as (step: Step) => unknown)(one);
        await new Promise(setImmediate);
      }
      for (const client of clients) client.setReading(true);
      const isTrue = (client: Client): boolean => {
        const list = client.known();
        if (list?.count !== watching.size) return false;
        const names = new Set([...watching].map(({ name }) => name));
        const listed = new Set(list.participants.map((participant) => participant.client));
        return (
          listed.size === Math.min(names.size, LISTED_PARTICIPANTS) && [...listed].every((name) => names.has(name))
        );
      };
      for (const client of watching)
        while (!isTrue(client)) await new Promise<void>((resolve) => client.onMessage(resolve));
      for (const client of clients) client.disconnect();
    };
    // A wrong list stays wrong: without the limit of time, the test would wait and not print the steps.
    const options = { ...seededOptions(20), timeout: 15_000, endOnFailure: true };
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: "max" }), run), options);
    assert.deepEqual(at.reports, []);
  });
});
