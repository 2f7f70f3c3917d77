/** Programs that a folder cannot replace, and git reads that run none of its hooks. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanSearchPath, findProgram, isInstalledProgram } from "../../../server/workspace/programs.ts";
import { buildReadEnvironment } from "../../../server/workspace/read-environment.ts";

describe("programs", () => {
  let outer: string;
  let root: string;
  beforeEach(() => {
    outer = realpathSync(mkdtempSync(join(tmpdir(), "tutti-programs-")));
    root = join(outer, "workspace");
    for (const folder of ["workspace/bin", "bin"]) mkdirSync(join(outer, folder), { recursive: true });
    for (const file of ["workspace/bin/p", "workspace/p", "bin/p", "bin/q"])
      writeFileSync(join(outer, file), "#!/bin/sh\n", { mode: 0o755 });
  });
  afterEach(() => rmSync(outer, { recursive: true }));

  it("are found in absolute folders outside of the workspace only", () => {
    symlinkSync(join(root, "bin"), join(outer, "linked"));
    symlinkSync(join(root, "p"), join(outer, "bin", "r"));
    const searchPath = [".", "", "bin", root, join(root, "bin"), join(outer, "linked"), join(outer, "bin")].join(":");
    assert.equal(cleanSearchPath(searchPath, root), join(outer, "bin"));
    assert.equal(findProgram("p", searchPath, root), join(outer, "bin/p"));
    assert.equal(findProgram("r", searchPath, root), null);
    assert.equal(findProgram("none", searchPath, root), null);
    assert.doesNotMatch(cleanSearchPath(":.:x"), /(^|:)(\.|x)?(:|$)/);
  });

  it("count as installed by their real path, not if a launcher chooses the version", () => {
    for (const [name, real] of [
      ["npm", "/usr/lib/node_modules/npm/bin/npm-cli.js"],
      ["python3", "/usr/bin/python3.11"],
      ["gcc", "/usr/bin/x86_64-linux-gnu-gcc-12"],
      ["git", "/usr/bin/git"],
      ["ruby", "/home/a/.rbenv/versions/3.3.0/bin/ruby"],
    ] as const)
      assert.ok(isInstalledProgram(name, real), real);
    for (const [name, real] of [
      ["cargo", "/home/a/.cargo/bin/rustup"],
      ["cargo", "/usr/bin/rustup"],
      ["python3", "/home/a/.pyenv/shims/python3"],
      ["npm", "/usr/lib/node_modules/corepack/dist/npm.js"],
      ["ruby", "/home/a/.local/bin/mise"],
      ["ruby", "/home/a/.asdf/shims/ruby"],
      ["gcc", "/usr/bin/ccache"],
      ["jq", "/home/a/bin/jq"],
    ] as const)
      assert.ok(!isInstalledProgram(name, real), real);
  });

  it("of git run no hook of the repository while they read", () => {
    const git = (words: string[], env: Record<string, string> = {}) =>
      execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@b", ...words], {
        env: { PATH: process.env.PATH ?? "", HOME: outer, ...env },
        stdio: "ignore",
      });
    git(["init", "--quiet"]);
    git(["add", "p"]);
    git(["commit", "--quiet", "-m", "first"]);
    mkdirSync(join(root, ".git/hooks"), { recursive: true });
    writeFileSync(join(root, ".git/hooks/post-index-change"), `#!/bin/sh\n/usr/bin/touch "${outer}/ran"\n`, {
      mode: 0o755,
    });
    const makeStale = (time: number) => utimesSync(join(root, "p"), time, time);
    makeStale(1);
    git(["diff"], buildReadEnvironment(process.env, root));
    assert.ok(!existsSync(join(outer, "ran")));
    makeStale(2);
    git(["diff"]);
    assert.ok(existsSync(join(outer, "ran")));
  });
});
