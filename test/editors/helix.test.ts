/** Helix in a terminal with the lines of docs/editors.md: a review's finding, its fix, a question by message, the edit of unsaved text. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { openProgram, type Pane } from "../help/tmux.ts";
import { calling, eachInItsHome, type Home } from "../help/tutti.ts";
import { fromPage, surroundings, withEditor } from "./editors.ts";

withEditor("Helix", (program) => {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  let pane: Pane;
  eachInItsHome(
    (made) => {
      home = made;
    },
    async () => {
      await pane.close();
      await home.run(["stop"]);
      await endpoint.close();
    },
  );

  const say = async (line: string): Promise<void> => {
    pane.press("Escape");
    pane.type(":");
    await pane.until(/\n:/);
    pane.type(line);
    pane.press("Enter");
  };

  /** Its start takes a moment, of which the editor says nothing: asked until it knows a command. */
  const ready = async (): Promise<void> => {
    await say("lsp-workspace-command tutti.clearReview {}");
    await pane.until((rows) => !rows.some((row) => row.startsWith(":")));
    if (pane.rows().join("\n").includes("not supported")) await ready();
  };

  it("fixes a finding in text that is not saved, and asks first", async () => {
    const path = join(home.work, "a.js");
    const before = "let a = 1;\nlet b = 2;\n";
    writeFileSync(path, before);
    endpoint = await scriptedEndpoint([
      answer(JSON.stringify({ findings: [{ line: 1, severity: "warning", message: "use const" }] })),
      calling(["read", { path }]),
      calling(["edit", { path, edits: [{ old: "let a", new: "const a" }] }]),
      answer("Done."),
    ]);
    const env = { ...surroundings(home, endpoint.baseUrl), ...program.env };
    const config = join(home.root, "config", "helix");
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, "languages.toml"), fromPage("languages.toml"));
    pane = openProgram(home, [...program.argv, path], env);
    await pane.until(/let b = 2/);
    // A line of the person's own, above the others.
    pane.press("O");
    pane.type("// not saved");
    pane.press("Escape");
    await pane.until(/\/\/ not saved/);
    await ready();
    await say(`lsp-workspace-command tutti.review ${JSON.stringify({ uri: pathToFileURL(path).href })}`);
    await pane.until(/use const|found 1/);
    pane.press("g", "g", "x");
    pane.press("Space", "a");
    await pane.until(/Tutti: fix/);
    pane.press("Down", "Enter");
    await pane.until(/tutti\.answer/);
    await say('lsp-workspace-command tutti.answer "yes"');
    await pane.until(/const a = 1/);
    assert.ok(pane.rows().some((row) => row.includes("// not saved")));
    assert.equal(readFileSync(path, "utf8"), before);
    // Its save finds no file that others changed.
    await say("w");
    await pane.until(/written/);
    assert.equal(readFileSync(path, "utf8"), "// not saved\nconst a = 1;\nlet b = 2;\n");
  });
});
