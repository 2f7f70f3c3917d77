import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { connectTo } from "../../../client/local.ts";
import type { Link } from "../../../protocol/link.ts";
import { initializeParams, startTestServer, type TestServer } from "../../help/test-server.ts";

describe("workspace methods", () => {
  let at: TestServer;
  let link: Link;
  const put = (name: string, text = ""): void => {
    const path = join(at.folder, "work", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  before(async () => {
    at = await startTestServer();
    link = await connectTo(at.path, undefined, { client: initializeParams.client, answers: false });
    put(".gitignore", "built/\n");
    put("built/server.js");
    put(
      "src/server/session.ts",
      "export class SessionStore {\n  const hidden = 1;\n}\nexport const sessionLimit = 3;\n",
    );
    put("src/server/serve.ts", "// the session\nlet sessions = typeof session;\n");
    put("src/view.go", "func (view *View) Session() {}\ntype sessionKey struct{}\n");
    put("tools/run.py", "class Tool:\n    def open_session(self):\n        session = constant\n");
    put("odd\nname\u0007.txt");
    put(".github/workflows/check.yml");
    put("readme.md");
  });
  after(async () => {
    await link.close();
    await at.close();
  });
  const find = async (text: string, limit = 50, cwd = join(at.folder, "work")) => {
    const { files, more } = await link.call("filesFind", { cwd, text, limit });
    return { names: files.map(({ name }) => name), more, files };
  };

  it("finds files by fuzzy match, best first", async () => {
    const { names, more, files } = await find("sess");
    assert.equal(names[0], "src/server/session.ts");
    assert.equal(files[0]?.path, join(at.folder, "work", "src/server/session.ts"));
    assert.equal(more, false);
    assert.deepEqual((await find("srvsess")).names, ["src/server/session.ts"]);
    assert.equal((await find("server/")).names[0], "src/server/");
    assert.deepEqual((await find("nothing like it")).names, []);
  });

  it("skips ignored files, and hidden ones unless requested", async () => {
    assert.deepEqual((await find("server.js")).names, []);
    assert.deepEqual((await find("check.yml")).names, []);
    assert.equal((await find(".github")).names[0], ".github/");
    assert.ok((await find(".github/wo")).names.includes(".github/workflows/check.yml"));
    assert.equal((await find("./readme")).names[0], "readme.md");
  });

  it("returns names unchanged, with any characters", async () =>
    assert.deepEqual((await find("oddname")).names, ["odd\nname\u0007.txt"]));

  it("reports that there are more matches", async () => {
    const { names, more } = await find("s", 2);
    assert.deepEqual([names.length, more], [2, true]);
  });

  it("lists files that open sessions changed first, then the top level", async () => {
    const by = { kind: "person", id: "local", name: "Ada" } as const;
    const session = await at.server.sessions.create(join(at.folder, "work"), by, { ephemeral: true });
    for (const name of ["src/view.go", "tools/run.py"]) {
      const change = { path: join(at.folder, "work", name), before: null, after: "h", added: 1, removed: 0 };
      await session.record({ type: "file.changed", change }, by);
    }
    const { names } = await find("");
    const top = ["odd\nname\u0007.txt", "readme.md", "src/", "tools/"];
    assert.deepEqual(names, ["tools/run.py", "src/view.go", ...top]);
  });

  it("returns no files for a missing folder", async () =>
    assert.deepEqual((await find("a", 50, join(at.folder, "none"))).names, []));

  it("finds definitions by name, without false matches", async () => {
    const { symbols } = await link.call("symbolsFind", { cwd: join(at.folder, "work"), text: "session" });
    assert.deepEqual(
      symbols.map(({ name, kind, path, line }) => [name, kind, path.slice(at.folder.length + 6), line]),
      [
        ["Session", "function", "src/view.go", 1],
        ["sessions", "variable", "src/server/serve.ts", 2],
        ["sessionKey", "type", "src/view.go", 2],
        ["SessionStore", "class", "src/server/session.ts", 1],
        ["sessionLimit", "constant", "src/server/session.ts", 4],
        ["open_session", "function", "tools/run.py", 2],
      ],
    );
    const { symbols: none } = await link.call("symbolsFind", { cwd: join(at.folder, "work"), text: "(.*" });
    assert.deepEqual(none, []);
    await assert.rejects(link.call("symbolsFind", { cwd: at.folder, text: "s" }), { code: "usage" });
  });

  it("returns the branch of a repository", async () => {
    const cwd = join(at.folder, "repository", "deep");
    mkdirSync(cwd, { recursive: true });
    const info = async (folder = cwd) => link.call("workspaceInfo", { cwd: folder });
    assert.deepEqual(await info(), { root: cwd, branch: null });
    const git = join(at.folder, "repository", ".git");
    mkdirSync(git);
    writeFileSync(join(git, "HEAD"), "ref: refs/heads/topic/branch\n");
    assert.equal((await info()).branch, "topic/branch");
    writeFileSync(join(git, "HEAD"), `${"0123456789".repeat(4)}\n`);
    assert.match((await info()).branch ?? "", /^0123456/);
    const tree = join(at.folder, "tree");
    mkdirSync(join(git, "worktrees", "tree"), { recursive: true });
    mkdirSync(tree);
    writeFileSync(join(git, "worktrees", "tree", "HEAD"), "ref: refs/heads/other\n");
    writeFileSync(join(tree, ".git"), `gitdir: ${join(git, "worktrees", "tree")}\n`);
    assert.equal((await info(tree)).branch, "other");
  });
});
