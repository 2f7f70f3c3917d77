/** `tutti` and `tutti DIR`: the terminal UI, or line mode for screen readers and plain terminals. */
import { usageError } from "./args.ts";
import { attachFlags, attachFromFlags } from "./attach-flags.ts";
import type { Command, CommandInput } from "./command.ts";
import { settingsFlags, settingsFromFlags } from "./settings-flags.ts";

export const tui: Command = {
  name: "",
  operands: "[DIR|PROMPT]",
  purpose: "Open the terminal UI, in this folder or another one, or with a prompt.",
  flags: [
    { name: "continue", short: "c", purpose: "Continue the most recent session in this folder" },
    { name: "session", short: "s", value: "ID", purpose: "Continue this session: an ID, the start of one, or `last`" },
    { name: "fork", purpose: "With -c or -s: continue in a fork of the session" },
    { name: "prompt", value: "TEXT", purpose: "Start with this prompt" },
    ...settingsFlags,
    ...attachFlags,
    { name: "inline", purpose: "Do not use the alternate screen: the conversation stays in the scrollback" },
    { name: "line", purpose: "Use line mode, for screen readers and plain terminals: nothing is redrawn" },
  ],
  examples: ["tutti ~/projects/site", "tutti --continue --theme dracula"],
  run: runTerminal,
};

/** Flags with a value: the argument after them is not a command. */
export const valueFlags: ReadonlySet<string> = new Set(
  tui.flags.flatMap(({ name, short, value }) =>
    value === undefined ? [] : [`--${name}`, ...(short === undefined ? [] : [`-${short}`])],
  ),
);

async function runTerminal(input: CommandInput): Promise<number> {
  const { terminal, cwd } = input;
  if (input.positionals.length > 0)
    throw usageError(`Unexpected argument ${JSON.stringify(input.positionals[0])}: the terminal UI takes one folder.`);
  const id = input.text("session");
  const session = id !== undefined && id !== "last" ? { id } : (id ?? (input.isSet("continue") ? "last" : null));
  if (input.isSet("fork") && session === null) throw usageError("--fork requires --continue or --session ID.");
  const line = input.isSet("line") || process.env.TERM === "dumb" || Boolean(process.env.ACCESSIBLE);
  if (!line && !(terminal.stdinIsTerminal && terminal.stdoutIsTerminal))
    throw usageError("The terminal UI requires a terminal. Use `tutti run` or `tutti --line` instead.");
  return input.tui({
    cwd,
    screenMode: line ? "line" : input.isSet("inline") ? "inline" : "screen",
    noColor: !terminal.wantsColor,
    theme: input.text("theme") ?? "",
    session,
    fork: input.isSet("fork"),
    prompt: input.text("prompt") ?? "",
    settings: settingsFromFlags(input),
    connect: (mayStart) =>
      input.connect({
        cwd,
        ...attachFromFlags(input, mayStart ? "local" : "running"),
        project: true,
        answers: true,
        client: line ? "line terminal" : "terminal",
      }),
  });
}
