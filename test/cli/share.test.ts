import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { type Home, useHomes } from "../help/tutti.ts";

const QUESTION = "Where does the capybara nap?";
const RESPONSE = "It naps beside the lagoon.";

describe("tutti share, tutti join and tutti hub", () => {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  useHomes(
    (opened) => {
      home = opened;
    },
    () => endpoint.close(),
  );
  /** Starts a hub, and a session on the shared server. */
  const start = async () => {
    endpoint = await scriptedEndpoint([answer(RESPONSE)]);
    const env = { TUTTI_BASE_URL: endpoint.baseUrl, TUTTI_MODEL: "m" };
    const store = join(home.root, "hub");
    const hub = home.start(["hub", "--listen", "127.0.0.1:0", "--store", store]);
    let err = "";
    const url = await new Promise<string>((resolve) => {
      hub.child.stderr?.on("data", (piece) => {
        err += piece;
        const address = /listening at (http:\S+?);/.exec(err)?.[1];
        if (address) resolve(address);
      });
    });
    const first = await home.run(["run", "--attach", "local", "hello"], { env });
    assert.equal(first.code, 0, first.err);
    return { hub, url, env, store };
  };

  it("let a guest drive a session of another server, in line mode", async () => {
    const { hub, url, env, store } = await start();
    const refused = await home.run(["share", "--hub", url], { env });
    assert.equal(refused.code, 2);
    assert.match(refused.err, /Guests of "hello" will see[\s\S]*1 prompts[\s\S]*pass --yes/);
    const shared = await home.run(["share", "--hub", url, "--role", "driver", "--name", "Bo", "--yes"], { env });
    assert.equal(shared.code, 0, shared.err);
    const link = shared.out.trim();
    assert.ok(link.startsWith(`${url}/s/`) && link.includes("#"), link);
    const guest = home.start(["join", "--line", "--name", "Bo", link], {
      stdin: `${QUESTION}\n`,
      env: { TUTTI_DATA_DIR: join(home.root, "guest") },
    });
    const { out, code } = await guest.outcome;
    assert.equal(code, 0, out);
    assert.ok(out.includes(RESPONSE), out);
    const [session] = JSON.parse((await home.run(["sessions", "list", "--format", "json"], { env })).out);
    const events = await home.events(session.id);
    const prompt = events.find(({ event }) => "text" in event && event.text === QUESTION);
    assert.equal(prompt?.by.name, "Bo", "the log names who has sent the prompt");
    const [row] = JSON.parse((await home.run(["share", "list", "--format", "json"], { env })).out);
    assert.deepEqual([row.state, row.invites[0].name, row.invites[0].usedBy], ["connected", "Bo", ["Bo"]]);
    const revoked = await home.run(["share", "revoke", row.invites[0].invite.slice(0, 8)], { env });
    assert.equal(revoked.code, 0, revoked.err);
    const late = await home.run(["join", "--line", link]);
    assert.notEqual(late.code, 0);
    assert.match(late.err, /revoked/);
    const stopped = await home.run(["share", "stop"], { env });
    assert.match(stopped.err, /the hub has deleted/);
    assert.deepEqual(
      readdirSync(store).flatMap((share) => readdirSync(join(store, share))),
      ["share.json"],
    );
    assert.equal(existsSync(join(home.data, "shares")) && readdirSync(join(home.data, "shares")).length, 0);
    await home.stop();
    hub.child.kill("SIGTERM");
    assert.equal((await hub.outcome).code, 0);
  });

  it("say what is wrong with a hub, a link and a flag", async () => {
    const { hub, env } = await start();
    const cases: [readonly string[], RegExp][] = [
      [["share", "--yes"], /No hub is configured.*`--local`/],
      [["share", "--yes", "--hub", "http://127.0.0.1:9"], /There is no hub at http:\/\/127\.0\.0\.1:9/],
      [["share", "--yes", "--hub", "http://hub.example"], /not an address that begins with https/],
      [["share", "--yes", "--hub", "https://hub.example/path"], /an address without a path/],
      [["share", "--hub", "https://hub.example", "--local"], /--hub cannot be used with --local/],
      [["share", "revoke", "nothing"], /There is no invite "nothing"/],
      [["share", "stop"], /No session is shared/],
      [["share", "--role", "king"], /Invalid --role "king".*viewer/],
      [["join"], /Pass one link, in quotes/],
      [["join", "--line", "https://hub.example/s/AAAAAAAAAAAAAAAAAAAAAA"], /after # is missing/],
      [["hub", "--listen", "0.0.0.0:0"], /reachable from other machines; pass --tls-cert/],
      [["hub", "--listen", "nowhere"], /HOST:PORT/],
      [["hub", "--max-share", "none"], /--max-share/],
    ];
    for (const [words, expected] of cases) {
      const { code, err } = await home.run(words, { env });
      assert.notEqual(code, 0, words.join(" "));
      assert.match(err, expected, words.join(" "));
    }
    const list = await home.run(["share", "list", "--format", "json"], { env });
    assert.deepEqual(JSON.parse(list.out), [], "a share that could not start is not left behind");
    await home.stop();
    hub.child.kill("SIGTERM");
    await hub.outcome;
  });
});
