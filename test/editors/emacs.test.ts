/** Emacs with the configuration of docs/editors.md: a review finding, its fix, the question, an edit of unsaved text. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { saveScreenshot } from "../help/golden.ts";
import { useTerminals } from "../help/screen.ts";
import { answer, type Received } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";
import { completesWith, completion, editorEnvironment, fromPage, withEditor } from "./editors.ts";

interface Seen {
  problem?: string;
  finding: string;
  text: string;
  modified: boolean;
  asked: string[];
  completed: string;
}

withEditor("Emacs", (program) => {
  const desk = useTerminals();

  it("fixes a finding in unsaved text after approval", async () => {
    const path = join(desk.home().work, "a.js");
    const before = "let a = 1;\nlet b = 2;\n";
    writeFileSync(path, before);
    const turns = [
      answer(JSON.stringify({ findings: [{ line: 1, severity: "warning", message: "use const" }] })),
      callTools(["read", { path }]),
      callTools(["edit", { path, edits: [{ old: "let a", new: "const a" }] }]),
      answer("Done."),
      { status: 401, body: ["no"] },
    ];
    const chats: Received[] = [];
    const endpoint = await desk.serve([completesWith("1 + 1;", turns, chats)]);
    const init = join(desk.home().root, "init.el");
    writeFileSync(init, fromPage("eglot.el"));
    const out = join(desk.home().root, "seen.json");
    const script = join(import.meta.dirname, "emacs.el");
    const start = ["-nw", "-q", "--eval", "(package-initialize)", "-l", init, "-l", script];
    const person = desk.openProgram([...program.argv, ...start], {
      env: {
        ...editorEnvironment(desk.home(), endpoint.baseUrl, { completion }),
        ...program.env,
        LC_ALL: "C.UTF-8",
        TUTTI_SEEN: out,
        TUTTI_FILE: path,
      },
      rows: 22,
    });
    // Includes the start of Emacs and of a server, and two turns.
    await person.waitFor(/Pick an action/, 50_000);
    person.press("tab", "tab");
    await person.waitFor(/Tutti: Keep 1 edit by/);
    saveScreenshot(person, "editor-emacs");
    person.type("Keep 1");
    person.press("tab", "enter");
    await person.exited;
    const screen = person.text().join("\n");
    assert.ok(existsSync(out), screen);
    const seen = JSON.parse(readFileSync(out, "utf8")) as Seen;
    assert.equal(seen.problem, undefined, `${screen}\n${JSON.stringify(seen)}`);
    assert.match(seen.finding, /use const/);
    assert.equal(seen.text, "const a = 1;\n// not saved\nlet b = 2;\n");
    assert.equal(seen.modified, true);
    assert.equal(readFileSync(path, "utf8"), before);
    assert.equal(seen.completed, "const a = 1;\n// not saved\nlet b = 2;\nlet c = 1 + 1;");
    assert.match(seen.asked.join("\n"), /a\.js/);
    assert.match(JSON.stringify(chats[4]?.body), /say hello/);
  });
});
