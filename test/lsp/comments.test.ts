/** Comment commands: which are found, and which are run. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commentSyntax } from "../../lsp/comment-syntax.ts";
import { findCommands, removeCommands } from "../../lsp/comments.ts";
import { useEditors } from "../help/editor.ts";
import { answer } from "../help/scripted-endpoint.ts";

const cases: [file: string, text: string, found: string[], rest: string][] = [
  ["a.ts", "a();\n// tutti! do it\nb();\n", ["do do it"], "a();\nb();\n"],
  ["a.ts", "a(); // tutti? why so\nb();\n", ["ask why so"], "a();\nb();\n"],
  ["a.ts", "/* tutti! make\n * it short */\nb();\n", ["do make it short"], "b();\n"],
  ["a.ts", "/**\n * tutti! in a doc comment\n */\nb();\n", ["do in a doc comment"], "b();\n"],
  ["a.ts", 'const a = "// tutti! not this";\n', [], 'const a = "// tutti! not this";\n'],
  ["a.ts", "const a = `\n// tutti! nor this\n`;\n", [], "const a = `\n// tutti! nor this\n`;\n"],
  ["a.ts", 'const a = "\\"// tutti! nor this";\n', [], 'const a = "\\"// tutti! nor this";\n'],
  [
    "a.ts",
    "// say tutti! in the middle\n// tutti!\n// tuttifrutti! x\n",
    [],
    "// say tutti! in the middle\n// tutti!\n// tuttifrutti! x\n",
  ],
  ["a.py", 'x = """\n# tutti! no\n"""\n# TUTTI! yes\n', ["do yes"], 'x = """\n# tutti! no\n"""\n'],
  ["a.rs", "fn f<'a>(x: &'a str) {} // tutti! life\n", ["do life"], "fn f<'a>(x: &'a str) {}\n"],
  ["a.html", "<p><!-- tutti? what --></p>\n", ["ask what"], "<p></p>\n"],
  ["a.lua", "-- tutti! local\r\nx = 1\r\n", ["do local"], "x = 1\r\n"],
  ["a.sql", "select 1; -- tutti! two", ["do two"], "select 1;"],
  ["Makefile", "# tutti! all\nall:\n", ["do all"], "all:\n"],
  ["a.unknown", "# tutti! all\n", [], "# tutti! all\n"],
];

describe("comment commands", () => {
  for (const [file, text, found, rest] of cases)
    it(`finds commands in ${file}: ${JSON.stringify(text)}`, () => {
      const syntax = commentSyntax("", file);
      const commands = syntax ? findCommands(text, syntax) : [];
      assert.deepEqual(
        commands.map((one) => `${one.kind} ${one.text}`),
        found,
      );
      assert.equal(removeCommands(text, commands), rest);
    });
});

describe("comment commands in an editor", () => {
  const { home, endpoint, openWith } = useEditors();
  const path = (): string => join(home().work, "a.ts");
  const asked = (): string[] =>
    endpoint().received.map(
      ({ body }) => /said:[^"]*/.exec(JSON.stringify(body.messages).replaceAll("\\n", " "))?.[0] ?? "",
    );

  it("runs a comment once on save, however often it is saved or undone", async () => {
    writeFileSync(path(), "a();\n");
    const editor = await openWith([answer("Done.")]);
    const uri = editor.open(path(), "a();\n");
    const typed = "// tutti! do it\na();\n";
    editor.type(uri, typed);
    writeFileSync(path(), typed);
    editor.save(uri);
    editor.save(uri);
    await editor.waitForText(uri, (text) => text === "a();\n");
    await endpoint().request(0);
    writeFileSync(path(), "a();\n");
    editor.save(uri);
    // The user undoes the edit that removed the comment, and saves.
    editor.type(uri, typed);
    writeFileSync(path(), typed);
    editor.save(uri);
    editor.type(uri, "// tutti! do more\na();\n");
    editor.save(uri);
    await endpoint().request(1);
    assert.deepEqual(asked().map((text) => /do \w+/.exec(text)?.[0]).length, 2);
    assert.match(JSON.stringify(endpoint().received[1]?.body), /do more/);
  });

  it("ignores comments that were there before or came from disk", async () => {
    const before = "// tutti! from the repository\na();\n";
    writeFileSync(path(), before);
    const editor = await openWith([answer("Done.")]);
    const uri = editor.open(path(), before);
    editor.type(uri, `${before}b();\n`);
    editor.save(uri);
    // Another branch is checked out, and the editor reloads the file.
    const branch = "// tutti! from a branch\na();\n";
    writeFileSync(path(), branch);
    editor.type(uri, branch);
    editor.save(uri);
    editor.type(uri, "// tutti? by hand\na();\n");
    editor.save(uri);
    await endpoint().request(0);
    assert.equal(endpoint().received.length, 1);
    assert.match(JSON.stringify(endpoint().received[0]?.body), /by hand/);
    assert.equal(readFileSync(path(), "utf8"), branch);
  });

  it("ignores comments if they are turned off", async () => {
    const editor = await openWith([answer("Done.")], { options: { comments: "off" } });
    const uri = editor.open(path(), "a();\n");
    editor.type(uri, "// tutti! do it\na();\n");
    editor.save(uri);
    await editor.command("tutti.prompt", "By command.");
    assert.match(JSON.stringify((await endpoint().request(0)).body), /By command/);
    assert.match(editor.text(uri), /tutti!/);
  });
});
