/** `tutti join`: a guest of a shared session, in the terminal UI. */
import { userInfo } from "node:os";
// JSON-RPC needs the implementations of Node.
import "vscode-jsonrpc/node";
import { type JoinedSession, joinSession } from "../client/shared-session.ts";
import packageJson from "../package.json" with { type: "json" };
import { parseShareLink } from "../protocol/share/share-link.ts";
import { usageError } from "./args.ts";
import type { Command, CommandInput } from "./command.ts";

export const join: Command = {
  name: "join",
  operands: "LINK",
  purpose: "Join a shared session in the terminal UI. The link says what you may do.",
  flags: [
    { name: "name", value: "NAME", purpose: "The name that others see (default: your user name)" },
    { name: "line", purpose: "Use line mode, for screen readers and plain terminals: nothing is redrawn" },
    { name: "inline", purpose: "Do not use the alternate screen: the conversation stays in the scrollback" },
  ],
  examples: ["tutti join 'https://hub.example/s/…#…'", "tutti join --name Ada 'https://hub.example/s/…#…'"],
  async run(input) {
    const [text, ...more] = input.positionals;
    if (text === undefined || more.length > 0) throw usageError("Pass one link, in quotes: `tutti join 'https://…'`.");
    const share = parseShareLink(text);
    const { terminal } = input;
    const line = input.isSet("line") || process.env.TERM === "dumb" || Boolean(process.env.ACCESSIBLE);
    if (!line && !(terminal.stdinIsTerminal && terminal.stdoutIsTerminal))
      throw usageError("The terminal UI requires a terminal. Use `tutti join --line LINK` instead.");
    const name = input.text("name") ?? userInfo().username;
    const client = { name: line ? "line terminal" : "terminal", version: packageJson.version };
    const open = (): Promise<JoinedSession> => joinSession(share, name, { client, answers: true });
    // The first one is opened here, so that a link that does not work is reported before the screen changes.
    let first: JoinedSession | null = await open();
    const { session, cwd } = first;
    return input.tui({
      ...tuiOptions(input, line),
      cwd,
      session: { id: session },
      async connect() {
        const joined = first ?? (await open());
        first = null;
        return joined.link;
      },
    });
  },
};

const tuiOptions = (input: CommandInput, line: boolean) => ({
  screenMode: line ? ("line" as const) : input.isSet("inline") ? ("inline" as const) : ("screen" as const),
  noColor: !input.terminal.wantsColor,
  theme: input.text("theme") ?? "",
  fork: false,
  prompt: "",
  settings: {},
});
