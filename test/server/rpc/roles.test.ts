import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { roles } from "../../../protocol/method.ts";
import { type Handlers, type RequestName, requests } from "../../../protocol/methods.ts";
import { shareRequests } from "../../../protocol/share-methods.ts";
import { togetherRequests } from "../../../protocol/together-methods.ts";
import { webRequests } from "../../../protocol/web-methods.ts";

import { type RpcCore, serveConnection } from "../../../server/rpc/core.ts";
import { listenOnLocalSocket } from "../../../server/transport/local-socket.ts";
import { createStreamTransport } from "../../../server/transport/transport.ts";
import { connectRaw, errorOf, startTestServer } from "../../help/test-server.ts";

/** Methods that a connection handles itself. */
const connectionMethods: readonly string[] = [
  "initialize",
  "sessionWatch",
  "sessionUnwatch",
  "documentClaim",
  "documentRespond",
  "pluginsRegister",
  "serverStatus",
  "serverStop",
  ...Object.keys(webRequests),
  ...Object.keys(shareRequests),
  ...Object.keys(togetherRequests),
];

/** A core whose methods only record that they were called. */
function createCore(called: (method: string) => void): RpcCore {
  const rows = Object.keys(requests).filter((key) => !connectionMethods.includes(key));
  const handlers = Object.fromEntries(rows.map((key) => [key, async () => called(key)])) as unknown as Handlers;
  return {
    version: "test",
    handlers,
    shareHandlers: Object.fromEntries(
      Object.keys(shareRequests).map((key) => [key, async () => called(key)]),
    ) as unknown as RpcCore["shareHandlers"],
    webHandlers: Object.fromEntries(
      Object.keys(webRequests).map((key) => [key, async () => called(key)]),
    ) as unknown as RpcCore["webHandlers"],
    togetherHandlers: Object.fromEntries(
      Object.keys(togetherRequests).map((key) => [key, async () => called(key)]),
    ) as unknown as RpcCore["togetherHandlers"],
    sessions: { open: () => Promise.reject(new Error("not here")) },
    openDocuments: { claim: () => undefined, respond: () => undefined, release: () => undefined },
    clientPlugins: { register: () => "", release: () => undefined },
    problems: () => [],
    status: () => ({ version: "test", pid: 1, startedAt: 0, clients: 0, sessions: [] }),
    stop: () => called("serverStop"),
    presence: { add: () => undefined, remove: () => undefined, update: () => undefined },
    report: () => undefined,
  };
}

describe("methods", () => {
  const folder = mkdtempSync(join(tmpdir(), "tutti-roles-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("each have a minimum role, documentation and a handler", async () => {
    const at = await startTestServer();
    const names = new Set<string>();
    for (const [key, { name, role, doc }] of Object.entries(requests)) {
      assert.ok(roles.includes(role), `${name} has no role`);
      assert.ok(doc.length > 10 && !names.has(name), name);
      names.add(name);
      if (!connectionMethods.includes(key)) assert.ok(key in at.server.handlers, `${name} has no handler`);
    }
    await at.close();
  });

  for (const role of roles) {
    it(`let a ${role} call only the permitted methods`, async () => {
      const called: string[] = [];
      const core = createCore((method) => called.push(method));
      const author = { kind: "person", id: "remote", name: "" } as const;
      const path = join(folder, `${role}.sock`);
      const listener = await listenOnLocalSocket(path, (stream) => {
        serveConnection(createStreamTransport(stream, stream), core, { id: "c1", author, role });
      });
      const client = await connectRaw(path);
      for (const [key, row] of Object.entries(requests)) {
        if (key === "initialize") continue;
        client.request(key, row.name, {});
        const response = await client.next();
        const isPermitted = roles.indexOf(role) >= roles.indexOf(requests[key as RequestName].role);
        const refused = response.error !== undefined && errorOf(response).data?.code === "forbidden";
        assert.equal(refused, !isPermitted, row.name);
        if (!isPermitted) assert.ok(!called.includes(key));
      }
      client.socket.destroy();
      await listener.close();
    });
  }

  it("fail without affecting others or revealing internals if a handler throws", async () => {
    const reports: unknown[] = [];
    const secret = new Error("the inside");
    const base = createCore(() => undefined);
    const core: RpcCore = {
      ...base,
      handlers: {
        ...base.handlers,
        modelList: () => Promise.reject(secret),
        sessionList: async () => ({ sessions: [] }),
      },
      report: (error) => reports.push(error),
    };
    const path = join(folder, "throws.sock");
    const author = { kind: "person", id: "local", name: "Ada" } as const;
    const listener = await listenOnLocalSocket(path, (stream) => {
      serveConnection(createStreamTransport(stream, stream), core, { id: "c1", author, role: "owner" });
    });
    const client = await connectRaw(path);
    client.request(1, "model/list", {});
    const failed = errorOf(await client.next());
    assert.equal(failed.code, -32603);
    assert.doesNotMatch(JSON.stringify(failed), /inside"|\.ts/);
    client.request(2, "session/list", {});
    assert.ok((await client.next()).result);
    assert.deepEqual(reports, [secret]);
    client.socket.destroy();
    await listener.close();
  });
});
