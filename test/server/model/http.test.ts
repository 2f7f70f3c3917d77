/** Connections to endpoints: keep-alive, redirects and keys, proxies, certificates, and connection errors. */
import assert from "node:assert/strict";
import { createServer as createHttpServer, request as httpRequest, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, type connect, createServer as createTcpServer, type Server } from "node:net";
import { classifyConnectionError } from "../../../server/model/connection-error.ts";
import { filterRedirectHeaders, openTransport } from "../../../server/model/http.ts";
import { openModel } from "../../../server/model/model-client.ts";
import { isPrivateHost } from "../../../server/model/private-address.ts";
import { selfSigned } from "../../help/certificate.ts";
import {
  ask,
  collect,
  collectAll,
  createTestClock,
  endOf,
  failureOf,
  targetFor,
  textOf,
} from "../../help/model-client.ts";
import { answer, chunk, done, finish, scriptedEndpoint } from "../../help/scripted-endpoint.ts";

const key = async () => "secret-key-123";
const never = new AbortController().signal;

const listen = (server: Server) =>
  new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );

describe("connections", () => {
  it("are reused for the next step", async () => {
    const endpoint = await scriptedEndpoint([answer("ok")]);
    const model = openModel(targetFor(endpoint.baseUrl), { clock: createTestClock() });
    for (let step = 0; step < 3; step += 1)
      assert.equal(endOf(await collectAll(model.stream(ask("hi"), never))), "done");
    assert.deepEqual(
      endpoint.received.map((one) => one.connection),
      [1, 1, 1],
    );
    await endpoint.close();
  });

  it("that break keep the output so far, and report the interruption", async () => {
    const read = Promise.withResolvers<void>();
    const endpoint = await scriptedEndpoint([{ body: [chunk({ content: "par" }), read.promise], end: "reset" }]);
    const events = [];
    for await (const event of openModel(targetFor(endpoint.baseUrl), { clock: createTestClock() }).stream(
      ask("hi"),
      never,
    )) {
      events.push(event);
      read.resolve();
    }
    assert.deepEqual([textOf(events), endOf(events)], ["par", "cut"]);
    await endpoint.close();
  });

  it("read unrequested compressed responses", async () => {
    const { gzipSync } = await import("node:zlib");
    const body = gzipSync(`${chunk({ content: "ok" })}${finish()}${done}`);
    const endpoint = await scriptedEndpoint([{ headers: { "content-encoding": "gzip" }, body: [body] }]);
    assert.equal(textOf(await collect(targetFor(endpoint.baseUrl))), "ok");
    await endpoint.close();
  });
});

describe("redirects", () => {
  it("are followed with the body, and the key is sent only to its own origin", async () => {
    const other = await scriptedEndpoint([answer("there")]);
    const endpoint = await scriptedEndpoint([{ status: 307, headers: { location: `${other.origin}/x` } }]);
    const target = targetFor(endpoint.baseUrl, { key, headers: { "X-Extra": "private" } });
    assert.equal(textOf(await collect(target)), "there");
    assert.equal(endpoint.received[0]?.headers.authorization, "Bearer secret-key-123");
    const there = other.received[0];
    assert.equal(there?.body.model, "m");
    assert.equal(JSON.stringify(there?.headers).includes("secret-key-123"), false);
    assert.equal("x-extra" in (there?.headers ?? {}), false);
    await Promise.all([endpoint.close(), other.close()]);
  });

  it("within one origin keep the key", async () => {
    const endpoint = await scriptedEndpoint([{ status: 308, headers: { location: "/v2/chat" } }, answer("ok")]);
    assert.equal(textOf(await collect(targetFor(endpoint.baseUrl, { key }))), "ok");
    assert.deepEqual(
      [endpoint.received[1]?.path, endpoint.received[1]?.headers.authorization],
      ["/v2/chat", "Bearer secret-key-123"],
    );
    await endpoint.close();
  });

  it("in a loop end", async () => {
    const endpoint = await scriptedEndpoint([{ status: 307, headers: { location: "/v1" } }]);
    assert.match(failureOf(await collect(targetFor(endpoint.baseUrl))), /redirects too often/);
    await endpoint.close();
  });

  it("drop every header that might carry a key", () => {
    const headers = { "api-key": "k", Authorization: "k", cookie: "k", "x-odd": "k", accept: "a", "content-type": "c" };
    const to = (url: string) => Object.keys(filterRedirectHeaders(new URL("https://a.test/x"), new URL(url), headers));
    assert.deepEqual(to("https://b.test/x"), ["accept", "content-type"]);
    assert.deepEqual(to("https://a.test:444/x"), ["accept", "content-type"]);
    assert.equal(to("https://a.test/y").length, 6);
  });
});

describe("plain http", () => {
  it("never carries a key to a public address", async () => {
    const events = await collect(targetFor("http://203.0.113.7/v1", { key }));
    assert.equal(endOf(events), "tls");
    assert.match(failureOf(events), /key is not sent to 203\.0\.113\.7 over plain http/);
  });

  const hosts: [string, string][] = [
    ["127.0.0.1", "yes"],
    ["localhost", "yes"],
    ["[::1]", "yes"],
    ["192.168.1.9", "yes"],
    ["10.1.2.3", "yes"],
    ["172.20.0.1", "yes"],
    ["[fd00::1]", "yes"],
    ["172.32.0.1", "no"],
    ["8.8.8.8", "no"],
    ["[2001:db8::1]", "no"],
    ["[::ffff:8.8.8.8]", "no"],
    ["gpu.example", "ask"],
    ["localhost.example", "ask"],
  ];
  for (const [host, expected] of hosts)
    it(`classifies ${host} as private: ${expected}`, () => assert.equal(isPrivateHost(host), expected));
});

describe("proxies", () => {
  it("from the environment are used for external hosts, not for this machine", async () => {
    const requests: string[] = [];
    const endpoint = await scriptedEndpoint([answer("ok")]);
    const pass: RequestListener = (incoming, outgoing) => {
      requests.push(incoming.url ?? "");
      const onward = httpRequest(
        { port: endpoint.port, path: "/v1", method: "POST", headers: incoming.headers },
        (response) => {
          outgoing.writeHead(response.statusCode ?? 500, response.headers);
          response.pipe(outgoing);
        },
      );
      incoming.pipe(onward);
    };
    const proxy = createHttpServer(pass);
    const env = { HTTP_PROXY: `http://127.0.0.1:${await listen(proxy)}`, NO_PROXY: "skipped.test" };
    assert.equal(textOf(await collect(targetFor("http://model.test/v1"), ask("hi"), { env })), "ok");
    assert.deepEqual(requests, ["http://model.test/v1/chat/completions"]);
    assert.equal(textOf(await collect(targetFor(endpoint.baseUrl), ask("hi"), { env })), "ok");
    assert.equal(requests.length, 1);
    proxy.closeAllConnections();
    proxy.close();
    await endpoint.close();
  });

  it("are named when they reject the request", async () => {
    const closed = createHttpServer();
    const env = { HTTP_PROXY: `http://127.0.0.1:${await listen(closed)}` };
    await new Promise((resolve) => closed.close(resolve));
    const stop = (await collect(targetFor("http://model.test/v1"), ask("hi"), { env })).at(-1);
    assert.match(
      stop?.type === "stop" && stop.reason === "failed" ? stop.failure.message : "",
      /^The proxy for model\.test refused the connection/,
    );
  });
});

const here = { ip: "127.0.0.1" };

describe("certificates", () => {
  async function over(made: { key: string; cert: string }, trusted: boolean) {
    const endpoint = await scriptedEndpoint([answer("safe")], (listener) => createHttpsServer(made, listener) as never);
    const transport = openTransport({ env: {}, ...(trusted ? { ca: made.cert } : {}) });
    const events = await collect(targetFor(`https://127.0.0.1:${endpoint.port}/v1`, { key }), ask("hi"), { transport });
    transport.close();
    await endpoint.close();
    return { events, requests: endpoint.received.length };
  }

  it("that are trusted are accepted", async () => {
    assert.equal(textOf((await over(selfSigned("good", here, 1), true)).events), "safe");
  });

  const bad: [string, { ip: string } | { host: string }, number, boolean, RegExp][] = [
    ["self-signed", here, 1, false, /self-signed certificate/],
    ["for another host", { host: "other.test" }, 1, true, /is for another host/],
    ["expired", here, -1, true, /has expired/],
  ];
  for (const [name, goodFor, days, trusted, says] of bad) {
    it(`that are ${name} are rejected before anything is sent`, async () => {
      const { events, requests } = await over(selfSigned(name, goodFor, days), trusted);
      assert.deepEqual([endOf(events), requests], ["tls", 0]);
      assert.match(failureOf(events), says);
    });
  }
});

describe("unreachable endpoints", () => {
  it("that refuse the connection are reported", async () => {
    const server = createTcpServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const events = await collect(targetFor(`http://127.0.0.1:${port}/v1`));
    assert.equal(events[0]?.type, "retry");
    assert.equal(endOf(events), "network");
    assert.match(failureOf(events), /refused the connection; check that the server is running/);
  });

  it("that do not speak HTTP are reported", async () => {
    const server = createTcpServer((socket) => socket.end("SSH-2.0-x\r\n"));
    const events = await collect(targetFor(`http://127.0.0.1:${await listen(server)}/v1`));
    assert.equal(endOf(events), "protocol");
    server.close();
  });

  it("that do not accept a connection in time are reported", async () => {
    const sockets: ReturnType<typeof connect>[] = [];
    const server = createTcpServer((socket) => void sockets.push(socket));
    const port = await listen(server);
    const transport = openTransport({ env: {}, connectMs: 40 });
    const events = await collect(targetFor(`https://127.0.0.1:${port}/v1`), ask("hi"), { transport });
    assert.equal(endOf(events), "network");
    assert.match(failureOf(events), /did not accept the connection within 40 ms/);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const words: [string, string, RegExp][] = [
    ["ENOTFOUND", "network", /Cannot resolve h; check the base URL/],
    ["EAI_AGAIN", "network", /Cannot resolve h at the moment/],
    ["ECONNRESET", "network", /closed the connection/],
    ["ENETUNREACH", "network", /No route/],
    ["CERT_NOT_YET_VALID", "tls", /clock/],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls", /check https and the port/],
    ["SOMETHING_NEW", "network", /SOMETHING_NEW/],
  ];
  for (const [code, kind, says] of words) {
    it(`are distinguished: ${code}`, () => {
      const { failure } = classifyConnectionError(Object.assign(new Error("x"), { code }), "h");
      assert.equal(failure.kind, kind);
      assert.match(failure.message, says);
    });
  }

  it("are reported by the first of several failed addresses", () => {
    const error = new AggregateError([Object.assign(new Error("x"), { code: "ECONNREFUSED" })]);
    assert.match(classifyConnectionError(error, "h").failure.message, /refused/);
  });

  it("with an invalid address are reported", async () => {
    assert.match(failureOf(await collect(targetFor("ftp://x"))), /not an http or https address/);
  });
});
