/** Emacs with the lines of docs/editors.md: a review's finding, its fix, the question, the edit of unsaved text. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { calling, eachInItsHome, type Home } from "../help/tutti.ts";
import { endOf, fromPage, surroundings, withEditor } from "./editors.ts";

interface Seen {
  problem?: string;
  finding: string;
  text: string;
  modified: boolean;
  asked: string[];
}

withEditor("Emacs", (program) => {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  eachInItsHome(
    (made) => {
      home = made;
    },
    async () => {
      await home.run(["stop"]);
      await endpoint.close();
    },
  );

  it("fixes a finding in text that is not saved, and asks first", async () => {
    const path = join(home.work, "a.js");
    const before = "let a = 1;\nlet b = 2;\n";
    writeFileSync(path, before);
    endpoint = await scriptedEndpoint([
      answer(JSON.stringify({ findings: [{ line: 1, severity: "warning", message: "use const" }] })),
      calling(["read", { path }]),
      calling(["edit", { path, edits: [{ old: "let a", new: "const a" }] }]),
      answer("Done."),
      { status: 401, body: ["no"] },
    ]);
    const init = join(home.root, "init.el");
    writeFileSync(init, fromPage("eglot.el"));
    const out = join(home.root, "seen.json");
    const [command, ...words] = program.argv;
    const child = spawn(
      command,
      [
        ...words,
        "--batch",
        "-l",
        "package",
        "--eval",
        "(package-initialize)",
        "-l",
        init,
        "-l",
        join(import.meta.dirname, "emacs.el"),
      ],
      {
        cwd: home.work,
        env: { ...surroundings(home, endpoint.baseUrl), ...program.env, TUTTI_SEEN: out, TUTTI_FILE: path },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const said = await endOf(child);
    assert.ok(existsSync(out), said);
    const seen = JSON.parse(readFileSync(out, "utf8")) as Seen;
    assert.equal(seen.problem, undefined, `${said}\n${JSON.stringify(seen)}`);
    assert.match(seen.finding, /use const/);
    assert.equal(seen.text, "const a = 1;\n// not saved\nlet b = 2;\n");
    assert.equal(seen.modified, true);
    assert.equal(readFileSync(path, "utf8"), before);
    assert.match(seen.asked.join("\n"), /a\.js/);
    assert.match(JSON.stringify(endpoint.received[4]?.body), /say hello/);
  });
});
