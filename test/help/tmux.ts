/** A terminal in tmux: another emulator than that of screen.ts, whose control mode reports output. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { bin } from "./build.ts";
import type { Home } from "./tutti.ts";

export interface Pane {
  type(text: string): void;
  /** Keys by tmux's names: `Enter`, `Escape`, `C-p`, `M-x`, `Up`. */
  press(...names: string[]): void;
  rows(): string[];
  until(what: RegExp | ((rows: string[]) => boolean)): Promise<void>;
  /** Terminal modes that the program has set: `alternate_on`, `cursor_flag`, `mouse_any_flag`. */
  flag(name: string): string;
  close(): Promise<void>;
}

const PATIENCE_MS = 10_000;

export const tmuxInstalled = spawnSync("tmux", ["-V"]).status === 0;

/** Runs the program from a shell in the pane. */
export function openPane(home: Home, args: readonly string[], env: Record<string, string> = {}): Pane {
  const tmux = (...words: string[]): string =>
    execFileSync("tmux", ["-S", join(home.root, "tmux"), "-f", "/dev/null", ...words], {
      cwd: home.work,
      env: { ...home.env, ...env },
      encoding: "utf8",
    });
  const line = [process.execPath, bin, ...args].map((word) => `'${word}'`).join(" ");
  tmux("new-session", "-d", "-x", "110", "-y", "36", "exec /bin/sh -i");
  tmux("set", "-g", "escape-time", "0");
  const control = spawn("tmux", ["-S", join(home.root, "tmux"), "-C", "attach"], { env: home.env });
  const gone = once(control, "close");
  control.stdin.write("refresh-client -C 110x36\n");
  const rows = (): string[] => tmux("capture-pane", "-p").split("\n");
  tmux("send-keys", "-l", line);
  tmux("send-keys", "Enter");
  return {
    type: (text) => void tmux("send-keys", "-l", "--", text),
    press: (...names) => void tmux("send-keys", ...names),
    rows,
    until(what) {
      const fits = typeof what === "function" ? what : (all: string[]) => what.test(all.join("\n"));
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          clearTimeout(timer);
          control.stdout.off("data", look);
        };
        const look = (): void => {
          if (!fits(rows())) return;
          leave();
          resolve();
        };
        const timer = setTimeout(() => {
          leave();
          reject(new Error(`not shown: ${String(what)}\n${rows().join("\n")}`));
        }, PATIENCE_MS);
        control.stdout.on("data", look);
        look();
      });
    },
    flag: (name) => tmux("display-message", "-p", `#{${name}}`).trim(),
    async close() {
      tmux("kill-server");
      await gone;
    },
  };
}
