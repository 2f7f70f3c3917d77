import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { connectTo } from "../../../client/local.ts";
import { TuttiError } from "../../../protocol/errors.ts";
import { openWebListener, type WebListener, type WebOptions } from "../../../server/transport/web-listener.ts";
import { initializeParams, startTestServer, type TestServer } from "../../help/test-server.ts";

const plain: WebOptions = { listen: "127.0.0.1:0", behindTlsProxy: false, hosts: [], origins: ["https://ok.example"] };
const clientOptions = { client: initializeParams.client, answers: false };

describe("the TCP listener", () => {
  let core: TestServer;
  let web: WebListener;
  let port: number;
  let token: string;
  beforeEach(async () => {
    core = await startTestServer();
    web = await openWebListener({ ...plain, handshakeMs: 300 }, join(core.folder, "data"), core.take);
    port = Number(new URL(web.url).port);
    token = readFileSync(web.tokenFile, "utf8").trim();
  });
  afterEach(async () => {
    await web.close();
    await core.close();
  });
  const bearer = () => ({ authorization: `Bearer ${token}` });
  const get = async (headers: Record<string, string | string[]>, path = "/healthz", method = "GET") => {
    const outgoing = request({ host: "127.0.0.1", port, path, method, headers, setHost: headers.host === undefined });
    outgoing.end();
    const [response] = await once(outgoing, "response");
    response.resume();
    return response as { statusCode: number; headers: Record<string, string> };
  };
  const upgrade = (headers: Record<string, string>, protocols: string[] = []): Promise<number | WebSocket> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(web.url, protocols, { headers });
      socket.once("open", () => resolve(socket));
      socket.once("unexpected-response", (_, response) => resolve(response.statusCode ?? 0));
      socket.once("error", reject);
    });
  const openSocket = async (): Promise<WebSocket> => {
    const socket = await upgrade(bearer());
    assert.ok(socket instanceof WebSocket);
    return socket;
  };
  const closeCode = async (socket: WebSocket): Promise<number> => ((await once(socket, "close")) as [number])[0];

  it("creates a 256-bit token that only its owner can read", () => {
    assert.equal(Buffer.from(token, "base64url").length, 32);
    assert.equal(statSync(web.tokenFile).mode & 0o777, 0o600);
  });

  it("accepts only the token, by header or subprotocol", async () => {
    assert.equal((await get(bearer())).statusCode, 200);
    const wrong = [
      "",
      "Bearer",
      "Bearer ",
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${token}x`,
      `Basic ${token}`,
      "Bearer x",
    ];
    for (const authorization of wrong) {
      assert.equal((await get({ authorization })).statusCode, 401);
      assert.equal(await upgrade({ authorization }), 401);
    }
    assert.equal((await get({})).statusCode, 401);
    assert.equal(await upgrade({}, ["tutti.1"]), 401);
    assert.equal(await upgrade({}, ["tutti.1", "tutti.token.x"]), 401);
    const socket = await upgrade({}, ["tutti.1", `tutti.token.${token}`]);
    assert.ok(socket instanceof WebSocket);
    assert.equal(socket.protocol, "tutti.1");
    socket.terminate();
    assert.equal((await get(bearer(), `/healthz?token=${token}`)).statusCode, 400);
    assert.equal((await get({}, `/?token=${token}`)).statusCode, 400);
  });

  it("rejects origins that are not listed, even with the token", async () => {
    const origins = [
      "http://evil.example",
      "null",
      "file://",
      "http://localhost:9999",
      "http://127.0.0.1.evil.com",
      "http://localhost.evil.com",
      "vscode-webview://x",
      `http://127.0.0.1:${port}`,
      "https://ok.example.evil",
      "",
    ];
    for (const origin of origins) {
      assert.equal(await upgrade({ ...bearer(), origin }), 403, origin);
      assert.equal((await get({ ...bearer(), origin })).statusCode, 403, origin);
    }
    const socket = await upgrade({ ...bearer(), origin: "https://ok.example" });
    assert.ok(socket instanceof WebSocket);
    socket.terminate();
    const preflight = { ...bearer(), "access-control-request-private-network": "true" };
    assert.equal((await get(preflight, "/healthz", "OPTIONS")).statusCode, 403);
    assert.equal((await get({ ...bearer(), origin: "https://ok.example" }, "/", "OPTIONS")).statusCode, 403);
    assert.equal((await get(bearer(), "/", "POST")).statusCode, 405);
    assert.equal((await get(bearer(), "/other")).statusCode, 404);
  });

  it("accepts only its own host names", async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`])
      assert.equal((await get({ ...bearer(), host })).statusCode, 200, host);
    const foreign = [
      `evil.example:${port}`,
      "localhost",
      `localhost.:${port}`,
      `localhost:${port + 1}`,
      `127.1:${port}`,
      "",
    ];
    for (const host of foreign) assert.equal((await get({ ...bearer(), host })).statusCode, 421, host);
    const getStatusLine = async (head: string): Promise<string> => {
      const socket = connect(port, "127.0.0.1");
      socket.end(`GET /healthz HTTP/1.1\r\n${head}authorization: Bearer ${token}\r\n\r\n`);
      let text = "";
      for await (const piece of socket) text += piece;
      return text.split("\r\n")[0] ?? "";
    };
    assert.match(await getStatusLine(""), / 421 /);
    assert.match(await getStatusLine(`host: localhost:${port}\r\nhost: evil.example\r\n`), / 4(00|21) /);
    assert.match(await getStatusLine(`host: localhost:${port}\r\n`), / 200 /);
  });

  it("sets security headers on every response", async () => {
    for (const response of [
      await get(bearer()),
      await get({}),
      await get({ origin: "null" }),
      await get(bearer(), "/no"),
    ]) {
      assert.match(response.headers["content-security-policy"] ?? "", /^default-src 'none'.*frame-ancestors 'none'/);
      assert.equal(response.headers["x-content-type-options"], "nosniff");
      assert.equal(response.headers["referrer-policy"], "no-referrer");
      assert.equal(response.headers["cross-origin-opener-policy"], "same-origin");
    }
  });

  it("serves the protocol to a client", async () => {
    const link = await connectTo(web.url, web.tokenFile, clientOptions);
    const { session } = await link.call("sessionCreate", { cwd: core.folder, ephemeral: true });
    const seen: number[] = [];
    await link.watch(session, { snapshot: ({ seq }) => seen.push(seq), event: ({ seq }) => seen.push(seq) });
    await link.call("sessionRename", { session, title: "Über" });
    assert.deepEqual(seen, [1, 2]);
    await assert.rejects(link.call("sessionWatch", { session: "nosuch" }), { name: "TuttiError", code: "notFound" });
    await link.close();
  });

  it("disconnects clients when the token changes", async () => {
    const link = await connectTo(web.url, web.tokenFile, clientOptions);
    writeFileSync(web.tokenFile, `${"b".repeat(43)}\n`, { mode: 0o600 });
    await link.closed;
    assert.equal(await upgrade(bearer()), 401);
    const again = await connectTo(web.url, web.tokenFile, clientOptions);
    await again.close();
  });

  it("closes only the connection that violates the WebSocket protocol", async () => {
    const good = await openSocket();
    const cases: [number, (socket: WebSocket & { _socket: { write(bytes: Uint8Array): void } }) => void][] = [
      [1002, (socket) => socket._socket.write(Uint8Array.of(0x81, 2, 0x7b, 0x7d))],
      [
        1009,
        (socket) =>
          socket._socket.write(Uint8Array.of(0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0)),
      ],
      [1009, (socket) => socket._socket.write(Uint8Array.of(0x81, 0xff, 0, 0, 0, 0, 0x7f, 255, 255, 255, 0, 0, 0, 0))],
      [1007, (socket) => socket._socket.write(Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28))],
      [1002, (socket) => socket._socket.write(Uint8Array.of(0xc1, 0x82, 0, 0, 0, 0, 0x7b, 0x7d))],
      [1003, (socket) => socket.send(Uint8Array.of(1, 2))],
    ];
    for (const [code, act] of cases) {
      const socket = await openSocket();
      socket.on("error", () => undefined);
      act(socket as Parameters<typeof act>[0]);
      assert.ok([code, code === 1009 ? 1002 : code].includes(await closeCode(socket)), String(code));
    }
    good.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: initializeParams }));
    const [answer] = await once(good, "message");
    assert.equal(JSON.parse(String(answer)).result.role, "owner");
    good.terminate();
  });

  it("closes a connection with endless fragments", async () => {
    const socket = await openSocket();
    socket.on("error", () => undefined);
    const ended = closeCode(socket);
    for (let count = 0; count < 10_000; count++) socket.send("", { fin: false });
    assert.ok([1006, 1008, 1009].includes(await ended));
  });

  it("accepts a client with the token while others without one take all places", async () => {
    const others = Array.from({ length: 300 }, () => connect(port, "127.0.0.1"));
    for (const socket of others) socket.on("error", () => undefined);
    await Promise.all(others.map((socket) => once(socket, "connect")));
    const client = await openSocket();
    assert.equal((await get(bearer())).statusCode, 200);
    client.close();
    for (const socket of others) socket.destroy();
  });

  it("limits unauthenticated connections in number and time", async () => {
    const link = await connectTo(web.url, web.tokenFile, clientOptions);
    const idle = Array.from({ length: 300 }, () => connect(port, "127.0.0.1"));
    const closed = idle.map((socket) => {
      socket.on("error", () => undefined);
      socket.resume();
      return once(socket, "close");
    });
    assert.ok((await link.call("serverStatus", {})).clients > 0);
    await Promise.all(closed);
    await link.close();
  });
});

describe("the TCP listener with the web page", () => {
  let core: TestServer;
  let web: WebListener;
  let origin: string;
  let tickets: Set<string>;
  beforeEach(async () => {
    core = await startTestServer();
    tickets = new Set(["one", "two"]);
    const file = { headers: { "content-type": "text/html" }, body: Buffer.from("<title>page</title>") };
    const page = { files: new Map([["/", file]]), redeem: (ticket: string) => tickets.delete(ticket) };
    web = await openWebListener(plain, join(core.folder, "data"), core.take, page);
    origin = web.url.replace("ws:", "http:");
  });
  afterEach(async () => {
    await web.close();
    await core.close();
  });
  const send = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const { hostname, port } = new URL(web.url);
    const outgoing = request({ host: hostname, port, path, method, headers, setHost: headers.host === undefined });
    outgoing.end();
    const [response] = await once(outgoing, "response");
    let text = "";
    for await (const piece of response) text += piece;
    return { status: response.statusCode as number, text };
  };
  const exchange = (ticket: string, from: Record<string, string> = { origin }) =>
    send("POST", "/ticket", { authorization: `Bearer ${ticket}`, ...from });

  it("serves the files of the page without a token, to its own host name, and nothing else", async () => {
    assert.deepEqual(await send("GET", "/"), { status: 200, text: "<title>page</title>" });
    for (const path of ["/healthz", "/index.html", "/../", "//", "/%2e", "/server.token"])
      assert.equal((await send("GET", path)).status, 401, path);
    assert.equal((await send("GET", "/?x")).status, 400);
    assert.equal((await send("GET", "/", { host: "evil.example" })).status, 421);
    for (const other of ["http://evil.example", "null", origin.replace("http:", "https:"), `${origin}0`])
      assert.equal((await send("GET", "/", { origin: other })).status, 403, other);
  });

  it("exchanges a ticket once, for the page itself only", async () => {
    for (const from of [{}, { origin: "null" }, { origin: "http://evil.example" }, { origin: "https://ok.example" }])
      assert.equal((await exchange("one", from as Record<string, string>)).status, 403);
    const { status, text } = await exchange("one");
    assert.equal(status, 200);
    const { token } = JSON.parse(text) as { token: string };
    for (const again of ["one", "three", token]) assert.equal((await exchange(again)).status, 401, again);
    assert.equal((await send("GET", "/healthz", { authorization: "Bearer two" })).status, 401);
    assert.equal((await send("GET", "/healthz", { authorization: `Bearer ${token}`, origin })).status, 200);
    const socket = new WebSocket(web.url, ["tutti.1", `tutti.token.${token}`], { headers: { origin } });
    await once(socket, "open");
    socket.terminate();
  });

  it("forgets its tokens when the token file changes", async () => {
    const { token } = JSON.parse((await exchange("two")).text) as { token: string };
    const socket = new WebSocket(web.url, ["tutti.1", `tutti.token.${token}`], { headers: { origin } });
    await once(socket, "open");
    writeFileSync(web.tokenFile, `${"c".repeat(43)}\n`, { mode: 0o600 });
    await once(socket, "close");
    assert.equal((await send("GET", "/healthz", { authorization: `Bearer ${token}` })).status, 401);
  });
});

describe("the TCP listener does not start", () => {
  const folder = mkdtempSync(join(tmpdir(), "tutti-web-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const assertRefused = (options: Partial<WebOptions>) =>
    assert.rejects(
      openWebListener({ ...plain, ...options }, folder, () => undefined),
      TuttiError,
    );

  for (const listen of ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1", ":80", "127.0.0.1:99999"])
    it(`at ${listen} without TLS`, () => assertRefused({ listen }));

  it("with an incomplete or missing certificate", async () => {
    await assertRefused({ tlsCert: "/none.pem" });
    await assertRefused({ tlsCert: "/none.pem", tlsKey: "/none.pem" });
  });

  it("with a token file that others can read, or without a token", async () => {
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, `${"a".repeat(43)}\n`, { mode: 0o644 });
    await assertRefused({ tokenFile });
    chmodSync(tokenFile, 0o600);
    writeFileSync(tokenFile, "short\n");
    await assertRefused({ tokenFile });
  });
});
