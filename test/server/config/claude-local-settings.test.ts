/** The settings.local.json of Claude Code, with real files and real trust. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type FolderTrust, openFolderTrust } from "../../../server/config/folder-trust.ts";
import { loadConfig } from "../../../server/config/load.ts";
import { openTrustStore } from "../../../server/config/trust-store.ts";

describe("settings.local.json of Claude Code", () => {
  let root: string;
  let home: string;
  let repo: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-local-settings-")));
    home = join(root, "home");
    repo = join(root, "repo");
    mkdirSync(home);
    mkdirSync(join(repo, ".git"), { recursive: true });
    mkdirSync(join(repo, "packages/one"), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (path: string, content: unknown): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  const load = (cwd = repo, project = true) =>
    loadConfig({ keyNames: () => [], cwd, env: {}, platform: "linux", home, project });
  const open = (project = true): FolderTrust =>
    openFolderTrust({ store: openTrustStore(join(root, "trust.json")), home, project, load });
  const grant = async (cwd = repo): Promise<void> => {
    const { items } = await open().read(cwd);
    await open().grant(
      cwd,
      items.map(({ id }) => id),
    );
  };
  const states = async (cwd = repo) =>
    (await open().read(cwd)).items.map(
      ({ key, granted, changed }) => `${key} ${granted ? "granted" : changed ? "changed" : "new"}`,
    );
  const hook = (command: string) => [{ hooks: [{ type: "command", command }] }];
  const local = (content: unknown) => write("repo/.claude/settings.local.json", content);

  it("has hooks that need trust, and variables that override those of settings.json for all hooks", async () => {
    write("repo/.claude/settings.json", { hooks: { Stop: hook("shared") }, env: { LEVEL: "1", SHARED: "s" } });
    await grant();
    local({ hooks: { Stop: hook("mine"), SessionStart: hook("begin") }, env: { LEVEL: "2", MINE: "m", BAD: 3 } });
    assert.deepEqual(await states(), ["hooks.Stop changed", "hooks.Stop new", "hooks.SessionStart new"]);
    assert.deepEqual(await open().trustedCommandHooks(repo), []);
    await grant();
    const env = { LEVEL: "2", SHARED: "s", MINE: "m" };
    assert.deepEqual(
      (await open().trustedCommandHooks(repo)).map((one) => [one.command, one.source, one.env]),
      [
        ["shared", join(repo, ".claude/settings.json"), env],
        ["mine", join(repo, ".claude/settings.local.json"), env],
        ["begin", join(repo, ".claude/settings.local.json"), env],
      ],
    );
    assert.deepEqual(await open(false).trustedCommandHooks(repo), []);
    local({ hooks: { Stop: hook("mine") }, env: { LEVEL: "3" } });
    assert.deepEqual(await open().trustedCommandHooks(repo), []);
  });

  it("counts without settings.json, in each folder of the project, and not in the home folder", async () => {
    local({ hooks: { Stop: hook("top") } });
    write("repo/packages/one/.claude/settings.local.json", { hooks: { Stop: hook("one") } });
    write("home/.claude/settings.local.json", { hooks: { Stop: hook("own") }, permissions: { deny: ["Bash"] } });
    const one = join(repo, "packages/one");
    assert.deepEqual(await states(one), ["hooks.Stop new", "hooks.Stop new"]);
    await grant(one);
    assert.deepEqual(
      (await open().trustedCommandHooks(one)).map(({ command }) => command),
      ["top", "one"],
    );
    assert.deepEqual((await load()).config.permissions.deny, (await load(root)).config.permissions.deny);
  });

  it("is skipped alone if it is broken", async () => {
    write("repo/.claude/settings.json", { hooks: { Stop: hook("shared") } });
    local("{broken");
    const { items, problems } = await open().read(repo);
    assert.deepEqual([items.length, problems.length], [1, 1]);
    assert.match(problems[0] ?? "", /settings\.local\.json: The file is not JSON/);
  });

  it("has ask and deny rules, which count at once like those of settings.json, and allow rules, which never do", async () => {
    const before = (await load()).config.permissions;
    write("repo/.claude/settings.json", { permissions: { deny: ["Read(./.env)"], allow: ["Bash"] } });
    local({ permissions: { ask: ["Bash(git push:*)"], deny: ["WebFetch", "Flurb(x)"], allow: ["Edit"] } });
    const { config, problems, files } = await load();
    assert.deepEqual(config.permissions.deny, [...before.deny, "read(./.env)", "fetch"]);
    assert.deepEqual(config.permissions.ask, [...before.ask, "bash(git push:*)"]);
    assert.deepEqual(config.permissions.allow, before.allow);
    assert.match(problems.map(({ message }) => message).join(), /"Flurb\(x\)" has no effect/);
    assert.ok(files.includes(join(repo, ".claude/settings.local.json")));
    const without = await load(repo, false);
    assert.deepEqual(without.config.permissions, before);
  });
});
