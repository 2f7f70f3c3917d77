/** Neovim with the configuration of docs/editors.md: diagnostic, code action, question, edit of unsaved text, lenses, undo. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { saveScreenshot } from "../help/golden.ts";
import { useTerminals } from "../help/screen.ts";
import { answer, type Received } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";
import { completesWith, completion, editorEnvironment, fromPage, type Program, withEditor } from "./editors.ts";

interface Seen {
  problem?: string;
  name: string;
  asked: string[];
  text: string;
  modified: boolean;
  lenses: string;
  undone: string;
  completed: string;
  messages: string;
}

const tests =
  (config: string) =>
  (program: Program): void => {
    const desk = useTerminals();

    it("fixes a diagnostic in unsaved text after approval, which can be kept or undone", async () => {
      const path = join(desk.home().work, "a.js");
      const before = "let a = 1;\nlet b = 2;\n";
      writeFileSync(path, before);
      const turns = [
        callTools(["read", { path }]),
        callTools(["edit", { path, edits: [{ old: "let a", new: "const a" }] }]),
        answer("Done."),
        { status: 401, body: ["no"] },
      ];
      const chats: Received[] = [];
      const endpoint = await desk.serve([completesWith("; // completed", turns, chats)]);
      const init = join(desk.home().root, "init.lua");
      writeFileSync(init, fromPage(config));
      const [out, go] = [join(desk.home().root, "seen.json"), join(desk.home().root, "go")];
      const script = `luafile ${join(import.meta.dirname, "neovim.lua")}`;
      const environment = editorEnvironment(desk.home(), endpoint.baseUrl, { completion });
      const words = ["-u", init, "-i", "NONE", "-n", path, "-c", script];
      const person = desk.openProgram([...program.argv, ...(program.headless ? ["--headless"] : []), ...words], {
        env: { ...environment, ...program.env, TUTTI_SEEN: out, TUTTI_GO: go },
        rows: 16,
      });
      if (!program.headless) {
        await person.waitFor(/1 edit by/);
        saveScreenshot(person, "editor-neovim");
      }
      writeFileSync(go, "");
      await person.exited;
      const screen = person.text().join("\n");
      assert.ok(existsSync(out), screen);
      const seen = JSON.parse(readFileSync(out, "utf8")) as Seen;
      assert.equal(seen.problem, undefined, `${seen.problem}\n${screen}\n${JSON.stringify(seen)}`);
      assert.equal(seen.name, "tutti");
      assert.equal(seen.text, "const a = 1;\n// not saved\nlet b = 2;");
      assert.equal(seen.modified, true);
      assert.match(seen.lenses, /1 edit by .*: Keep, Undo, Explain/);
      assert.equal(seen.undone, "let a = 1;\n// not saved\nlet b = 2;");
      assert.equal(readFileSync(path, "utf8"), before);
      assert.match(JSON.stringify(chats[1]?.body), /not saved/);
      assert.match(seen.completed, /; \/\/ completed/);
      assert.match(seen.asked.join("\n"), /a\.js[\s\S]*Approve/);
      assert.match(JSON.stringify(chats[3]?.body), /say hello/);
    });
  };

withEditor("Neovim of this system", tests("neovim-0.7.lua"));
withEditor("a newer Neovim", tests("neovim.lua"));
