/** OAuth login to plugins: metadata and responses of their servers are validated (S93 to S96). */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadedConfig } from "../../../server/config/config.ts";
import type { Plugin } from "../../../server/plugins/host.ts";
import { listenForCallback } from "../../../server/plugins/oauth-callback.ts";
import type { Plugins } from "../../../server/plugins/open-plugins.ts";
import {
  type AuthorizationServer,
  authorizationServer,
  type IssuerOptions,
  type ResourceOptions,
  resourceServer,
  type TestSite,
} from "../../help/oauth-servers.ts";
import { approvePlugin, configWith, createHost } from "../../help/plugins.ts";

const BAD = [
  "file:///etc/passwd",
  "javascript:alert(1)",
  "http://169.254.169.254/latest",
  "http://10.0.0.1/x",
  "--flag",
  "a$(calc)",
];

describe("plugin login", function () {
  this.timeout(30_000);
  let root: string;
  let plugins: Plugins;
  let config: NonNullable<LoadedConfig["config"]["plugins"]>;
  let sites: TestSite[];

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-oauth-")));
    config = {};
    sites = [];
    plugins = createHost({
      home: root,
      dataDir: join(root, "data"),
      env: process.env,
      loadConfig: async () => configWith(root, config),
    });
  });
  afterEach(async () => {
    await plugins.close();
    await Promise.all(sites.map((site) => site.close()));
    rmSync(root, { recursive: true, force: true });
  });

  const track = <T extends TestSite>(site: T): T => {
    sites.push(site);
    return site;
  };
  const startIssuer = async (options: IssuerOptions = {}): Promise<AuthorizationServer> =>
    track(await authorizationServer(options));
  const startResource = async (from: AuthorizationServer, options: ResourceOptions = {}): Promise<TestSite> =>
    track(await resourceServer(from, options));
  const configurePlugin = async (site: TestSite, more: object = {}): Promise<Plugin> => {
    config = { one: { url: `${site.origin}/mcp`, ...more } };
    const [found] = (await plugins.plugins(root)).plugins;
    assert.ok(found);
    return found;
  };
  /** Logs in with a browser that follows each page; returns the opened pages and their responses. */
  async function login(site: TestSite, more: object = {}): Promise<{ opened: URL[]; responses: Response[] }> {
    const opened: URL[] = [];
    const responses: Promise<Response>[] = [];
    await plugins.login(await configurePlugin(site, more), (url) => {
      opened.push(url);
      responses.push(fetch(url));
    });
    return { opened, responses: await Promise.all(responses) };
  }
  const assertRefused = async (site: TestSite, message: RegExp): Promise<void> => {
    const opened: URL[] = [];
    const browser = async (url: URL): Promise<void> => {
      opened.push(url);
    };
    await assert.rejects(plugins.login(await configurePlugin(site), browser), message);
    assert.deepEqual(opened, []);
  };

  it("makes the plugin usable and stores its tokens in a private file", async () => {
    const from = await startIssuer();
    const site = await startResource(from);
    await assert.rejects(
      (await configurePlugin(site)).inspect((await configurePlugin(site)).identity),
      /tutti plugins login one/,
    );
    const { opened, responses } = await login(site);
    assert.equal(opened.length, 1);
    assert.match((await responses[0]?.text()) ?? "", /You are logged in/);
    const query = opened[0]?.searchParams;
    assert.equal(query?.get("code_challenge_method"), "S256");
    assert.match(query?.get("code_challenge") ?? "", /^[\w-]{43}$/);
    assert.equal(query?.get("resource"), `${site.origin}/mcp`);
    assert.match(query?.get("redirect_uri") ?? "", /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    assert.match(query?.get("state") ?? "", /^[0-9a-f]{32}$/);
    const redeemed = from.seen.filter(({ url }) => url.pathname === "/token");
    assert.equal(new URLSearchParams(redeemed[0]?.body).get("resource"), `${site.origin}/mcp`);
    assert.equal(new URLSearchParams(redeemed[0]?.body).get("redirect_uri"), query?.get("redirect_uri"));
    const used = await approvePlugin(plugins, root, "one");
    assert.deepEqual(
      (await (await used.connect()).tools()).map(({ name }) => name),
      ["act"],
    );
    const file = join(root, "data", "keys.json");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const entry = JSON.parse(readFileSync(file, "utf8"))["plugin:one"];
    assert.equal(entry.origin, `${site.origin}/mcp`);
    assert.equal(JSON.parse(entry.key).tokens.issuer, from.origin);
    assert.equal(await plugins.logout(used), true);
    assert.doesNotMatch(readFileSync(file, "utf8"), /token-/);
    await assert.rejects((await configurePlugin(site)).connect(), /tutti plugins login one/);
  });

  for (const bad of BAD) {
    it(`does not fetch metadata from ${bad}`, async () => {
      const from = await startIssuer();
      const site = await startResource(from, { metadataAt: bad });
      // An invalid URL is ignored, and the default location is used.
      if (URL.canParse(bad)) await assertRefused(site, /is not used/);
      else await login(site);
    });

    it(`does not use an authorization server at ${bad}`, async () => {
      const from = await startIssuer();
      await assertRefused(
        await startResource(from, { metadata: { authorization_servers: [bad] } }),
        /is not used|login metadata (at \S+ cannot be used|contains an invalid URL)/,
      );
      assert.deepEqual(from.seen, []);
    });

    it(`does not open a login page at ${bad}`, async () => {
      const from = await startIssuer({ metadata: { authorization_endpoint: bad } });
      await assertRefused(
        await startResource(from),
        /is not opened|login metadata is invalid at authorization_endpoint/,
      );
    });

    it(`does not redeem a code at ${bad}`, async () => {
      const from = await startIssuer({ metadata: { token_endpoint: bad } });
      await assert.rejects(login(await startResource(from)), /is not used|login metadata is invalid at token_endpoint/);
    });

    it(`does not follow a redirect to ${bad}`, async () => {
      const from = await startIssuer({ movedTo: bad });
      // As a relative URL this is a missing page on the same server.
      await assertRefused(await startResource(from), URL.canParse(bad) ? /is not used/ : /too often/);
    });
  }

  it("accepts a response for its own state, once, and from the expected issuer", async () => {
    const callback = await listenForCallback();
    const respond = (query: string): Promise<Response> => fetch(`${callback.url}?${query}`);
    try {
      const code = callback.waitForCode("right", () => ({ issuer: "https://a.example" }));
      assert.equal((await respond("state=wrong&code=stolen")).status, 400);
      assert.equal((await respond("code=stolen")).status, 400);
      assert.equal((await fetch(new URL("/other?state=right&code=x", callback.url))).status, 404);
      assert.equal((await respond("state=right&code=good&iss=https://a.example")).status, 200);
      assert.equal(await code, "good");
      assert.equal((await respond("state=right&code=again")).status, 400);
      const other = callback.waitForCode("next", () => ({ issuer: "https://a.example" }));
      const failed = assert.rejects(other, /came from https:\/\/b\.example, not from https:\/\/a\.example/);
      assert.equal((await respond("state=next&code=x&iss=https://b.example")).status, 400);
      await failed;
    } finally {
      callback.close();
    }
  });

  it("shows a response as text, on a page that loads nothing", async () => {
    const callback = await listenForCallback();
    try {
      const failed = assert.rejects(
        callback.waitForCode("s", () => ({})),
        /it was refused: <script>/,
      );
      const query = "state=s&error=<script>alert(1)</script>&error_description=\"'><img src=x>";
      const response = await fetch(`${callback.url}?${query}`);
      const text = await response.text();
      assert.equal(response.headers.get("content-security-policy"), "default-src 'none'");
      assert.doesNotMatch(text, /<script|<img/);
      assert.match(text, /&#60;script&#62;/);
      await failed;
    } finally {
      callback.close();
    }
  });

  it("fails if the response comes from another issuer", async () => {
    const from = await startIssuer({ answer: { iss: "https://evil.example" } });
    await assert.rejects(login(await startResource(from)), /came from https:\/\/evil\.example/);
    assert.ok(!from.seen.some(({ url }) => url.pathname === "/token"));
  });

  it("fails if a response lacks the issuer that its server always sends", async () => {
    const from = await startIssuer({
      metadata: { authorization_response_iss_parameter_supported: true },
      answer: { iss: null },
    });
    await assert.rejects(login(await startResource(from)), /does not say that it came from/);
    assert.ok(!from.seen.some(({ url }) => url.pathname === "/token"));
  });

  it("fails if a server claims to be another issuer", async () => {
    const from = await startIssuer({ metadata: { issuer: "https://honest.example" } });
    await assertRefused(await startResource(from), /claims to be https:\/\/honest\.example/);
  });

  it("fails if the metadata name another resource", async () => {
    const from = await startIssuer();
    await assertRefused(
      await startResource(from, { metadata: { resource: "https://bank.example/mcp" } }),
      /does not match/,
    );
  });

  const received = (site: TestSite, secret: string): boolean =>
    site.seen.some(({ url, headers, body }) => JSON.stringify([url, headers, body]).includes(secret));

  it("sends a token only to the server that it was issued for", async () => {
    const from = await startIssuer();
    const [first, second] = [await startResource(from), await startResource(from)];
    await login(first);
    const [token = "none"] = from.tokens.keys();
    assert.ok(received(first, token));
    // The plugin's name now refers to another server, with the same issuer.
    const moved = await configurePlugin(second);
    await assert.rejects(moved.inspect(moved.identity), /tutti plugins login one/);
    assert.ok(!received(second, token));
    await login(second);
    assert.ok(!received(second, token));
    assert.ok(!from.seen.some(({ body }) => body.includes(`refresh-${token}`)));
  });

  it("sends no token, session or configured header to the target of a redirect, nor to an issuer", async () => {
    const from = await startIssuer();
    const sink = await startResource(from, { open: true });
    const site = await startResource(from, { streamAt: `${sink.origin}/mcp` });
    await login(site, { headers: { "X-Key": "my key" } });
    await (await approvePlugin(plugins, root, "one")).connect();
    const request = await sink.when(({ method }) => method === "GET");
    for (const name of ["authorization", "mcp-session-id", "x-key"])
      assert.equal(request.headers[name], undefined, name);
    assert.ok(received(site, "my key"));
    assert.ok(!received(from, "my key"));
  });

  it("uses a session for one connection only", async () => {
    const from = await startIssuer();
    const site = await startResource(from, { open: true });
    for (let count = 0; count < 2; count++) {
      await approvePlugin(plugins, root, (await configurePlugin(site)).spec.name);
      await (await (await configurePlugin(site)).connect()).tools();
      await (await configurePlugin(site)).restart();
    }
    const sessions = site.seen.map(({ headers, body }) => [
      body.includes('"initialize"'),
      headers["mcp-session-id"] ?? null,
    ]);
    const initialized = sessions.filter(([initial]) => initial);
    assert.deepEqual(initialized, [
      [true, null],
      [true, null],
    ]);
    assert.deepEqual([...new Set(sessions.flatMap(([, id]) => id ?? []))], ["session-1", "session-2"]);
  });
});
