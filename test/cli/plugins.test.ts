/** `tutti plugins`: creating a plugin from a template, and logging in to one. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AuthorizationServer, authorizationServer, resourceServer, type TestSite } from "../help/oauth-servers.ts";
import { type Home, useHomes } from "../help/tutti.ts";

describe("tutti plugins", function () {
  this.timeout(60_000);
  let home: Home;
  let sites: TestSite[] = [];
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await Promise.all(sites.map((one) => one.close()));
      sites = [];
    },
  );

  it("creates a plugin that passes the check, in its own folder or another one", async () => {
    const made = await home.run(["plugins", "new", "snake", "--lang", "python", "--dir", "deep/er"]);
    assert.equal(made.code, 0, made.err);
    const program = join(home.work, "deep/er/plugin.py");
    assert.ok(made.out.split("\n").includes(program));
    assert.match(made.err, /tutti plugins add snake python3 \S+plugin\.py/);
    const checked = await home.run(["plugins", "inspect", "--check", "python3", program]);
    assert.match(checked.out, /^passed {2}initialize: snake/);
    assert.equal((await home.run(["plugins", "new", "dice", "--lang", "ts"])).code, 0);
    const typed = await home.run(["plugins", "inspect", "--check", process.execPath, join(home.work, "dice/main.ts")]);
    assert.match(typed.out, /^passed {2}initialize: dice/);
    const again = await home.run(["plugins", "new", "dice", "--lang", "ts"]);
    assert.deepEqual([again.code, again.out], [2, ""]);
    assert.match(again.err, /dice is not empty; nothing was written/);
    for (const [words, why] of [
      [["new"], /NAME --lang ts`/],
      [["new", "x"], /NAME --lang ts`/],
      [["new", "x", "--lang", "rust"], /Invalid --lang "rust"\. Use one of: ts, python/],
      [["new", "../x", "--lang", "ts"], /is not a valid plugin name/],
    ] as const) {
      const { code, err } = await home.run(["plugins", ...words]);
      assert.equal(code, 2);
      assert.match(err, why);
    }
  });

  for (const [server, flags] of [
    ["a server of its own", []],
    ["the shared server", ["--attach", "local"]],
  ] as const)
    it(`says once that a plugin is not approved, and again after it has changed, in ${server}`, async () => {
      const program = join(home.work, "fence.sh");
      writeFileSync(program, "exit 1\n");
      assert.equal((await home.run(["plugins", "add", "fence", "/bin/sh", program])).code, 0);
      const warnings = async (): Promise<string[]> => {
        const { code, err } = await home.run(["run", ...flags, "--model", "rehearsal/tour", "Hi"]);
        assert.equal(code, 0, err);
        return [...err.matchAll(/The plugin (\w+) waits for your approval/g)].map(([, name = ""]) => name);
      };
      assert.deepEqual(await warnings(), ["fence"]);
      await home.run(["stop"]);
      assert.deepEqual(await warnings(), []);
      assert.equal((await home.run(["plugins", "add", "gate", "/bin/sh", program])).code, 0);
      assert.deepEqual(await warnings(), ["gate"]);
      writeFileSync(program, "exit 2\n");
      assert.deepEqual(await warnings(), ["fence", "gate"]);
      assert.deepEqual(await warnings(), []);
      assert.match((await home.run(["plugins", "list"])).out, /fence +not approved[\s\S]*gate +not approved/);
      writeFileSync(join(home.data, "plugin-reminders.json"), "[damaged");
      assert.deepEqual(await warnings(), ["fence", "gate"]);
      assert.deepEqual(await warnings(), []);
    });

  /** Adds a plugin `one` that requires a login. */
  async function withLogin(): Promise<{ issuer: AuthorizationServer; login: string[] }> {
    const issuer = await authorizationServer();
    const site = await resourceServer(issuer);
    sites.push(issuer, site);
    assert.equal((await home.run(["plugins", "add", "one", `${site.origin}/mcp`])).code, 0);
    const { out } = await home.run(["plugins", "inspect", "one", "--format", "json"]);
    return { issuer, login: ["plugins", "login", "one", "--identity", JSON.parse(out).plugin.identity] };
  }

  it("logs in with the printed page, and logs out", async () => {
    const { login } = await withLogin();
    const unasked = await home.run(["plugins", "login", "one"]);
    assert.equal(unasked.code, 4);
    assert.match(unasked.err, /address {4}http:\/\/127[\s\S]*--identity [0-9a-f]{64}` to approve/);
    const running = home.start([...login, "--no-browser"]);
    const page = await running.line((line) => line.startsWith("http://127.0.0.1:"));
    assert.match(await (await fetch(page)).text(), /You are logged in/);
    const { code, err } = await running.outcome;
    assert.equal(code, 0, err);
    assert.match(err, /Logged in to one\./);
    const again = await home.run(login);
    assert.match(again.err, /does not require a login/);
    const keys = (): string => readFileSync(join(home.data, "keys.json"), "utf8");
    assert.match(keys(), /plugin:one/);
    assert.match((await home.run(["plugins", "logout", "one"])).err, /Logged out/);
    assert.doesNotMatch(keys(), /plugin:one/);
    assert.match((await home.run(["plugins", "logout", "one"])).err, /No login is stored/);
  });

  (process.platform === "linux" ? it : it.skip)(
    "passes the login page to the browser as a single argument",
    async () => {
      const { login } = await withLogin();
      const bin = join(home.root, "bin");
      const visited = join(home.root, "visited");
      mkdirSync(bin);
      const visit = `${JSON.stringify(process.execPath)} -e 'fetch(process.argv[1])' "$1"`;
      writeFileSync(join(bin, "xdg-open"), `#!/bin/sh\nprintf '%s\\n' "$#" "$@" >"${visited}"\n${visit}\n`);
      chmodSync(join(bin, "xdg-open"), 0o755);
      const running = home.start(login, { env: { PATH: `${bin}:${home.env.PATH}` } });
      const page = await running.line((line) => line.startsWith("http://127.0.0.1:"));
      assert.equal((await running.outcome).code, 0);
      assert.equal(readFileSync(visited, "utf8"), `1\n${page}\n`);
    },
  );

  it("reports a denied login, and a plugin without login", async () => {
    const { login, issuer } = await withLogin();
    const running = home.start([...login, "--no-browser"]);
    const page = new URL(await running.line((line) => line.startsWith("http://127.0.0.1:")));
    const back = new URL(page.searchParams.get("redirect_uri") ?? "");
    back.search = `state=${page.searchParams.get("state")}&error=access_denied`;
    await fetch(back);
    const { code, err } = await running.outcome;
    assert.equal(code, 1);
    assert.match(err, /The login failed: it was refused: access_denied/);
    assert.equal(issuer.tokens.size, 0);
    await home.run(["plugins", "add", "local", "some-program"]);
    const local = await home.run(["plugins", "inspect", "local", "--format", "json"]);
    const identity = JSON.parse(local.out).plugin.identity as string;
    const none = await home.run(["plugins", "login", "local", "--identity", identity]);
    assert.equal(none.code, 2);
    assert.match(none.err, /only plugins with a URL support login/);
  });
});
