/**
 * What the screens look like, as pictures that can be read as text: test/golden holds them, and `UPDATE_GOLDEN=1` draws them anew.
 * Those that the documents show are copies in docs/screens.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eachAtATerminal, type Person, type Size } from "../../help/screen.ts";
import { answer, chunk } from "../../help/scripted-endpoint.ts";
import { svgOf } from "../../help/svg.ts";
import { calling } from "../../help/tutti.ts";

const root = join(import.meta.dirname, "../../..");
const inDocs = new Set(["home-dark", "session-dark", "question-dark", "palette-dark", "themes-dark", "vim-dark"]);

/** What differs from one run to the next keeps its width, and says nothing. */
const steady = (svg: string): string =>
  svg
    .replaceAll(/tutti-run-\w{6}/g, "tutti-run-000000")
    .replaceAll(/\d\.\ds/g, "0.0s")
    .replaceAll(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] \d+s/g, "⠋ 1s")
    .replaceAll(/[0-9a-z]{29}/g, (id) => (/\d/.test(id) ? "0".repeat(29) : id));

const text = (svg: string): string =>
  [...svg.matchAll(/<text x="([\d.]+)" y="(\d+)"[^>]*>([^<]*)</g)]
    .map(([, x, y, said]) => `${y} ${x} ${said}`)
    .join("\n");

const grounds = {
  dark: { background: "#1e1e2e", text: "#cdd6f4" },
  light: { background: "#eff1f5", text: "#4c4f69" },
};

function check(person: Person, name: string, ground: keyof typeof grounds = "dark"): void {
  const svg = steady(svgOf(person.emulator, grounds[ground]));
  const paths = [join(root, "test/golden", `${name}.svg`)];
  if (inDocs.has(name)) paths.push(join(root, "docs/screens", `${name}.svg`));
  for (const path of paths) {
    if (process.env.UPDATE_GOLDEN) {
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, svg);
      continue;
    }
    const golden = readFileSync(path, "utf8");
    assert.equal(text(svg), text(golden), `${name}: the text differs from ${path}`);
    assert.equal(svg, golden, `${name}: colors or places differ from ${path}`);
  }
}

const MARKDOWN = `# What I found

The function **subtracts**. See [the page](https://example.com/add) and \`add.js\`:

\`\`\`js
// Adds two numbers.
export const add = (a, b) => a + b;
\`\`\`

| case | before | after |
| --- | ---: | ---: |
| 1 and 2 | -1 | 3 |
| 日本 | 0 | 4 |

1. The tests pass.
2. Nothing else changed.

> It was a sign.`;

const looks: { name: string; ground: keyof typeof grounds; size: Size }[] = [
  { name: "dark", ground: "dark", size: {} },
  { name: "light", ground: "light", size: { env: { COLORFGBG: "0;15" } } },
  { name: "16", ground: "dark", size: { env: { COLORTERM: "", TERM: "xterm" } } },
  { name: "plain", ground: "dark", size: { env: { NO_COLOR: "1" } } },
  { name: "60x20", ground: "dark", size: { columns: 60, rows: 20 } },
  { name: "wide", ground: "dark", size: { columns: 140, rows: 40 } },
];

describe("the screens of the terminal", function () {
  this.timeout(90_000);
  const desk = eachAtATerminal();

  for (const { name, ground, size } of looks) {
    it(`look as they did: ${name}`, async () => {
      const gate = Promise.withResolvers<void>();
      writeFileSync(join(desk.home().work, "add.js"), "export const add = (a, b) => a - b;\n");
      await desk.serve([
        calling(
          [
            "plan",
            {
              items: [
                { text: "Read it", state: "done" },
                { text: "Mend it", state: "active" },
                { text: "Test it", state: "pending" },
              ],
            },
          ],
          ["read", { path: "add.js" }],
          ["grep", { pattern: "add", path: "." }],
        ),
        calling(["edit", { path: "add.js", old: "a - b", new: "a + b" }]),
        calling(["bash", { command: "node -e 'console.log(1 + 2)'" }]),
        answer(MARKDOWN),
        {
          body: [
            chunk({ reasoning_content: "It should be tested.\nThen it is done." }),
            chunk({ content: "I am half" }),
            gate.promise,
          ],
          end: "open",
        },
      ]);
      const theme = ground === "light" ? "catppuccin-latte" : "catppuccin-mocha";
      await desk.home().run(["config", "set", "theme", theme]);
      const one = desk.sit(["--theme", theme], size);
      const shot = async (screen: string): Promise<void> => {
        await one.settled();
        check(one, `${screen}-${name}`, ground);
      };
      await one.until((rows) => /Ask anything/.test(rows.join("\n")) && !/connecting/.test(rows.join("\n")));
      await shot("home");
      one.type("Mend add.js and say what was wrong");
      await one.until(/wrong/);
      one.press("enter");
      await one.until(/number or Enter answers/);
      await shot("question-diff");
      await new Promise((resolve) => setTimeout(resolve, 400));
      one.press("1");
      await one.until(/console\.log[\s\S]*number or Enter answers/);
      await shot("question");
      await new Promise((resolve) => setTimeout(resolve, 400));
      one.press("y");
      await one.until(/It was a sign/);
      await shot("session");
      one.press("ctrl+p");
      await one.until(/type to search/);
      await shot("palette");
      one.press("escape");
      await one.settled();
      one.type("/themes".slice(0, 3));
      await one.until(/\/theme/);
      await shot("slash");
      one.press("ctrl+c");
      await one.settled();
      one.type("@ad");
      await one.until((rows) => rows.filter((row) => row.includes("add.js")).length > 0 && /@ad/.test(rows.join("\n")));
      await one.settled();
      await shot("mention");
      one.press("ctrl+c");
      await one.settled();
      for (const [command, title] of [
        ["/theme", "Themes"],
        ["/sessions", "Sessions"],
        ["/rewind", "Go back to a prompt"],
        ["/keys", "Keys"],
        ["/usage", "Usage of this session"],
      ] as const) {
        one.type(command);
        await one.until(new RegExp(`› ${command}`));
        one.press("enter");
        await one.until((rows) => rows.some((row) => row.includes(title)) && !rows.some((row) => row.trim() === "…"));
        await shot(command === "/theme" ? "themes" : command.slice(1));
        one.press("escape");
        await one.settled();
      }
      one.paste(Array.from({ length: 12 }, (_, index) => `row ${index}`).join("\n"));
      await one.until(/\[Pasted 12 lines\]/);
      await shot("pasted");
      one.press("ctrl+c");
      await one.settled();
      one.press("ctrl+x");
      await one.until(/New session/);
      await shot("which-key");
      one.press("escape");
      await one.settled();
      one.type("Test it");
      await one.until(/Test it/);
      one.press("enter");
      await one.until(/I am half/);
      one.type("and then rest");
      one.press("enter");
      await one.until((rows) => !rows.some((row) => row.includes("› and then rest")));
      await one.until(name === "wide" ? /Queue[\s\S]*and then rest/ : /I am half/);
      // Its spinner never rests.
      check(one, `streaming-${name}`, ground);
    });
  }

  it("look as they did: vim", async () => {
    await desk.home().run(["config", "set", "keys", "vim"]);
    const one = desk.sit(["--theme", "catppuccin-mocha"]);
    await one.until(/INSERT/);
    one.type("Three words here");
    await one.until(/Three words here/);
    one.press("escape");
    await one.until(/NORMAL/);
    one.type("bviw");
    await one.until(/VISUAL/);
    await one.settled();
    check(one, "vim-dark");
  });
});
