/**
 * The built program in a pseudo-terminal, with a real terminal emulator. Tests wait for what is shown, not for time, except to detect
 * that no more output follows.
 */
import { type IPty, spawn } from "@lydell/node-pty";
import unicode from "@xterm/addon-unicode11";
import xterm from "@xterm/headless";
import { bin } from "./build.ts";
import { type ScriptedEndpoint, scriptedEndpoint } from "./scripted-endpoint.ts";
import { type Home, useHomes } from "./tutti.ts";

export interface Size {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
  /** Starts `tutti` from a shell. */
  shell?: true;
}

export interface TestTerminal {
  pid: number;
  emulator: xterm.Terminal;
  type(text: string): void;
  /** Keys by name: `enter`, `escape`, `ctrl+p`, `alt+b`, `up`. */
  press(...names: string[]): void;
  paste(text: string): void;
  /** Left click on a cell, counted from 0. */
  click(x: number, y: number): void;
  /** Clicks the first match on the screen once it is shown, with the delay of a user. */
  clickOn(what: string | RegExp): Promise<void>;
  /** Turns the wheel over the first match on the screen. */
  wheel(by: number, exited?: string): void;
  resize(columns: number, rows: number): void;
  /** The rows of the screen, without trailing spaces. */
  text(): string[];
  /** Resolves when the screen matches; rejects after a timeout, by default ten seconds. */
  waitFor(what: RegExp | ((rows: string[]) => boolean), withinMs?: number): Promise<void>;
  /** Resolves when nothing was written for longer than two frames. Does not work while a spinner turns. */
  waitUntilSettled(): Promise<void>;
  /** Resolves when the question that shows this accepts an answer: its key hints appear then. */
  waitUntilAnswerable(what: RegExp): Promise<void>;
  /** All output that the terminal received. */
  raw(): string;
  exited: Promise<number>;
  /** Closes the terminal, as when its window is closed or the connection to its host is lost. */
  hangUp(): void;
  close(): Promise<void>;
}

const QUIET_MS = 150;
const GRACE_MS = 400;
const DARK = "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\";

const namedKeys: Record<string, string> = {
  enter: "\r",
  escape: "\x1b",
  tab: "\t",
  backspace: "\x7f",
  space: " ",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  pageup: "\x1b[5~",
  pagedown: "\x1b[6~",
  delete: "\x1b[3~",
  f1: "\x1bOP",
  f3: "\x1bOR",
  f6: "\x1b[17~",
  "shift+f3": "\x1b[1;2R",
  "shift+tab": "\x1b[Z",
  "shift+enter": "\x1b[13;2u",
  "ctrl+enter": "\x1b[13;5u",
  "ctrl+up": "\x1b[1;5A",
  "ctrl+down": "\x1b[1;5B",
  "ctrl+space": "\x00",
};

export function keyBytes(name: string): string {
  const known = namedKeys[name];
  if (known !== undefined) return known;
  const control = /^ctrl\+([a-z[\]\\^_])$/.exec(name)?.[1];
  if (control) return String.fromCharCode(control.toUpperCase().charCodeAt(0) - 64);
  const alt = /^alt\+(.+)$/.exec(name)?.[1];
  if (alt) return `\x1b${keyBytes(alt)}`;
  if ([...name].length === 1) return name;
  throw new Error(`no bytes are known for the key ${name}`);
}

export function openTestTerminal(home: Home, args: readonly string[], size: Size = {}): TestTerminal {
  if (!size.shell) return openProgram(home, [process.execPath, bin, ...args], size);
  const person = openProgram(home, ["/bin/bash", "--norc", "-i"], size);
  person.type(`"${process.execPath}" "${bin}" ${args.join(" ")}\r`);
  return person;
}

/** Runs any program. */
export function openProgram(home: Home, [program, ...words]: readonly string[], size: Size = {}): TestTerminal {
  const { columns = 100, rows = 30, env = {}, shell = false } = size;
  const pty: IPty = spawn(program ?? "", words, {
    cwd: home.work,
    env: { ...home.env, COLORTERM: "truecolor", ...env },
    cols: columns,
    rows,
    name: env.TERM ?? "xterm-256color",
  });
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
  emulator.loadAddon(new unicode.Unicode11Addon());
  emulator.unicode.activeVersion = "11";
  // What the emulator answers is what a terminal answers; the color of its background it does not know.
  emulator.onData((data) => pty.write(data));
  let raw = "";
  let gone = false;
  const listeners = new Set<() => void>();
  pty.onData((data) => {
    raw += data;
    if (data.includes("\x1b]11;?")) pty.write(DARK);
    // A terminal shows no picture that is half drawn.
    const half = raw.lastIndexOf("\x1b[?2026h") > raw.lastIndexOf("\x1b[?2026l");
    emulator.write(data, () => {
      if (half) return;
      for (const look of [...listeners]) look();
    });
  });
  const exited = new Promise<number>((resolve) =>
    pty.onExit(({ exitCode, signal }) => {
      gone = true;
      resolve(signal ? 128 + signal : exitCode);
    }),
  );
  const text = (): string[] => {
    const { active } = emulator.buffer;
    return Array.from(
      { length: emulator.rows },
      (_, y) => active.getLine(active.baseY + y)?.translateToString(true, 0, emulator.cols) ?? "",
    );
  };
  const mouse = (code: number, x: number, y: number, end: "M" | "m"): void =>
    pty.write(`\x1b[<${code};${x + 1};${y + 1}${end}`);
  const click = (x: number, y: number): void => {
    mouse(0, x, y, "M");
    mouse(0, x, y, "m");
  };
  const waitFor = (what: RegExp | ((rows: string[]) => boolean), withinMs = 10_000): Promise<void> => {
    const fits = typeof what === "function" ? what : (all: string[]) => what.test(all.join("\n"));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        listeners.delete(look);
        reject(new Error(`not shown: ${String(what)}${gone ? " (the program has ended)" : ""}\n${text().join("\n")}`));
      }, withinMs);
      const look = (): void => {
        if (!fits(text())) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  };
  /** The cell in the middle of the match, from 0. */
  const place = (rows: readonly string[], what: string | RegExp): { x: number; y: number } | null => {
    for (const [y, row] of rows.entries()) {
      const found = typeof what === "string" ? what : (what.exec(row)?.[0] ?? "\0");
      const at = row.indexOf(found);
      if (at >= 0) return { x: cellOf(y, at + Math.floor(found.length / 2)), y };
    }
    return null;
  };
  /** Wide characters take two cells. */
  const cellOf = (y: number, offset: number): number => {
    const row = emulator.buffer.active.getLine(emulator.buffer.active.baseY + y);
    let [cell, taken] = [0, 0];
    while (row && taken <= offset && cell < emulator.cols) {
      const one = row.getCell(cell);
      taken += (one?.getChars() || " ").length;
      if (taken > offset) break;
      cell += Math.max(1, one?.getWidth() ?? 1);
    }
    return cell;
  };
  return {
    pid: pty.pid,
    emulator,
    type: (typed) => pty.write(typed),
    press(...names) {
      for (const name of names) pty.write(keyBytes(name));
    },
    paste: (pasted) => pty.write(`\x1b[200~${pasted}\x1b[201~`),
    click,
    async clickOn(what) {
      await waitFor((rows) => place(rows, what) !== null);
      await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
      const at = place(text(), what);
      if (!at) throw new Error(`${what} is not shown:\n${text().join("\n")}`);
      click(at.x, at.y);
    },
    wheel(by, over = "") {
      const { x, y } = place(text(), over) ?? { x: 0, y: 0 };
      for (let count = 0; count < Math.abs(by); count++) mouse(by < 0 ? 64 : 65, x, y, "M");
    },
    resize(to, high) {
      emulator.resize(to, high);
      pty.resize(to, high);
    },
    text,
    waitFor,
    waitUntilSettled: () =>
      new Promise((resolve) => {
        let timer: NodeJS.Timeout;
        const again = (): void => {
          clearTimeout(timer);
          timer = setTimeout(() => {
            listeners.delete(again);
            resolve();
          }, QUIET_MS);
        };
        listeners.add(again);
        again();
      }),
    async waitUntilAnswerable(what) {
      const question = (rows: readonly string[]): string => rows.filter((row) => row.startsWith("┃")).join("\n");
      await waitFor((rows) => what.test(question(rows)) && /to answer/.test(question(rows)));
    },
    raw: () => raw,
    exited,
    // Missing in the type declarations.
    hangUp: () => (pty as unknown as { destroy(): void }).destroy(),
    async close() {
      if (!gone) pty.kill(shell ? "SIGKILL" : "SIGTERM");
      await exited;
      emulator.dispose();
    },
  };
}

export interface TerminalSuite {
  home(): Home;
  /** Starts the endpoint for the terminals of the test. Without it they use the built-in rehearsal. */
  serve(scripts: Parameters<typeof scriptedEndpoint>[0]): Promise<ScriptedEndpoint>;
  endpoint(): ScriptedEndpoint;
  /** Opens a terminal. */
  open(args?: readonly string[], size?: Size): TestTerminal;
  /** Opens a terminal with another program, which may start `tutti`. */
  openProgram(argv: readonly string[], size?: Size): TestTerminal;
  /** Opens a terminal, and waits until it is connected to the server. */
  ready(args?: readonly string[], size?: Size): Promise<TestTerminal>;
}

/** Gives each test of a suite its terminals, and closes them, the server and the endpoint afterwards. */
export function useTerminals(): TerminalSuite {
  let home: Home;
  let endpoint: ScriptedEndpoint | undefined;
  const terminals: TestTerminal[] = [];
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await Promise.all(terminals.splice(0).map((person) => person.close()));
      await home.stop();
      await endpoint?.close();
      endpoint = undefined;
    },
  );
  const suite: TerminalSuite = {
    home: () => home,
    async serve(scripts) {
      endpoint = await scriptedEndpoint(scripts);
      return endpoint;
    },
    endpoint() {
      if (!endpoint) throw new Error("call serve first: there is no endpoint");
      return endpoint;
    },
    open(args = [], size = {}) {
      const env = { ...(endpoint && { TUTTI_BASE_URL: endpoint.baseUrl }), ...size.env };
      const person = openTestTerminal(home, ["--model", "env/m", ...args], { ...size, env });
      terminals.push(person);
      return person;
    },
    openProgram(argv, size) {
      const person = openProgram(home, argv, size);
      terminals.push(person);
      return person;
    },
    async ready(args, size) {
      const person = suite.open(args, size);
      await person.waitFor((rows) => /›/.test(rows.join("\n")) && !rows.join("\n").includes("connecting"));
      return person;
    },
  };
  return suite;
}
