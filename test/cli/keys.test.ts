/** API keys in the environment of a run go to their provider and nowhere else. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answer, chunk, done, finish, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { callTools, type Home, useHomes } from "../help/tutti.ts";

const key = "canary-a1b2c3d4e5f6-in-use";
const other = "canary-9z8y7x6w5v4u-of-another";
const word = "development";

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

describe("API keys in the environment", () => {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    () => endpoint?.close(),
  );
  const env = () => ({
    TUTTI_KEYCHAIN: "off",
    TUTTI_BASE_URL: endpoint.baseUrl,
    TUTTI_MODEL: "m",
    TUTTI_API_KEY: key,
    GROQ_API_KEY: other,
    SESSION_KEY: word,
  });
  const foundIn = async (text: string): Promise<string[]> => {
    const found = text.includes(key) || text.includes(other) ? ["output"] : [];
    for (const file of await filesBelow(home.root)) {
      const content = await readFile(file, "latin1");
      if (content.includes(key) || content.includes(other)) found.push(file);
    }
    return found;
  };

  it("are sent only to their provider, never to a model, command, screen, log or recording", async () => {
    // A program may look at the processes above it, whose environment is open to the same user.
    const look = `env
      [ -e /proc/self/environ ] || exit 0
      p=$$
      while [ "$p" -gt 1 ]; do tr '\\0' '\\n' </proc/$p/environ; p=$(cut -d' ' -f4 /proc/$p/stat); done 2>/dev/null
      true`;
    await writeFile(join(home.work, "look.sh"), look);
    const halves = [key.slice(0, 12), key.slice(12)];
    endpoint = await scriptedEndpoint([
      callTools(["bash", { command: "sh look.sh" }]),
      {
        body: [
          ...halves.map((content) => chunk({ reasoning_content: content })),
          ...halves.map((content) => chunk({ content })),
          chunk({ content: ` is the key of ${word}.` }),
          finish(),
          done,
        ],
      },
    ]);
    const flags = [
      "--mode",
      "auto",
      "--allow",
      "*",
      "--format",
      "stream-json",
      "--include-partial-messages",
      "--verbose",
    ];
    const ran = await home.run(["run", ...flags, "--record", join(home.root, "recording.json"), `Use ${other}.`], {
      env: env(),
    });
    assert.equal(ran.code, 0, ran.err);
    assert.equal(endpoint.received[0]?.headers.authorization, `Bearer ${key}`);
    assert.equal(endpoint.received.length, 2);
    const sent = endpoint.received.map(({ body }) => JSON.stringify(body)).join("\n");
    assert.match(sent, /GIT_TERMINAL_PROMPT=0/);
    assert.doesNotMatch(sent, /canary-/);
    if (existsSync("/proc/self/environ")) assert.match(sent, /GROQ_API_KEY=\[redacted key\]/);
    assert.match(ran.out, /is the key of development\./);
    assert.deepEqual(await foundIn(ran.out + ran.err), []);
  });

  it("are redacted from a provider's error message", async () => {
    for (const shown of [key, `sk-proj-${"x1".repeat(20)}`]) {
      const body = [
        JSON.stringify({ error: { message: `Incorrect API key provided: ${shown}`, code: "invalid_api_key" } }),
      ];
      endpoint = await scriptedEndpoint([{ status: 401, body }]);
      const { code, out, err } = await home.run(["run", "--verbose", "Go."], { env: env() });
      assert.equal(code, 41);
      assert.match(err, /\[key hidden\]/);
      assert.ok(!(out + err).includes(shown));
      assert.deepEqual(await foundIn(out + err), []);
      if (shown === key) await endpoint.close();
    }
  });

  it("are not printed by configuration commands", async () => {
    endpoint = await scriptedEndpoint([answer("never")]);
    for (const args of [
      ["config", "list"],
      ["config", "list", "--format", "json"],
      ["providers", "list"],
      ["doctor"],
    ]) {
      const { out, err } = await home.run(args, { env: env() });
      assert.notEqual(out + err, "");
      assert.deepEqual(await foundIn(out + err), [], args.join(" "));
    }
  });
});
