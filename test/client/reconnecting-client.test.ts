/** The reconnecting client: each event is folded exactly once, whenever the session was watched. */
import assert from "node:assert/strict";
import { connectTo } from "../../client/local.ts";
import { openReconnectingClient, type ReconnectingClient } from "../../client/reconnecting-client.ts";
import type { Link } from "../../protocol/link.ts";
import { initializeParams, startTestServer, type TestServer } from "../help/test-server.ts";

describe("the reconnecting client", () => {
  let fixture: TestServer;
  let other: Link;
  let server: ReconnectingClient;
  let session: string;
  let changed = (): void => undefined;
  beforeEach(async () => {
    fixture = await startTestServer();
    const connect = (): Promise<Link> =>
      connectTo(fixture.path, undefined, { client: initializeParams.client, answers: true });
    other = await connect();
    ({ session } = await other.call("sessionCreate", { cwd: fixture.folder }));
    const ignore = (): void => undefined;
    server = openReconnectingClient(connect, {
      connectionChanged: ignore,
      connected: ignore,
      viewChanged: () => changed(),
      eventReceived: ignore,
      participantsChanged: ignore,
      errorReported: ignore,
    });
  });
  afterEach(async () => {
    await server.close();
    await other.close();
    await fixture.close();
  });
  const waitFor = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      changed = () => condition() && resolve();
      changed();
    });
  const runCommand = async (command: string): Promise<void> => {
    await other.call("shellRun", { session, command });
    await waitFor(() => server.currentView()?.activity.state === "idle" && server.currentView()?.lastEnd !== null);
  };
  const prompts = (): string[] =>
    (server.currentView()?.parts ?? []).flatMap((part) => (part.type === "prompt" ? [part.text] : []));

  it("folds each event once if the session was watched before the connection opened", async () => {
    await server.watch(session);
    await runCommand("true");
    assert.deepEqual(prompts(), ["!true"]);
  });

  it("folds each event once if the same session is watched again", async () => {
    await server.watch(session);
    await server.watch(session);
    await runCommand("true");
    assert.deepEqual(prompts(), ["!true"]);
  });
});
