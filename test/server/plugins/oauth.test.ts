/** Logging in to plugins: what their servers say is not believed further than it may be (S93 to S96). */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Loaded } from "../../../server/config/config.ts";
import type { Plugin } from "../../../server/plugins/host.ts";
import { listenForCallback } from "../../../server/plugins/oauth-callback.ts";
import type { Plugins } from "../../../server/plugins/open.ts";
import {
  authorizationServer,
  type Issuer,
  type Issuing,
  type Resource,
  resourceServer,
  type Site,
} from "../../help/oauth-servers.ts";
import { approveNamed, hostOf, loadedWith } from "../../help/plugins.ts";

const BAD = [
  "file:///etc/passwd",
  "javascript:alert(1)",
  "http://169.254.169.254/latest",
  "http://10.0.0.1/x",
  "--flag",
  "a$(calc)",
];

describe("logging in to a plugin", function () {
  this.timeout(30_000);
  let root: string;
  let plugins: Plugins;
  let config: NonNullable<Loaded["config"]["plugins"]>;
  let sites: Site[];

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-oauth-")));
    config = {};
    sites = [];
    plugins = hostOf({
      home: root,
      dataDir: join(root, "data"),
      env: process.env,
      loadedAt: async () => loadedWith(root, config),
    });
  });
  afterEach(async () => {
    await plugins.close();
    await Promise.all(sites.map((one) => one.close()));
    rmSync(root, { recursive: true, force: true });
  });

  const kept = <T extends Site>(site: T): T => {
    sites.push(site);
    return site;
  };
  const issuer = async (how: Issuer = {}): Promise<Issuing> => kept(await authorizationServer(how));
  const resource = async (from: Issuing, how: Resource = {}): Promise<Site> => kept(await resourceServer(from, how));
  const plugin = async (site: Site, more: object = {}): Promise<Plugin> => {
    config = { one: { url: `${site.origin}/mcp`, ...more } };
    const [found] = (await plugins.plugins(root)).plugins;
    assert.ok(found);
    return found;
  };
  /** Logs in as somebody whose browser goes where it is sent; gives the pages that it was sent to. */
  async function login(site: Site, more: object = {}): Promise<{ opened: URL[]; landed: Response[] }> {
    const opened: URL[] = [];
    const landed: Promise<Response>[] = [];
    await plugins.login(await plugin(site, more), (url) => {
      opened.push(url);
      landed.push(fetch(url));
    });
    return { opened, landed: await Promise.all(landed) };
  }
  const refused = async (site: Site, why: RegExp): Promise<void> => {
    const opened: URL[] = [];
    const browser = async (url: URL): Promise<void> => {
      opened.push(url);
    };
    await assert.rejects(plugins.login(await plugin(site), browser), why);
    assert.deepEqual(opened, []);
  };

  it("ends with a plugin that can be used, its tokens in a file of the person's own", async () => {
    const theirs = await issuer();
    const site = await resource(theirs);
    await assert.rejects((await plugin(site)).look((await plugin(site)).identity), /tutti plugins login one/);
    const { opened, landed } = await login(site);
    assert.equal(opened.length, 1);
    assert.match((await landed[0]?.text()) ?? "", /You are logged in/);
    const query = opened[0]?.searchParams;
    assert.equal(query?.get("code_challenge_method"), "S256");
    assert.match(query?.get("code_challenge") ?? "", /^[\w-]{43}$/);
    assert.equal(query?.get("resource"), `${site.origin}/mcp`);
    assert.match(query?.get("redirect_uri") ?? "", /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    assert.match(query?.get("state") ?? "", /^[0-9a-f]{32}$/);
    const redeemed = theirs.seen.filter(({ url }) => url.pathname === "/token");
    assert.equal(new URLSearchParams(redeemed[0]?.body).get("resource"), `${site.origin}/mcp`);
    assert.equal(new URLSearchParams(redeemed[0]?.body).get("redirect_uri"), query?.get("redirect_uri"));
    const used = await approveNamed(plugins, root, "one");
    assert.deepEqual(
      (await (await used.link()).tools()).map(({ name }) => name),
      ["act"],
    );
    const file = join(root, "data", "keys.json");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const entry = JSON.parse(readFileSync(file, "utf8"))["plugin:one"];
    assert.equal(entry.origin, `${site.origin}/mcp`);
    assert.equal(JSON.parse(entry.key).tokens.issuer, theirs.origin);
    assert.equal(await plugins.logout(used), true);
    assert.doesNotMatch(readFileSync(file, "utf8"), /token-/);
    await assert.rejects((await plugin(site)).link(), /tutti plugins login one/);
  });

  for (const bad of BAD) {
    it(`goes nowhere where the metadata are said to be at ${bad}`, async () => {
      const from = await issuer();
      const site = await resource(from, { metadataAt: bad });
      // What is no address at all is left out, and the usual place is looked at.
      if (URL.canParse(bad)) await refused(site, /is not used/);
      else await login(site);
    });

    it(`goes nowhere where people are said to log in at ${bad}`, async () => {
      const from = await issuer();
      await refused(
        await resource(from, { metadata: { authorization_servers: [bad] } }),
        /is not used|about logging in (cannot be used|names something that is no address)/,
      );
      assert.deepEqual(from.seen, []);
    });

    it(`opens nothing where the page is said to be at ${bad}`, async () => {
      const from = await issuer({ metadata: { authorization_endpoint: bad } });
      await refused(
        await resource(from),
        /is not opened|what its server says about logging in is wrong at authorization_endpoint/,
      );
    });

    it(`redeems no code at ${bad}`, async () => {
      const from = await issuer({ metadata: { token_endpoint: bad } });
      await assert.rejects(
        login(await resource(from)),
        /is not used|what its server says about logging in is wrong at token_endpoint/,
      );
    });

    it(`follows no redirect to ${bad}`, async () => {
      const from = await issuer({ movedTo: bad });
      // Relative to where it was sent from this is an address there, where nothing is.
      await refused(await resource(from), URL.canParse(bad) ? /is not used/ : /in a circle/);
    });
  }

  it("takes an answer for the state that it sent, once, and from whom it asked", async () => {
    const callback = await listenForCallback();
    const answer = (query: string): Promise<Response> => fetch(`${callback.url}?${query}`);
    try {
      const code = callback.code("right", () => ({ issuer: "https://a.example" }));
      assert.equal((await answer("state=wrong&code=stolen")).status, 400);
      assert.equal((await answer("code=stolen")).status, 400);
      assert.equal((await fetch(new URL("/other?state=right&code=x", callback.url))).status, 404);
      assert.equal((await answer("state=right&code=good&iss=https://a.example")).status, 200);
      assert.equal(await code, "good");
      assert.equal((await answer("state=right&code=again")).status, 400);
      const other = callback.code("next", () => ({ issuer: "https://a.example" }));
      const failed = assert.rejects(other, /came from https:\/\/b\.example, and not from https:\/\/a\.example/);
      assert.equal((await answer("state=next&code=x&iss=https://b.example")).status, 400);
      await failed;
    } finally {
      callback.close();
    }
  });

  it("shows an answer as text, on a page that may load nothing", async () => {
    const callback = await listenForCallback();
    try {
      const failed = assert.rejects(
        callback.code("s", () => ({})),
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

  it("fails where the answer comes from another issuer than was asked", async () => {
    const from = await issuer({ answer: { iss: "https://evil.example" } });
    await assert.rejects(login(await resource(from)), /came from https:\/\/evil\.example/);
    assert.ok(!from.seen.some(({ url }) => url.pathname === "/token"));
  });

  it("fails where an answer lacks the issuer that its server always says", async () => {
    const from = await issuer({
      metadata: { authorization_response_iss_parameter_supported: true },
      answer: { iss: null },
    });
    await assert.rejects(login(await resource(from)), /does not say that it came from/);
    assert.ok(!from.seen.some(({ url }) => url.pathname === "/token"));
  });

  it("fails where a server passes itself off as another issuer", async () => {
    const from = await issuer({ metadata: { issuer: "https://honest.example" } });
    await refused(await resource(from), /says that it is https:\/\/honest\.example/);
  });

  it("fails where a server is said to be another resource", async () => {
    const from = await issuer();
    await refused(await resource(from, { metadata: { resource: "https://bank.example/mcp" } }), /does not match/);
  });

  const holds = (site: Site, secret: string): boolean =>
    site.seen.some(({ url, headers, body }) => JSON.stringify([url, headers, body]).includes(secret));

  it("sends a token to nobody but the server that it is for", async () => {
    const from = await issuer();
    const [first, second] = [await resource(from), await resource(from)];
    await login(first);
    const [token = "none"] = from.tokens.keys();
    assert.ok(holds(first, token));
    // The same name leads to another server now, with the same issuer.
    const moved = await plugin(second);
    await assert.rejects(moved.look(moved.identity), /tutti plugins login one/);
    assert.ok(!holds(second, token));
    await login(second);
    assert.ok(!holds(second, token));
    assert.ok(!from.seen.some(({ body }) => body.includes(`refresh-${token}`)));
  });

  it("sends neither token nor session nor a person's headers where a stream is redirected to, or to an issuer", async () => {
    const from = await issuer();
    const sink = await resource(from, { open: true });
    const site = await resource(from, { streamAt: `${sink.origin}/mcp` });
    await login(site, { headers: { "X-Key": "my key" } });
    await (await approveNamed(plugins, root, "one")).link();
    const came = await sink.when(({ method }) => method === "GET");
    for (const name of ["authorization", "mcp-session-id", "x-key"]) assert.equal(came.headers[name], undefined, name);
    assert.ok(holds(site, "my key"));
    assert.ok(!holds(from, "my key"));
  });

  it("takes a session for that of one connection alone", async () => {
    const from = await issuer();
    const site = await resource(from, { open: true });
    for (let count = 0; count < 2; count++) {
      await approveNamed(plugins, root, (await plugin(site)).spec.name);
      await (await (await plugin(site)).link()).tools();
      await (await plugin(site)).restart();
    }
    const sessions = site.seen.map(({ headers, body }) => [
      body.includes('"initialize"'),
      headers["mcp-session-id"] ?? null,
    ]);
    const begun = sessions.filter(([initial]) => initial);
    assert.deepEqual(begun, [
      [true, null],
      [true, null],
    ]);
    assert.deepEqual([...new Set(sessions.flatMap(([, id]) => id ?? []))], ["session-1", "session-2"]);
  });
});
