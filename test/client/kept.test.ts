/** The connection that is kept up: what happens is folded in once, whenever it was asked for. */
import assert from "node:assert/strict";
import { openServer, type Server } from "../../client/kept.ts";
import type { Link } from "../../client/link.ts";
import { connectTo } from "../../client/local.ts";
import { hello, type Served, served } from "../help/served.ts";

describe("a connection that is kept up", () => {
  let at: Served;
  let other: Link;
  let server: Server;
  let session: string;
  let changed = (): void => undefined;
  beforeEach(async () => {
    at = await served();
    const connect = (): Promise<Link> => connectTo(at.path, undefined, { client: hello.client, answers: true });
    other = await connect();
    ({ session } = await other.call("sessionCreate", { cwd: at.folder }));
    const nothing = (): void => undefined;
    server = openServer(connect, {
      connection: nothing,
      connected: nothing,
      changed: () => changed(),
      happened: nothing,
      present: nothing,
      problem: nothing,
    });
  });
  afterEach(async () => {
    await server.close();
    await other.close();
    await at.close();
  });
  const happens = (fits: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      changed = () => fits() && resolve();
      changed();
    });
  const runs = async (command: string): Promise<void> => {
    await other.call("shellRun", { session, command });
    await happens(() => server.take()?.activity.state === "idle" && server.take()?.lastEnd !== null);
  };
  const prompts = (): string[] =>
    (server.take()?.parts ?? []).flatMap((part) => (part.type === "prompt" ? [part.text] : []));

  it("shows once what happens in a session that was asked for before there was a connection", async () => {
    await server.watch(session);
    await runs("true");
    assert.deepEqual(prompts(), ["!true"]);
  });

  it("shows it once where the same session is asked for again", async () => {
    await server.watch(session);
    await server.watch(session);
    await runs("true");
    assert.deepEqual(prompts(), ["!true"]);
  });
});
