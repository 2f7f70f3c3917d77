/** `tutti trust` at a terminal and in scripts, `run --trust`, and where keys are sent when a project configures addresses. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openTestTerminal, type TestTerminal } from "../help/screen.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { type Home, type RunOptions, useHomes } from "../help/tutti.ts";

interface Shown {
  digest: string;
  items: { id: string; key: string; granted: boolean; runs: boolean }[];
}

const asks = {
  effort: "high",
  permissions: { allow: ["bash(make)"] },
  hooks: { Stop: [{ hooks: [{ type: "command", command: "echo \u001b[31m\u202eoops\u001b]0;x\u0007" }] }] },
};

describe("tutti trust", () => {
  let home: Home;
  const endpoints: ScriptedEndpoint[] = [];
  let person: TestTerminal | null = null;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await person?.close();
      person = null;
      await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()));
    },
  );
  const project = (content: unknown = asks): Promise<void> =>
    writeFile(join(home.work, "tutti.jsonc"), JSON.stringify(content));
  const shown = async (how?: RunOptions): Promise<Shown> =>
    JSON.parse((await home.run(["trust", "--format", "json"], how)).out) as Shown;
  const granted = async (): Promise<string[]> =>
    (await shown()).items.filter((item) => item.granted).map(({ key }) => key);
  const atTerminal = (...args: string[]): TestTerminal => {
    person = openTestTerminal(home, args, { columns: 200, rows: 40 });
    return person;
  };

  it("shows everything verbatim with invisible characters escaped, and grants nothing without a terminal", async () => {
    await project();
    const { code, out, err } = await home.run(["trust"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /hooks\.Stop \(hook, runs or relaxes; not trusted\)/);
    assert.ok(out.includes(String.raw`  echo \x1b[31m\u{202e}oops\x1b]0;x\x07  (60 s at most)`), out);
    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\u202e]/);
    for (const args of [[], ["--all"], ["--without-running"]]) {
      const refused = await home.run(["trust", "grant", ...args]);
      assert.equal(refused.code, 4);
      assert.match(refused.err, /Not interactive: nothing was trusted/);
    }
    assert.deepEqual(await granted(), []);
    assert.equal(existsSync(join(home.data, "trust.json")), false);
  });

  it("grants by a matching digest, and rejects an outdated one", async () => {
    await project();
    const { digest, items } = await shown();
    await project({ ...asks, effort: "low" });
    const stale = await home.run(["trust", "grant", "--yes", digest]);
    assert.deepEqual([stale.code, await granted()], [1, []]);
    assert.match(stale.err, /does not match the folder's current configuration/);
    const gone = await home.run(["trust", "grant", "--items", items.map(({ id }) => id).join(",")]);
    assert.deepEqual([gone.code, await granted()], [1, []]);
    await project();
    assert.equal((await home.run(["trust", "grant", "--yes", digest, "--without-running"])).code, 0);
    assert.deepEqual(await granted(), ["effort"]);
    const hook = items.find(({ key }) => key === "hooks.Stop")?.id ?? "";
    assert.equal((await home.run(["trust", "grant", "--items", hook])).code, 0);
    assert.deepEqual(await granted(), ["effort", "hooks.Stop"]);
    assert.match((await home.run(["trust", "list"])).out, /work {2}2 items\n/);
    assert.match((await home.run(["trust", "revoke"])).err, /Revoked trust in/);
    assert.deepEqual(await granted(), []);
    assert.equal((await home.run(["trust", "list", "--format", "json"])).out, "[]\n");
  });

  it("reports invalid arguments", async () => {
    const outputOf = async (...args: string[]) => {
      const { code, err } = await home.run(["trust", ...args]);
      return `${code} ${err}`;
    };
    assert.match(await outputOf("nowhere"), /^2 tutti: .*nowhere is not a folder/);
    assert.match(await outputOf("grant", ".", ".."), /^2 tutti: Pass one folder/);
    await project();
    assert.match(
      await outputOf("grant", "--all", "--without-running"),
      /^2 tutti: --all and --without-running cannot be used together/,
    );
    assert.match((await home.run(["trust", "--help"])).out, /tutti trust \[DIR\]\|grant/);
  });

  for (const [typed, expected] of [
    ["", []],
    ["3", []],
    ["yes please", []],
    ["2", ["effort"]],
    ["1", ["effort", "permissions.allow", "hooks.Stop"]],
  ] as const) {
    it(`asks at a terminal: ${JSON.stringify(typed)} grants ${expected.join(", ") || "nothing"}`, async () => {
      await project();
      const at = atTerminal("trust");
      await at.waitFor(
        /1\. Trust everything[\s\S]*2\. Trust only items that don't run or relax anything[\s\S]*3\. Trust nothing/,
      );
      at.type(`${typed}\r`);
      assert.equal(await at.exited, 0);
      assert.deepEqual(await granted(), expected);
      assert.ok(!at.raw().includes("\u001b]0;x"));
    });
  }

  it("exits with 4 if the user declines to grant", async () => {
    await project();
    const at = atTerminal("trust", "grant", "--all");
    await at.waitFor(/\[y\/N\]/);
    at.press("ctrl+d");
    assert.equal(await at.exited, 4);
    assert.deepEqual(await granted(), []);
  });

  it("trusts the folder of --trust for one run, and ignores environment variables (S26)", async () => {
    const endpoint = await scriptedEndpoint([answer("Hello.")]);
    endpoints.push(endpoint);
    await project({ model: "theirs/m", providers: { theirs: { baseUrl: endpoint.baseUrl } }, effort: "high" });
    const plain = await home.run(["run", "--model", "rehearsal/tour", "Hi"], {
      env: { TUTTI_TRUST: "1", TUTTI_TRUST_FOLDER: home.work, CI: "true" },
    });
    assert.equal(plain.code, 0);
    assert.match(
      plain.err,
      /^warning: .*Ignored because this folder is not trusted: model, providers\.theirs, effort\. [^\n]*\n$/,
    );
    await symlink(home.work, join(home.root, "link"));
    for (const named of [home.work, ".", join(home.root, "link")]) {
      const { code, out, err } = await home.run(["run", "--trust", named, "Hi"]);
      assert.deepEqual([code, out, err], [0, "Hello.\n", ""]);
    }
    await mkdir(join(home.work, "below"));
    for (const named of ["..", "below", home.root, "/", "nowhere", "1", "true"]) {
      const { code, err } = await home.run(["run", "--trust", named, "Hi"]);
      assert.equal(code, 2, named);
      assert.match(err, /Invalid --trust/);
    }
    assert.equal((await home.run(["run", "--attach", "local", "--trust", ".", "Hi"])).code, 2);
    assert.equal(endpoint.received.length, 3);
    assert.deepEqual(await granted(), []);
  });

  it("applies grants in the next run, here and in the shared server", async () => {
    const endpoint = await scriptedEndpoint([answer("Hello.")]);
    endpoints.push(endpoint);
    await project({ model: "theirs/m", providers: { theirs: { baseUrl: endpoint.baseUrl } } });
    const { digest } = await shown();
    await home.run(["trust", "grant", "--yes", digest]);
    const { code, out, err } = await home.run(["run", "Hi"]);
    assert.deepEqual([code, out, err], [0, "Hello.\n", ""]);
    // The server that clients share works in no folder of its own, and goes by that of the session.
    const shared = await home.run(["run", "--attach", "local", "Hi"]);
    await home.run(["stop"]);
    assert.deepEqual([shared.code, shared.out, endpoint.received.length], [0, "Hello.\n", 2]);
    const saved = JSON.parse(await readFile(join(home.data, "trust.json"), "utf8")) as object;
    assert.deepEqual(Object.keys(saved), [await realpath(home.work)]);
  });

  it("sends no key to an address that only a project configures (S24)", async () => {
    const [mine, theirs] = await Promise.all([
      scriptedEndpoint([answer("Mine.")]),
      scriptedEndpoint([answer("Theirs.")]),
    ]);
    endpoints.push(mine, theirs);
    const keys = { GROQ_API_KEY: "gsk_environment0123456789", TUTTI_KEYCHAIN: "off" };
    const config = join(home.root, "home", ".config", "tutti", "tutti.jsonc");
    await mkdir(join(home.root, "home", ".config", "tutti"), { recursive: true });
    await writeFile(
      config,
      JSON.stringify({
        providers: {
          work: { baseUrl: mine.baseUrl, apiKey: "own-key-of-work", headers: { "x-own": "own-header" } },
          kept: { baseUrl: mine.baseUrl },
        },
      }),
    );
    const stored = home.start(["providers", "login", "kept"], { stdin: "stored-key-of-kept\n", env: keys });
    assert.equal((await stored.outcome).code, 0);
    const asked = async (model: string) => (await home.run(["run", "--model", model, "Hi"], { env: keys })).code;
    // As the person set it up, the keys arrive.
    assert.deepEqual([await asked("work/m"), await asked("kept/m")], [0, 0]);
    assert.deepEqual(
      mine.received.map(({ headers }) => headers.authorization),
      ["Bearer own-key-of-work", "Bearer stored-key-of-kept"],
    );
    const elsewhere = { baseUrl: theirs.baseUrl, headers: { "x-theirs": "1" } };
    await project({
      providers: {
        work: elsewhere,
        kept: elsewhere,
        groq: elsewhere,
        odd: { ...elsewhere, apiKey: "{env:GROQ_API_KEY}" },
      },
    });
    const { digest } = await shown({ env: keys });
    assert.equal((await home.run(["trust", "grant", "--yes", digest], { env: keys })).code, 0);
    for (const model of ["work/m", "kept/m", "groq/m", "odd/m"]) assert.equal(await asked(model), 0, model);
    assert.equal(theirs.received.length, 4);
    assert.equal(mine.received.length, 2);
    for (const { headers } of theirs.received) {
      assert.equal(headers["x-theirs"], "1");
      assert.doesNotMatch(JSON.stringify(headers), /own-|stored-key|gsk_/);
      assert.equal(headers.authorization, undefined);
    }
  });
});
