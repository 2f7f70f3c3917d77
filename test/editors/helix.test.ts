/** Helix with the configuration of docs/editors.md: a finding, its fix in unsaved text, a question as a message, edit actions, completion. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { saveScreenshot } from "../help/golden.ts";
import { type TestTerminal, useTerminals } from "../help/screen.ts";
import { answer, type Received } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";
import { completesWith, completion, editorEnvironment, fromPage, withEditor } from "./editors.ts";

withEditor("Helix", (program) => {
  const desk = useTerminals();
  let person: TestTerminal;

  const say = async (line: string): Promise<void> => {
    person.type(":");
    await person.waitFor(/\n:/);
    person.type(line);
    person.press("enter");
  };

  /** Waits, because a key directly after Escape would be read as Alt. */
  const leave = async (): Promise<void> => {
    await person.waitFor(/ INS /);
    person.press("escape");
    await person.waitFor(/ NOR /);
  };

  /** Waits for the language server: retries until the editor knows a command. */
  const ready = async (): Promise<void> => {
    await say("lsp-workspace-command tutti.clearReview {}");
    await person.waitFor((rows) => !rows.some((row) => row.startsWith(":")));
    if (person.text().join("\n").includes("not supported")) await ready();
  };

  const choose = async (title: RegExp, picture?: string): Promise<void> => {
    person.press("space", "a");
    await person.waitFor(title);
    if (picture !== undefined) saveScreenshot(person, picture);
    const titles = person.text().filter((row) => row.includes("Tutti: "));
    // The first is chosen already.
    for (let down = titles.findIndex((row) => title.test(row)); down > 0; down--) person.press("down");
    person.press("enter");
  };

  const nothingLeftToKeep = async (): Promise<void> => {
    const hasMenu = (rows: string[]): boolean => rows.some((row) => row.includes("Tutti: Explain"));
    await person.waitFor((rows) => !hasMenu(rows));
    person.press("space", "a");
    await person.waitFor(hasMenu);
    const left = person.text().some((row) => row.includes("Tutti: Keep"));
    person.press("escape");
    if (left) await nothingLeftToKeep();
  };

  it("fixes a finding in unsaved text after approval, keeps the edit, and completes", async () => {
    const path = join(desk.home().work, "a.js");
    const before = "let a = 1;\nlet b = 2;\n";
    writeFileSync(path, before);
    const turns = [
      answer(JSON.stringify({ findings: [{ line: 2, severity: "warning", message: "use const" }] })),
      callTools(["read", { path }]),
      callTools(["edit", { path, edits: [{ old: "let a", new: "const a" }] }]),
      answer("Done."),
    ];
    const chats: Received[] = [];
    const endpoint = await desk.serve([completesWith("1 + 1;", turns, chats)]);
    const env = { ...editorEnvironment(desk.home(), endpoint.baseUrl, { completion }), ...program.env };
    const config = join(desk.home().root, "config", "helix");
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, "languages.toml"), fromPage("languages.toml"));
    person = desk.openProgram([...program.argv, path], { env, rows: 24 });
    await person.waitFor(/let b = 2/);
    // A line of the person's own, above the others.
    person.press("O");
    person.type("// not saved");
    await leave();
    await ready();
    await say(`lsp-workspace-command tutti.review ${JSON.stringify({ uri: pathToFileURL(path).href })}`);
    await person.waitFor(/use const|found 1/);
    person.press("g", "g", "j", "x");
    await choose(/Tutti: Fix/, "editor-helix");
    await person.waitFor(/tutti\.answer/);
    await say('lsp-workspace-command tutti.answer "yes"');
    await person.waitFor(/const a = 1/);
    assert.ok(person.text().some((row) => row.includes("// not saved")));
    assert.equal(readFileSync(path, "utf8"), before);
    const [, , asked] = chats;
    assert.match(JSON.stringify(asked?.body), /use const[\s\S]*not saved/);
    await choose(/Tutti: Keep 1 edit by/);
    await nothingLeftToKeep();
    person.press("g", "e", "o");
    person.type("let c = ");
    person.press("ctrl+x");
    await person.waitFor(/1 \+ 1; +snippet/);
    person.press("ctrl+n", "enter");
    await leave();
    // Its save finds no file that others changed.
    await say("w");
    await person.waitFor(/written/);
    assert.equal(readFileSync(path, "utf8"), "// not saved\nconst a = 1;\nlet b = 2;\nlet c = 1 + 1;\n");
  });
});
