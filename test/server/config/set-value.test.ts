/** Editing, showing and watching configuration files. */
import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getConfig, hiddenValue, listConfig, maskSecrets } from "../../../server/config/list-values.ts";
import { loadConfig } from "../../../server/config/load.ts";
import { buildConfigJsonSchema } from "../../../server/config/schema.ts";
import { parseKeyPath, setConfig, unsetConfig } from "../../../server/config/set-value.ts";
import { watchConfig } from "../../../server/config/watch.ts";

describe("configuration files", () => {
  let root: string;
  let file: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-edit-")));
    file = join(root, "made", "tutti.jsonc");
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (content: string) => {
    mkdirSync(join(root, "made"), { recursive: true });
    writeFileSync(file, content);
  };

  it("are complete at every moment while several processes write (S36)", async () => {
    write('{ "theme": "t0" }');
    let writes = true;
    const all = Promise.all(Array.from({ length: 20 }, (_, at) => setConfig(file, "theme", `t${at}`))).finally(() => {
      writes = false;
    });
    while (writes) {
      assert.match(readFileSync(file, "utf8"), /^\{ "theme": "t\d+" \}$/);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
    assert.match(readFileSync(file, "utf8"), /^\{ "theme": "t\d+" \}$/);
    assert.deepEqual(readdirSync(join(root, "made")), ["tutti.jsonc"]);
  });

  it("preserves comments, order and layout", async () => {
    write(
      '{\n  // mine\n  "theme": "dark", // for the night\n  "permissions": {\n    "deny": ["bash(rm:*)"], /* never */\n  },\n}\n',
    );
    await setConfig(file, "theme", "light");
    await setConfig(file, "permissions.mode", "edit");
    await setConfig(file, "notify", "false");
    const text = readFileSync(file, "utf8");
    for (const comment of ["// mine", '"light", // for the night', "/* never */", '"mode": "edit"', '"notify": false'])
      assert.ok(text.includes(comment), `${comment} in ${text}`);
    await unsetConfig(file, "theme");
    assert.ok(!readFileSync(file, "utf8").includes('"theme"'));
    assert.ok(readFileSync(file, "utf8").includes("// mine"));
    await unsetConfig(file, "notify");
    await unsetConfig(file, "permissions.deny");
    assert.equal(readFileSync(file, "utf8").includes("/* never */"), true);
    await unsetConfig(file, "permissions");
    await unsetConfig(file, "nothing.there");
    assert.doesNotMatch(readFileSync(file, "utf8"), /deny|mode|notify/);
  });

  it("removes the comma of the last key, so that plain JSON stays valid", async () => {
    write('{ "theme": "dark", "notify": true, "keys": "vim" }');
    await unsetConfig(file, "keys");
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), { theme: "dark", notify: true });
    await unsetConfig(file, "theme");
    await unsetConfig(file, "notify");
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), {});
  });

  it("creates the file for its owner only, and leaves no temporary files", async () => {
    await unsetConfig(file, "theme");
    await setConfig(file, 'providers."my.host".baseUrl', "http://127.0.0.1:8000/v1");
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), {
      providers: { "my.host": { baseUrl: "http://127.0.0.1:8000/v1" } },
    });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(root, "made")).mode & 0o777, 0o700);
    chmodSync(file, 0o644);
    await setConfig(file, "theme", "dark");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(root, "made")), ["tutti.jsonc"]);
  });

  it("rejects an invalid key or value, and changes nothing", async () => {
    const before = '{ "theme": "dark" }';
    write(before);
    await assert.rejects(
      setConfig(file, "permissions.mode", "yolo"),
      /The value was not changed: permissions.mode is "yolo" and must be one of plan, ask, edit, auto\./,
    );
    await assert.rejects(setConfig(file, "themes", "x"), /Unknown key "themes"\. Did you mean "theme"\?/);
    await assert.rejects(setConfig(file, "permissions..mode", "ask"), /is not a valid key/);
    await assert.rejects(setConfig(file, "__proto__.x", "ask"), /not allowed/);
    assert.equal(readFileSync(file, "utf8"), before);
    write('{ "theme": ');
    await assert.rejects(setConfig(file, "theme", "light"), /tutti\.jsonc:1:\d+ cannot be parsed\. Fix it first/);
    assert.equal(readFileSync(file, "utf8"), '{ "theme": ');
  });

  it("writes through a link", async () => {
    mkdirSync(join(root, "dotfiles"));
    mkdirSync(join(root, "made"));
    writeFileSync(join(root, "dotfiles", "tutti.jsonc"), "{}");
    symlinkSync("../dotfiles/tutti.jsonc", file);
    await setConfig(file, "theme", "dark");
    assert.ok(readFileSync(join(root, "dotfiles", "tutti.jsonc"), "utf8").includes("dark"));
  });

  it("are complete at every moment during many writes", async () => {
    write('{ "theme": "start" }');
    const writers = Array.from({ length: 20 }, (_, at) => setConfig(file, "theme", `t${at}`));
    let done = false;
    const all = Promise.all(writers).then(() => (done = true));
    let reads = 0;
    while (!done || reads === 0) {
      assert.match(JSON.parse(readFileSync(file, "utf8")).theme, /^(start|t\d+)$/);
      reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
    assert.deepEqual(readdirSync(join(root, "made")), ["tutti.jsonc"]);
  });

  it("reads keys with quoted names", () => {
    assert.deepEqual(parseKeyPath('providers."a.b".x'), ["providers", "a.b", "x"]);
    assert.deepEqual(parseKeyPath("theme"), ["theme"]);
  });

  it("lists every value with its source and masks keys", async () => {
    const keys = [
      "sk-proj-abcdefghij0123456789",
      "plain-password",
      "Basic dXNlcjpwYXNz",
      "eyJhbGciOiJIUzI1NiJ9.e30.x",
      "ghp_0123456789abcdefghij0123456789abcdef",
      "hunter2",
    ];
    const userFile = join(root, "u.jsonc");
    writeFileSync(
      userFile,
      JSON.stringify({
        model: "a.b/c",
        providers: {
          "a.b": {
            baseUrl: `https://user:${keys[5]}@host.example/v1`,
            apiKey: keys[0],
            headers: { "X-Thing": keys[1], Authorization: keys[2] },
            query: { k: keys[3] },
          },
        },
        plugins: { p: { command: ["x", "--token", keys[4]], env: { P: keys[1] } } },
        instructions: ["docs/a.md"],
      }),
    );
    const loaded = await loadConfig({
      keyNames: () => [],
      cwd: root,
      env: { TUTTI_API_KEY: keys[1], TUTTI_BASE_URL: "http://127.0.0.1:1/v1" },
      platform: "linux",
      home: root,
      configFile: userFile,
    });
    const printed = JSON.stringify([
      listConfig(loaded),
      maskSecrets(loaded.config),
      getConfig(loaded, "providers"),
      getConfig(loaded, "providers.a.b.apiKey"),
      getConfig(loaded, "plugins.p"),
    ]);
    for (const key of keys) assert.ok(!printed.includes(key), key);
    assert.deepEqual(getConfig(loaded, "model"), { key: "model", value: "a.b/c", source: userFile });
    assert.equal(getConfig(loaded, "providers.a.b.apiKey")?.value, hiddenValue);
    assert.equal(getConfig(loaded, "providers.env.baseUrl")?.value, "http://127.0.0.1:1/v1");
    assert.equal(getConfig(loaded, "nothing"), undefined);
    assert.ok(
      listConfig(loaded).some(
        ({ key, value, source }) => key === "permissions.mode" && value === "ask" && source === "default",
      ),
    );
  });

  it("exports a JSON Schema", () => {
    const schema = buildConfigJsonSchema() as { properties: Record<string, { description?: string }> };
    assert.ok(schema.properties.providers?.description);
    assert.ok(schema.properties.model);
  });

  it("reports when a file is written, replaced, created or removed, and nothing else", async () => {
    write("{}");
    const later = join(root, "later", ".tutti", "tutti.jsonc");
    let wake: () => void = () => undefined;
    const next = () => new Promise<void>((resolve) => (wake = resolve));
    let count = 0;
    const watch = await watchConfig(
      [file, later],
      () => {
        count += 1;
        wake();
      },
      20,
    );
    const seen = async (act: () => void) => {
      const changed = next();
      act();
      await changed;
    };
    await seen(() => writeFileSync(file, '{"theme":"a"}'));
    await seen(() => {
      writeFileSync(`${file}.tmp`, '{"theme":"b"}');
      renameSync(`${file}.tmp`, file);
    });
    await seen(() => rmSync(file));
    await seen(() => {
      mkdirSync(join(root, "later", ".tutti"), { recursive: true });
      writeFileSync(later, "{}");
    });
    assert.ok(count >= 4);
    await watch.close();
  });
});
