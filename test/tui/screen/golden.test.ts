/** Golden screens: one walk through all scenes in two looks, and the three most telling scenes in all looks. */
import { writeFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Background, checkScreen } from "../../help/golden.ts";
import { type Size, type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer, chunk, type Script } from "../../help/scripted-endpoint.ts";
import { callTools, type Home } from "../../help/tutti.ts";

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
  { text: "Fix it", state: "active" },
  { text: "Test it", state: "pending" },
];

/** Calls, a response, and one that stays incomplete. */
const scripts = (): Script[] => [
  callTools(["plan", { items: plan }], ["read", { path: "add.js" }], ["grep", { pattern: "add", path: "." }]),
  callTools(["edit", { path: "add.js", old: "a - b", new: "a + b" }]),
  callTools(["bash", { command: "node -e 'console.log(1 + 2)'" }]),
  answer(MARKDOWN),
  {
    body: [chunk({ reasoning_content: "It should be tested.\nThen it is done." }), chunk({ content: "I am half" })],
    end: "open",
  },
];

/** `allScenes`: otherwise only `sampleScenes` are compared. */
const looks: { name: string; ground: Background; size: Size; allScenes?: true }[] = [
  { name: "dark", ground: "dark", size: {}, allScenes: true },
  { name: "60x20", ground: "dark", size: { columns: 60, rows: 20 }, allScenes: true },
  { name: "light", ground: "light", size: { env: { COLORFGBG: "0;15" } } },
  { name: "16", ground: "dark", size: { env: { COLORTERM: "", TERM: "xterm" } } },
  { name: "plain", ground: "dark", size: { env: { NO_COLOR: "1" } } },
  { name: "wide", ground: "dark", size: { columns: 140, rows: 40 } },
];

const sampleScenes: ReadonlySet<string> = new Set(["question-diff", "session", "palette"]);

const dialogs = [
  { command: "/theme", title: "Themes", screen: "themes" },
  { command: "/model", title: "Models", screen: "models" },
  { command: "/sessions", title: "Sessions", screen: "sessions" },
  { command: "/rewind", title: "Rewind to a prompt", screen: "rewind" },
  { command: "/keys", title: "Keys", screen: "keys" },
  { command: "/usage", title: "Usage", screen: "usage" },
  { command: "/context", title: "Context of this session", screen: "context" },
];

const isOpen = (rows: string[], title: string): boolean =>
  rows.some((row) => row.includes(title) && / esc\b/.test(row));

async function submit(one: TestTerminal, command: string): Promise<void> {
  one.type(command);
  await one.waitFor((rows) => rows.some((row) => row.includes(`› ${command}`)));
  one.press("enter");
}

/** Kills the server for good: no other one can create its socket. */
async function loseServer({ data, run }: Home): Promise<void> {
  const pid = Number(/process (\d+)/.exec((await run(["status"])).out)?.[1]);
  await rename(join(data, "run"), join(data, "run-before"));
  await writeFile(join(data, "run"), "");
  process.kill(pid, "SIGKILL");
}

describe("golden screens", function () {
  this.timeout(90_000);
  const terminals = useTerminals();

  for (const { name, ground, size, allScenes } of looks) {
    it(`match in the look ${name}`, async () => {
      writeFileSync(join(terminals.home().work, "add.js"), "export const add = (a, b) => a - b;\n");
      await terminals.serve(scripts());
      const theme = ground === "light" ? "catppuccin-latte" : "catppuccin-mocha";
      const one = await terminals.ready(["--theme", theme], size);
      const shot = async (screen: string): Promise<void> => {
        if (!allScenes && !sampleScenes.has(screen)) return;
        await one.waitUntilSettled();
        checkScreen(one, `${screen}-${name}`, ground);
      };
      const back = async (key: string): Promise<void> => {
        one.press(key);
        const open = (row: string): boolean => / esc\b|‹ \d+ of \d+ ›/.test(row);
        await one.waitFor((rows) => /Ask anything/.test(rows.join("\n")) && !rows.some(open));
        await one.waitUntilSettled();
      };

      await shot("home");
      await submit(one, "Fix add.js and explain what was wrong");
      await one.waitUntilAnswerable(/edit/);
      await shot("question-diff");
      one.press("1");
      await one.waitUntilAnswerable(/console\.log/);
      await shot("question");
      one.press("y");
      await one.waitFor(/It was a sign[\s\S]*Ask anything/);
      await shot("session");
      one.press("ctrl+x");
      one.press("home");
      await one.waitFor(/▌ Fix add\.js and explain/);
      await shot("beginning");
      await submit(one, "/find add.js");
      // The prompt is empty again once the command has run.
      await one.waitFor((rows) => !rows.some((row) => row.includes("› /find")));
      await shot("search");
      await back("escape");
      one.press("ctrl+x");
      one.press("end");
      await one.waitFor(/It was a sign/);
      one.press("ctrl+p");
      await one.waitFor(/type to search/);
      await shot("palette");
      if (!allScenes) return;
      await back("escape");
      one.type("/th");
      await one.waitFor(/\/theme/);
      await shot("slash");
      await back("ctrl+c");
      one.type("@ad");
      await one.waitFor((rows) => /^[ │]+add\.js *$/.test(rows.findLast((row) => row.includes("add.js")) ?? ""));
      await shot("mention");
      await back("ctrl+c");
      for (const { command, title, screen } of dialogs) {
        await submit(one, command);
        await one.waitFor((rows) => isOpen(rows, title) && !rows.some((row) => /^[ │]+…[ │]*$/.test(row)));
        // The catalog changes with every release.
        if (screen === "models") {
          one.type("rehearsal");
          await one.waitFor((rows) => /› rehearsal[\s\S]*rehearsal\/tour/.test(rows.join("\n")));
        }
        await shot(screen);
        await back("escape");
      }
      one.paste(Array.from({ length: 12 }, (_, index) => `row ${index}`).join("\n"));
      await one.waitFor(/\[Pasted 12 lines\]/);
      await shot("pasted");
      await back("ctrl+c");
      one.press("ctrl+x");
      await one.waitFor(/Start a new se/);
      await shot("which-key");
      await back("escape");

      await submit(one, "Test it");
      await one.waitFor(/I am half/);
      await submit(one, "and then rest");
      await one.waitFor((rows) => !rows.some((row) => row.includes("› and then rest")));
      await one.waitFor(/1 queued/);
      // The spinner keeps turning, so it never settles.
      checkScreen(one, `streaming-${name}`, ground);
      one.press("ctrl+t");
      await one.waitFor(/Then it is done/);
      checkScreen(one, `reasoning-${name}`, ground);
      await submit(one, "/queue");
      await one.waitFor((rows) => isOpen(rows, "Queue"));
      checkScreen(one, `queue-${name}`, ground);
      one.press("escape");
      await one.waitFor((rows) => !isOpen(rows, "Queue"));
      await submit(one, "/copy");
      await one.waitFor(/Copied the last/);
      checkScreen(one, `toast-${name}`, ground);

      const two = await terminals.ready(["--theme", theme], size);
      await two.waitFor(/Recent sessions/);
      await two.waitUntilSettled();
      checkScreen(two, `recent-${name}`, ground);

      await one.waitFor((rows) => !/Copied the last/.test(rows.join("\n")));
      await loseServer(terminals.home());
      await one.waitFor(/Reconnecting[\s\S]*disconnected/);
      await one.waitUntilSettled();
      checkScreen(one, `lost-${name}`, ground);
    });
  }

  it("match for a queue in the sidebar of a wide terminal", async () => {
    await terminals.serve([{ body: [chunk({ content: "I am half" })], end: "open" }]);
    const one = await terminals.ready(["--theme", "catppuccin-mocha"], { columns: 140, rows: 40 });
    await submit(one, "Test it");
    await one.waitFor(/I am half/);
    await submit(one, "and then rest");
    await one.waitFor(/Queue[\s\S]*and then rest/);
    checkScreen(one, "sidebar-queue-wide", "dark");
  });

  it("match for failed and denied calls", async () => {
    await terminals.serve([
      callTools(
        ["read", { path: "gone.js" }],
        ["bash", { command: "echo first; echo second; exit 3" }],
        ["bash", { command: "rm -r node_modules" }],
      ),
      answer("Nothing was changed."),
    ]);
    const one = await terminals.ready(["--theme", "catppuccin-mocha"]);
    await submit(one, "Look for gone.js");
    await one.waitUntilAnswerable(/exit 3/);
    one.press("1");
    await one.waitUntilAnswerable(/rm -r/);
    one.press("n");
    await one.waitFor(/Nothing was changed/);
    await one.waitUntilSettled();
    checkScreen(one, "calls-dark");
  });

  it("match for Vim modes", async () => {
    await terminals.home().run(["config", "set", "keys", "vim"]);
    const one = await terminals.ready(["--theme", "catppuccin-mocha"]);
    await one.waitFor(/INSERT/);
    one.type("Three words here");
    await one.waitFor(/Three words here/);
    one.press("escape");
    await one.waitFor(/NORMAL/);
    await one.waitUntilSettled();
    checkScreen(one, "vim-normal-dark");
    one.type("bviw");
    await one.waitFor(/VISUAL/);
    await one.waitUntilSettled();
    checkScreen(one, "vim-dark");
  });
});
