/** Neovim with the lines of docs/editors.md: diagnostic, code action, question, edit of unsaved text, lenses, undo. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  answer,
  done,
  event,
  type Received,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../help/scripted-endpoint.ts";
import { calling, eachInItsHome, type Home } from "../help/tutti.ts";
import { endOf, fromPage, type Program, surroundings, withEditor } from "./editors.ts";

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

const completion = { inline: "on", model: "t/starcoder2" };
const completes = { body: [event({ choices: [{ text: "; // completed" }] }), done] };

const tests =
  (config: string) =>
  (program: Program): void => {
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

    it("fixes a diagnostic in text that is not saved, asks first, and can be kept or undone", async () => {
      const path = join(home.work, "a.js");
      const before = "let a = 1;\nlet b = 2;\n";
      writeFileSync(path, before);
      const turns = [
        calling(["read", { path }]),
        calling(["edit", { path, edits: [{ old: "let a", new: "const a" }] }]),
        answer("Done."),
        { status: 401, body: ["no"] },
      ];
      const chats: Received[] = [];
      endpoint = await scriptedEndpoint([
        (received) => {
          if (received.path.endsWith("/v1/completions")) return completes;
          return turns[chats.push(received) - 1] ?? answer("More.");
        },
      ]);
      const init = join(home.root, "init.lua");
      writeFileSync(init, fromPage(config));
      const out = join(home.root, "seen.json");
      const [command, ...words] = program.argv;
      const script = `luafile ${join(import.meta.dirname, "neovim.lua")}`;
      const child = spawn(command, [...words, "--headless", "-u", init, "-i", "NONE", "-n", path, "-c", script], {
        cwd: home.work,
        env: { ...surroundings(home, endpoint.baseUrl, { completion }), ...program.env, TUTTI_SEEN: out },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const said = await endOf(child);
      assert.ok(existsSync(out), said);
      const seen = JSON.parse(readFileSync(out, "utf8")) as Seen;
      assert.equal(seen.problem, undefined, `${seen.problem}\n${said}\n${JSON.stringify(seen)}`);
      assert.equal(seen.name, "tutti");
      assert.equal(seen.text, "const a = 1;\n// not saved\nlet b = 2;");
      assert.equal(seen.modified, true);
      assert.match(seen.lenses, /1 edit by .*: keep, undo, why/);
      assert.equal(seen.undone, "let a = 1;\n// not saved\nlet b = 2;");
      assert.equal(readFileSync(path, "utf8"), before);
      assert.match(JSON.stringify(chats[1]?.body), /not saved/);
      assert.match(seen.completed, /; \/\/ completed/);
      assert.match(seen.asked.join("\n"), /a\.js[\s\S]*Yes/);
      assert.match(JSON.stringify(chats[3]?.body), /say hello/);
    });
  };

withEditor("Neovim of this system", tests("neovim-0.7.lua"));
withEditor("a newer Neovim", tests("neovim.lua"));
