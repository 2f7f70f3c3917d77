/** `tutti` and `tutti DIR`: the terminal UI, or, for a screen reader or a plain terminal, the same line by line. */
import { isAbsolute, resolve } from "node:path";
import { wrong } from "./args.ts";
import type { Command, Input } from "./command.ts";
import { settingsFlags, settingsOf } from "./settings-flags.ts";

export const tui: Command = {
  name: "",
  operands: "[DIR]",
  purpose: "The terminal UI, in this folder or another.",
  flags: [
    { name: "continue", short: "c", purpose: "go on with the last session of this folder" },
    { name: "session", short: "s", value: "ID", purpose: "go on with this session" },
    { name: "fork", purpose: "with -c or -s: in a copy of it" },
    { name: "prompt", value: "TEXT", purpose: "begin with this prompt" },
    ...settingsFlags,
    { name: "attach", value: "URL", purpose: "show the server at this socket or address instead of your own" },
    { name: "token-file", value: "FILE", purpose: "with --attach ws://…: the token of that server" },
    { name: "inline", purpose: "on the terminal's own screen: what was said stays in its scrollback" },
    { name: "line", purpose: "line by line, nothing drawn twice: for screen readers and plain terminals" },
  ],
  examples: ["tutti ~/projects/site", "tutti --continue --theme dracula"],
  run: runTerminal,
};

/** Flags that are followed by a value: what comes after them is no command. */
export const valueFlags: ReadonlySet<string> = new Set(
  tui.flags.flatMap(({ name, short, value }) =>
    value === undefined ? [] : [`--${name}`, ...(short === undefined ? [] : [`-${short}`])],
  ),
);

async function runTerminal(input: Input): Promise<number> {
  const { terminal, cwd } = input;
  if (input.words.length > 0)
    throw wrong(`The terminal UI takes one folder; ${JSON.stringify(input.words[0])} is too much.`);
  const id = input.text("session");
  const session = id !== undefined ? { id } : input.on("continue") ? "last" : null;
  if (input.on("fork") && session === null) throw wrong("--fork goes with --continue or --session ID.");
  const line = input.on("line") || process.env.TERM === "dumb" || Boolean(process.env.ACCESSIBLE);
  if (!line && !(terminal.inIsTerminal && terminal.outIsTerminal))
    throw wrong("The terminal UI needs a terminal. `tutti run` works without one, and so does `tutti --line`.");
  const attach = input.text("attach") ?? "local";
  const tokenFile = input.text("token-file");
  return input.tui({
    cwd,
    shape: line ? "line" : input.on("inline") ? "inline" : "screen",
    noColor: !terminal.wantsColor,
    theme: input.text("theme") ?? "",
    session,
    fork: input.on("fork"),
    prompt: input.text("prompt") ?? "",
    settings: settingsOf(input),
    connect: () =>
      input.connect({
        cwd,
        attach,
        ...(tokenFile !== undefined && { tokenFile: isAbsolute(tokenFile) ? tokenFile : resolve(tokenFile) }),
        project: true,
        answers: true,
        client: line ? "line terminal" : "terminal",
      }),
  });
}
