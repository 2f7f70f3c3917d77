import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Link } from "../../../protocol/link.ts";
import { connectTo } from "../../../client/local.ts";
import { hello, type Served, served } from "../../help/served.ts";

describe("a folder, as clients ask for it", () => {
  let at: Served;
  let link: Link;
  const put = (name: string, text = ""): void => {
    const path = join(at.folder, "work", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  before(async () => {
    at = await served();
    link = await connectTo(at.path, undefined, { client: hello.client, answers: false });
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

  it("has files by what was typed, the best first", async () => {
    const { names, more, files } = await find("sess");
    assert.equal(names[0], "src/server/session.ts");
    assert.equal(files[0]?.path, join(at.folder, "work", "src/server/session.ts"));
    assert.equal(more, false);
    assert.deepEqual((await find("srvsess")).names, ["src/server/session.ts"]);
    assert.equal((await find("server/")).names[0], "src/server/");
    assert.deepEqual((await find("nothing like it")).names, []);
  });

  it("leaves out what is ignored, and what is hidden until it is asked for", async () => {
    assert.deepEqual((await find("server.js")).names, []);
    assert.deepEqual((await find("check.yml")).names, []);
    assert.equal((await find(".github")).names[0], ".github/");
    assert.ok((await find(".github/wo")).names.includes(".github/workflows/check.yml"));
    assert.equal((await find("./readme")).names[0], "readme.md");
  });

  it("gives names as they are, whatever is in them", async () =>
    assert.deepEqual((await find("oddname")).names, ["odd\nname\u0007.txt"]));

  it("says that there is more than was asked for", async () => {
    const { names, more } = await find("s", 2);
    assert.deepEqual([names.length, more], [2, true]);
  });

  it("begins with what open sessions changed, then has what lies at the top", async () => {
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

  it("has no files where there is no folder", async () =>
    assert.deepEqual((await find("a", 50, join(at.folder, "none"))).names, []));

  it("has definitions by name, as lines can tell, and nothing that only looks like one", async () => {
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

  it("has a branch where there is a repository", async () => {
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
