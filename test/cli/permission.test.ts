/** `tutti permission check` by the rules in force, the warning without a sandbox, and the limit on a plugin's questions. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addPlugin, python, repository } from "../help/plugins.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, useHomes } from "../help/tutti.ts";

describe("permissions in the command line", function () {
  this.timeout(60_000);
  let home: Home;
  let endpoint: ScriptedEndpoint | undefined;
  useHomes(
    (created) => {
      home = created;
    },
    async () => {
      await endpoint?.close();
      endpoint = undefined;
    },
  );
  const configure = (file: string, content: object): void => {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, JSON.stringify(content));
  };
  const userFile = (): string => join(home.env.HOME ?? "", ".config/tutti/tutti.jsonc");
  const check = async (command: string, ...flags: string[]) => {
    const { out, err } = await home.run(["permission", "check", "--format", "json", ...flags, "--", command]);
    return out === "" ? err : JSON.parse(out).decision;
  };

  it("checks by the rules of the user, of the project, and of a session", async () => {
    configure(userFile(), { permissions: { allow: ["bash(npm test)"], mode: "ask" } });
    configure(join(home.work, "tutti.jsonc"), { permissions: { deny: ["bash(curl:*)"], allow: ["bash(make)"] } });
    assert.deepEqual(await Promise.all(["npm test", "npm run x", "curl x", "make", "ls"].map((line) => check(line))), [
      "allow",
      "ask",
      "deny",
      "ask",
      "allow",
    ]);
    endpoint = await scriptedEndpoint([answer("Done.")]);
    await home.run(["run", ...endpointFlags(endpoint), "--mode", "auto", "Go"]);
    const session = await home.lastSession();
    assert.equal(await check("npm run x", "--session", session), "allow");
    assert.equal(await check("curl x", "--session", session), "deny");
    assert.match(await check("ls", "--session", "none"), /none/);
  });

  it("does not decide by an invalid configuration", async () => {
    configure(userFile(), { permissions: { allow: "bash" } });
    assert.match(await check("ls"), /permissions\.allow/);
  });

  for (const [format, where] of [
    ["text", "err"],
    ["json", "err"],
    ["stream-json", "out"],
  ] as const)
    it(`says once a session that there is no sandbox, in ${format}`, async () => {
      const opened = await scriptedEndpoint([answer("Done."), answer("Done."), answer("Done.")]);
      endpoint = opened;
      const run = (...flags: string[]) =>
        home.run(["run", ...endpointFlags(opened), "--format", format, ...flags, "Go"]);
      assert.match((await run("--sandbox", "on"))[where], /The sandbox is on, but this version of Tutti has none/);
      assert.doesNotMatch((await run("--sandbox", "on", "-c"))[where], /has none/);
      assert.doesNotMatch((await run("--sandbox", "off")).err, /has none/);
      const events = await home.events(await home.lastSession());
      assert.ok(!events.some(({ event }) => event.type === "notice.shown"));
    });

  it("says that there is no sandbox if the configuration asks for one, and is silent by default", async () => {
    const opened = await scriptedEndpoint([answer("Done."), answer("Done.")]);
    endpoint = opened;
    const run = () => home.run(["run", ...endpointFlags(opened), "Go"]);
    assert.equal((await run()).err, "");
    configure(userFile(), { sandbox: "on" });
    assert.match((await run()).err, /warning: The sandbox is on, but this version of Tutti has none/);
  });

  it("limits the questions of one call of a plugin", async () => {
    await addPlugin(home, "asking", { command: [python, join(repository, "test/help/asking-plugin.py")] });
    for (const [count, output] of [
      [30, /0 refused/],
      [500, /470 refused: .*asked more than 30 questions in one call/],
    ] as const) {
      endpoint = await scriptedEndpoint([callTools(["asking__nag", { count }]), answer("Done.")]);
      await home.run(["run", ...endpointFlags(endpoint), "--mode", "auto", "Go"]);
      assert.match(JSON.stringify(endpoint.received[1]?.body), output);
      await endpoint.close();
    }
  });
});
