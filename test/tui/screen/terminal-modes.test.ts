/** The terminal is restored however the program ends; it is idle at rest, and every size works. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Size, type TestTerminal, useTerminals } from "../../help/screen.ts";
import { chunk } from "../../help/scripted-endpoint.ts";

const modes = ["1049", "2004", "1004", "1000", "1002", "1006"] as const;

/** The modes that are still set after these bytes, the cursor if it is hidden, and the title if it was not restored. */
function left(raw: string): string[] {
  const last = (mode: string): string | undefined =>
    [...raw.matchAll(new RegExp(`\\x1b\\[\\?${mode}([hl])`, "g"))].at(-1)?.[1];
  const count = (sequence: string): number => raw.split(sequence).length - 1;
  return [
    ...modes.filter((mode) => last(mode) === "h"),
    ...(last("25") === "l" ? ["cursor"] : []),
    ...(count("\x1b[22;2t") > count("\x1b[23;2t") ? ["title"] : []),
  ];
}

describe("terminal modes and drawing", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  const begin = async (size: Size = {}): Promise<TestTerminal> => {
    const terminal = await terminals.ready([], size);
    await terminal.waitUntilSettled();
    return terminal;
  };

  for (const signal of ["SIGTERM", "SIGHUP", "SIGKILL"] as const) {
    it(`are restored after ${signal}`, async () => {
      const one = await begin();
      assert.deepEqual(left(one.raw()).includes("1049"), true);
      process.kill(one.pid, signal);
      await one.exited;
      await one.waitFor(() => left(one.raw()).length === 0);
    });
  }

  it("are restored on quit", async () => {
    const one = await begin();
    one.press("ctrl+d");
    assert.equal(await one.exited, 0);
    await one.waitFor(() => left(one.raw()).length === 0);
  });

  it("are restored after a crash, whose error stays readable", async () => {
    // Only in the process with the terminal, not in the server.
    const fault = `if(process.stdout.isTTY)process.on("SIGUSR2",()=>{throw(Error("a_fault"))})`;
    const one = await begin({ env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}` } });
    process.kill(one.pid, "SIGUSR2");
    assert.notEqual(await one.exited, 0);
    await one.waitFor(() => left(one.raw()).length === 0);
    assert.match(one.raw().slice(one.raw().lastIndexOf("\x1b[?1049l")), /a_fault/);
  });

  it("write nothing at rest", async () => {
    const one = await begin();
    const before = one.raw().length;
    // Other processes run for longer than any interval that could cause a frame.
    const end = performance.now() + 2_500;
    while (performance.now() < end) await terminals.home().run(["--version"]);
    assert.equal(one.raw().length, before);
  });

  it("draw at most thirty frames a second during a fast response", async () => {
    const text = async function* (): AsyncGenerator<string> {
      for (let count = 0; count < 200; count++) {
        yield chunk({ content: `word ${count} ` });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      yield "data: [DONE]\n\n";
    };
    await terminals.serve([{ body: text() }]);
    const one = await begin();
    one.type("Go");
    await one.waitFor(/› Go/);
    const [from, at] = [one.raw().length, performance.now()];
    one.press("enter");
    await one.waitFor(/word 199/);
    const seconds = (performance.now() - at) / 1000;
    const frames = one.raw().slice(from).split("\x1b[?2026h").length - 1;
    assert.ok(frames > 10 && frames / seconds <= 31, `${frames} in ${seconds} s`);
  });

  it("fit every size during a response", async () => {
    const end = Promise.withResolvers<void>();
    let going = true;
    const text = async function* (): AsyncGenerator<string> {
      for (let count = 0; going; count++) {
        yield chunk({ content: `word ${count} ` });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      yield chunk({ content: "Finished." });
      yield "data: [DONE]\n\n";
      end.resolve();
    };
    await terminals.serve([{ body: text() }]);
    const one = await begin({ columns: 40, rows: 12 });
    one.type("Go");
    await one.waitFor(/› Go/);
    one.press("enter");
    await one.waitFor(/word 9/);
    for (const [columns, rows] of [
      [400, 120],
      [61, 13],
      [40, 12],
    ] as const) {
      one.resize(columns, rows);
      await one.waitFor(
        (shown) => /ask/.test(shown.at(-1) ?? "") && shown.filter((row) => row.includes("▁▁▁")).length === 1,
      );
    }
    going = false;
    await end.promise;
    await one.waitFor(/Finished\./);
    await one.waitUntilSettled();
    const before = one.text();
    one.press("ctrl+l");
    await one.waitUntilSettled();
    assert.deepEqual(before, one.text());
  });

  it("fit every size while it changes", async () => {
    await terminals.serve([
      {
        body: [
          chunk({ content: "A line that is long enough to be broken in a narrow window. ".repeat(20) }),
          "data: [DONE]\n\n",
        ],
      },
    ]);
    const one = await begin();
    one.type("Go");
    await one.waitFor(/› Go/);
    one.press("enter");
    await one.waitFor(/narrow window/);
    for (const [columns, rows] of [
      [40, 12],
      [400, 120],
      [60, 20],
    ] as const) {
      one.resize(columns, rows);
      await one.waitFor(
        (shown) => shown.length === rows && /›/.test(shown.slice(-3).join("\n")) && /ask/.test(shown.at(-1) ?? ""),
      );
      await one.waitUntilSettled();
      assert.equal(one.text().filter((row) => row.includes("▁▁▁")).length, 1, one.text().join("\n"));
      assert.match(one.text().join("\n"), /window/);
    }
  });

  it("reload a changed configuration and a changed user theme", async () => {
    const one = await begin();
    await terminals.home().run(["config", "set", "theme", "dracula"]);
    await one.waitFor(() => one.raw().includes("38;2;248;248;242"));
    const themes = join(terminals.home().env.HOME ?? "", ".config/tutti/themes");
    await mkdir(themes, { recursive: true });
    await writeFile(join(themes, "mine.json"), '{"extends":"dracula","colors":{"text":"#123456"}}');
    await terminals.home().run(["config", "set", "theme", "mine"]);
    await one.waitFor(() => one.raw().includes("38;2;18;52;86"));
    await writeFile(join(themes, "mine.json"), '{"extends":"dracula","colors":{"text":"#654321"}}');
    await one.waitFor(() => one.raw().includes("38;2;101;67;33"));
    await terminals.home().run(["config", "set", "keys", "vim"]);
    await one.waitFor(/INSERT/);
  });

  it("suspend on Ctrl+Z, and redraw on resume", async () => {
    const one = await begin({ shell: true });
    one.press("ctrl+z");
    await one.waitFor(/Stopped/);
    // The shell sets the mode of pastes for itself.
    assert.deepEqual(
      left(one.raw()).filter((mode) => mode !== "2004"),
      [],
    );
    one.type("fg\r");
    await one.waitFor(/Ask anything/);
    assert.ok(left(one.raw()).includes("1049"));
    one.press("ctrl+d");
    await one.waitFor(() => !left(one.raw()).includes("1049"));
  });
});
