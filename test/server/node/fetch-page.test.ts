import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { openFetchPage } from "../../../server/node/fetch-page.ts";
import { loadIsPublic } from "../../../server/node/public-address.ts";

const inside = [
  "http://127.0.0.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0177.0.0.1/",
  "http://127.1/",
  "http://0/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:a9fe:a9fe]/",
  "http://10.1.2.3/",
  "http://192.168.0.1/",
  "http://172.16.0.1/",
  "http://169.254.169.254/latest/meta-data/",
  "http://100.64.0.1/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://[fe80::1]/",
  "http://[fc00::1]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[2002:7f00:1::]/",
  "http://localhost/",
  "http://a.localhost/",
  "http://printer.local/",
  "http://metadata.google.internal/",
  "http://LOCALHOST./",
];

describe("fetching a page", () => {
  const never = new AbortController().signal;
  let server: Server;
  let port: number;
  let answer: RequestListener = (_, response) => void response.end();
  const requests: { url: string; host: string | undefined }[] = [];
  before(async () => {
    server = createServer((request, response) => {
      requests.push({ url: request.url ?? "", host: request.headers.host });
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  beforeEach(() => void requests.splice(0));
  after(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );

  /** The test's server stands in for the host `page.test`; everything else is judged as always. */
  const reaching = async (more: { timeoutMs?: number } = {}) => {
    const isPublic = await loadIsPublic();
    return openFetchPage({
      ...more,
      resolve: async (host) => [
        { address: host === "page.test" ? "127.0.0.1" : host === "rebind.test" ? "10.0.0.1" : "192.0.2.1", family: 4 },
      ],
      isPublic: (address) => address === "127.0.0.1" || isPublic(address),
    });
  };

  for (const url of inside)
    it(`refuses ${url}`, async () => {
      const fetchPage = openFetchPage({ resolve: async () => assert.fail("was looked up") });
      await assert.rejects(fetchPage(url, never), /only public pages/);
    });

  for (const url of ["file:///etc/passwd", "ftp://a.test/", "data:text/plain,x", "http://me:pw@a.test/"])
    it(`refuses ${url}`, async () => assert.rejects(openFetchPage()(url, never), /^Error: Cannot fetch /));

  it("rejects a name with one private address among public ones", async () => {
    const fetchPage = openFetchPage({
      resolve: async () => [
        { address: "93.184.216.34", family: 4 },
        { address: "10.0.0.1", family: 4 },
      ],
    });
    await assert.rejects(fetchPage("http://mixed.test/", never), /10\.0\.0\.1/);
  });

  it("connects to the checked address with the host's name", async () => {
    answer = (_, response) => response.setHeader("content-type", "text/plain").end("hello");
    const page = await (await reaching())(`http://page.test:${port}/a?b`, never);
    assert.equal(new TextDecoder().decode(page.body), "hello");
    assert.deepEqual([page.status, page.mediaType, page.truncated], [200, "text/plain", false]);
    assert.deepEqual(requests, [{ url: "/a?b", host: `page.test:${port}` }]);
  });

  it("follows redirects, and checks each one", async () => {
    answer = (request, response) => {
      const to: Record<string, string> = {
        "/1": "/2",
        "/private": "http://169.254.169.254/",
        "/rebound": "http://rebind.test/",
        "/file": "file:///etc/passwd",
      };
      const location = to[request.url ?? ""];
      if (location === undefined) response.end("there");
      else response.writeHead(302, { location }).end();
    };
    const at = (path: string) => `http://page.test:${port}${path}`;
    const page = await (await reaching())(at("/1"), never);
    assert.equal(page.url, at("/2"));
    await assert.rejects((await reaching())(at("/private"), never), /169\.254\.169\.254/);
    await assert.rejects((await reaching())(at("/rebound"), never), /10\.0\.0\.1/);
    await assert.rejects((await reaching())(at("/file"), never), /Cannot fetch file: URLs/);
  });

  it("stops after five redirects", async () => {
    answer = (_, response) => response.writeHead(301, { location: "/again" }).end();
    await assert.rejects((await reaching())(`http://page.test:${port}/`, never), /redirects more than 5 times/);
    assert.equal(requests.length, 6);
  });

  it("decompresses a response and stops at 5 MB, compressed or not", async () => {
    const large = Buffer.alloc(8 * 1024 * 1024, "x");
    for (const packed of [true, false]) {
      answer = (_, response) =>
        packed ? response.setHeader("content-encoding", "gzip").end(gzipSync(large)) : response.end(large);
      const page = await (await reaching())(`http://page.test:${port}/`, never);
      assert.equal(page.body.length, 5 * 1024 * 1024);
      assert.equal(page.truncated, true);
    }
  });

  it("ends on timeout and on cancel", async () => {
    const arrived = Promise.withResolvers<void>();
    answer = () => arrived.resolve();
    await assert.rejects((await reaching({ timeoutMs: 50 }))(`http://page.test:${port}/`, never), /did not respond/);
    const stop = new AbortController();
    const pending = (await reaching())(`http://page.test:${port}/`, stop.signal);
    await arrived.promise;
    stop.abort();
    await assert.rejects(pending, /cancelled/);
  });

  it("describes a refused connection", async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
    const { port: closed } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    await assert.rejects((await reaching())(`http://page.test:${closed}/`, never), /refused the connection/);
  });
});
