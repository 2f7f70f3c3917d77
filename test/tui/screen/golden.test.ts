/** What the screens look like: one way through all of them, in every look. */
import { writeFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkScreen, type Ground } from "../../help/golden.ts";
import { eachAtATerminal, type Person, type Size } from "../../help/screen.ts";
import { answer, chunk, type Script } from "../../help/scripted-endpoint.ts";
import { calling, type Home } from "../../help/tutti.ts";

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

const plan = [
  { text: "Read it", state: "done" },
  { text: "Mend it", state: "active" },
  { text: "Test it", state: "pending" },
];

/** Calls, an answer, and one that stays half. */
const scripts = (): Script[] => [
  calling(["plan", { items: plan }], ["read", { path: "add.js" }], ["grep", { pattern: "add", path: "." }]),
  calling(["edit", { path: "add.js", old: "a - b", new: "a + b" }]),
  calling(["bash", { command: "node -e 'console.log(1 + 2)'" }]),
  answer(MARKDOWN),
  {
    body: [chunk({ reasoning_content: "It should be tested.\nThen it is done." }), chunk({ content: "I am half" })],
    end: "open",
  },
];

const looks: { name: string; ground: Ground; size: Size }[] = [
  { name: "dark", ground: "dark", size: {} },
  { name: "light", ground: "light", size: { env: { COLORFGBG: "0;15" } } },
  { name: "16", ground: "dark", size: { env: { COLORTERM: "", TERM: "xterm" } } },
  { name: "plain", ground: "dark", size: { env: { NO_COLOR: "1" } } },
  { name: "60x20", ground: "dark", size: { columns: 60, rows: 20 } },
  { name: "wide", ground: "dark", size: { columns: 140, rows: 40 } },
];

const dialogs = [
  { command: "/theme", title: "Themes", screen: "themes" },
  { command: "/model", title: "Models", screen: "models" },
  { command: "/sessions", title: "Sessions", screen: "sessions" },
  { command: "/rewind", title: "Go back to a prompt", screen: "rewind" },
  { command: "/keys", title: "Keys", screen: "keys" },
  { command: "/usage", title: "Usage of this session", screen: "usage" },
];

const isOpen = (rows: string[], title: string): boolean =>
  rows.some((row) => row.includes(title) && / esc\b/.test(row));

async function give(one: Person, command: string): Promise<void> {
  one.type(command);
  await one.until((rows) => rows.some((row) => row.includes(`› ${command}`)));
  one.press("enter");
}

/** For good: where its socket was, none can be made. */
async function loseServer({ data, run }: Home): Promise<void> {
  const pid = Number(/process (\d+)/.exec((await run(["status"])).out)?.[1]);
  await rename(join(data, "run"), join(data, "run-before"));
  await writeFile(join(data, "run"), "");
  process.kill(pid, "SIGKILL");
}

describe("the screens of the terminal", function () {
  this.timeout(90_000);
  const desk = eachAtATerminal();

  for (const { name, ground, size } of looks) {
    it(`look as they did: ${name}`, async () => {
      writeFileSync(join(desk.home().work, "add.js"), "export const add = (a, b) => a - b;\n");
      await desk.serve(scripts());
      const theme = ground === "light" ? "catppuccin-latte" : "catppuccin-mocha";
      const one = await desk.ready(["--theme", theme], size);
      const shot = async (screen: string): Promise<void> => {
        await one.settled();
        checkScreen(one, `${screen}-${name}`, ground);
      };
      const back = async (key: string): Promise<void> => {
        one.press(key);
        const open = (row: string): boolean => / esc\b|‹ \d+ of \d+ ›/.test(row);
        await one.until((rows) => /Ask anything/.test(rows.join("\n")) && !rows.some(open));
        await one.settled();
      };

      await shot("home");
      await give(one, "Mend add.js and say what was wrong");
      await one.asked(/edit/);
      await shot("question-diff");
      one.press("1");
      await one.asked(/console\.log/);
      await shot("question");
      one.press("y");
      await one.until(/It was a sign[\s\S]*Ask anything/);
      await shot("session");
      one.press("ctrl+x");
      one.press("home");
      await one.until(/▌ Mend add\.js and say/);
      await shot("beginning");
      await give(one, "/find add.js");
      // The line is empty again once it was taken.
      await one.until((rows) => !rows.some((row) => row.includes("› /find")));
      await shot("search");
      await back("escape");
      one.press("ctrl+x");
      one.press("end");
      await one.until(/It was a sign/);
      one.press("ctrl+p");
      await one.until(/type to search/);
      await shot("palette");
      await back("escape");
      one.type("/th");
      await one.until(/\/theme/);
      await shot("slash");
      await back("ctrl+c");
      one.type("@ad");
      await one.until((rows) => /^[ │]+add\.js *$/.test(rows.findLast((row) => row.includes("add.js")) ?? ""));
      await shot("mention");
      await back("ctrl+c");
      for (const { command, title, screen } of dialogs) {
        await give(one, command);
        await one.until((rows) => isOpen(rows, title) && !rows.some((row) => / {3}…( |$)/.test(row)));
        // What the catalog knows changes with every release.
        if (screen === "models") {
          one.type("rehearsal");
          await one.until((rows) => /› rehearsal[\s\S]*rehearsal\/tour/.test(rows.join("\n")));
        }
        await shot(screen);
        await back("escape");
      }
      one.paste(Array.from({ length: 12 }, (_, index) => `row ${index}`).join("\n"));
      await one.until(/\[Pasted 12 lines\]/);
      await shot("pasted");
      await back("ctrl+c");
      one.press("ctrl+x");
      await one.until(/New session/);
      await shot("which-key");
      await back("escape");

      await give(one, "Test it");
      await one.until(/I am half/);
      await give(one, "and then rest");
      await one.until((rows) => !rows.some((row) => row.includes("› and then rest")));
      await one.until(name === "wide" ? /Queue[\s\S]*and then rest/ : /1 queued/);
      // Its spinner never rests.
      checkScreen(one, `streaming-${name}`, ground);
      one.press("ctrl+t");
      await one.until(/Then it is done/);
      checkScreen(one, `reasoning-${name}`, ground);
      await give(one, "/queue");
      await one.until((rows) => isOpen(rows, "Queue"));
      checkScreen(one, `queue-${name}`, ground);
      one.press("escape");
      await one.until((rows) => !isOpen(rows, "Queue"));
      await give(one, "/copy");
      await one.until(/in the clipboard/);
      checkScreen(one, `toast-${name}`, ground);

      const two = await desk.ready(["--theme", theme], size);
      await two.until(/Here before/);
      await two.settled();
      checkScreen(two, `recent-${name}`, ground);

      await one.until((rows) => !/in the clipboard/.test(rows.join("\n")));
      await loseServer(desk.home());
      await one.until(/Connecting again[\s\S]*no server/);
      await one.settled();
      checkScreen(one, `lost-${name}`, ground);
    });
  }

  it("look as they did: calls that failed and were refused", async () => {
    await desk.serve([
      calling(
        ["read", { path: "gone.js" }],
        ["bash", { command: "echo first; echo second; exit 3" }],
        ["bash", { command: "rm -r node_modules" }],
      ),
      answer("Nothing was changed."),
    ]);
    const one = await desk.ready(["--theme", "catppuccin-mocha"]);
    await give(one, "Look for gone.js");
    await one.asked(/exit 3/);
    one.press("1");
    await one.asked(/rm -r/);
    one.press("n");
    await one.until(/Nothing was changed/);
    await one.settled();
    checkScreen(one, "calls-dark");
  });

  it("look as they did: vim", async () => {
    await desk.home().run(["config", "set", "keys", "vim"]);
    const one = await desk.ready(["--theme", "catppuccin-mocha"]);
    await one.until(/INSERT/);
    one.type("Three words here");
    await one.until(/Three words here/);
    one.press("escape");
    await one.until(/NORMAL/);
    await one.settled();
    checkScreen(one, "vim-normal-dark");
    one.type("bviw");
    await one.until(/VISUAL/);
    await one.settled();
    checkScreen(one, "vim-dark");
  });
});
