import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { roles } from "../../../protocol/method.ts";
import { type Handlers, type RequestName, requests } from "../../../protocol/methods.ts";
import { type RpcCore, serveConnection } from "../../../server/faces/rpc.ts";
import { listenAtSocket } from "../../../server/faces/socket.ts";
import { streamWire } from "../../../server/faces/wire.ts";
import { fault, raw, served } from "../../help/served.ts";

/** Methods of a connection, not of the core. */
const ofConnection: readonly string[] = [
  "initialize",
  "sessionWatch",
  "sessionUnwatch",
  "documentsHold",
  "documentsGive",
  "pluginsBring",
  "serverStop",
];
const noneBrought: RpcCore["brought"] = { bring: () => "", letGo: () => undefined };
const noneHeld: RpcCore["held"] = { hold: () => undefined, give: () => undefined, letGo: () => undefined };

describe("methods", () => {
  const folder = mkdtempSync(join(tmpdir(), "tutti-roles-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("each have a least role, a line of documentation and a handler", async () => {
    const at = await served();
    const names = new Set<string>();
    for (const [key, { name, role, doc }] of Object.entries(requests)) {
      assert.ok(roles.includes(role), `${name} has no role`);
      assert.ok(doc.length > 10 && !names.has(name), name);
      names.add(name);
      if (!ofConnection.includes(key)) assert.ok(key in at.server.handlers, `${name} has no handler`);
    }
    await at.close();
  });

  for (const role of roles) {
    it(`let a ${role} do what the table says, and no more`, async () => {
      const called: string[] = [];
      const handlers = Object.fromEntries(
        Object.keys(requests).map((key) => [key, async () => void called.push(key)]),
      ) as unknown as Partial<Handlers>;
      const core: RpcCore = {
        version: "test",
        handlers,
        sessions: { open: () => Promise.reject(new Error("not here")) },
        held: noneHeld,
        brought: noneBrought,
        problems: () => [],
        stop: () => called.push("serverStop"),
        noticed: () => undefined,
        watched: () => undefined,
        report: () => undefined,
      };
      const author = { kind: "person", id: "remote", name: "" } as const;
      const path = join(folder, `${role}.sock`);
      const listener = await listenAtSocket(path, (stream) => {
        serveConnection(streamWire(stream, stream), core, { id: "c1", author, role });
      });
      const client = await raw(path);
      for (const [key, row] of Object.entries(requests)) {
        if (key === "initialize") continue;
        client.request(key, row.name, {});
        const answer = await client.next();
        const may = roles.indexOf(role) >= roles.indexOf(requests[key as RequestName].role);
        const refused = answer.error !== undefined && fault(answer).data?.code === "forbidden";
        assert.equal(refused, !may, row.name);
        if (!may) assert.ok(!called.includes(key));
      }
      client.socket.destroy();
      await listener.close();
    });
  }

  it("fail alone where a handler throws, and say nothing of the inside", async () => {
    const reports: unknown[] = [];
    const secret = new Error("the inside");
    const core: RpcCore = {
      version: "test",
      handlers: { serverStatus: () => Promise.reject(secret), sessionList: async () => ({ sessions: [] }) },
      sessions: { open: () => Promise.reject(secret) },
      held: noneHeld,
      brought: noneBrought,
      problems: () => [],
      stop: () => undefined,
      noticed: () => undefined,
      watched: () => undefined,
      report: (error) => reports.push(error),
    };
    const path = join(folder, "throws.sock");
    const author = { kind: "person", id: "local", name: "Ada" } as const;
    const listener = await listenAtSocket(path, (stream) => {
      serveConnection(streamWire(stream, stream), core, { id: "c1", author, role: "owner" });
    });
    const client = await raw(path);
    client.request(1, "server/status", {});
    const failed = fault(await client.next());
    assert.equal(failed.code, -32603);
    assert.doesNotMatch(JSON.stringify(failed), /inside"|\.ts/);
    client.request(2, "session/list", {});
    assert.ok((await client.next()).result);
    assert.deepEqual(reports, [secret]);
    client.socket.destroy();
    await listener.close();
  });
});
