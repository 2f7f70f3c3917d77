/** `tutti acp`: an agent for editors that speak the Agent Client Protocol. */
import { resolve } from "node:path";
import { printable } from "../protocol/printable.ts";
import { wrong } from "./args.ts";
import type { Command } from "./command.ts";
import { settingsFlags, settingsOf } from "./settings-flags.ts";

export const acp: Command = {
  name: "acp",
  operands: "",
  purpose: "An agent for editors that speak the Agent Client Protocol, on standard input and output.",
  flags: [
    ...settingsFlags,
    { name: "attach", value: "URL", purpose: "the server at this socket or address instead of your own" },
    { name: "token-file", value: "FILE", purpose: "with --attach ws://…: the token of that server" },
    { name: "draft-v2", purpose: "offer the draft of version 2 of the protocol, too, to editors that ask for it" },
  ],
  examples: ["tutti acp", "tutti acp --mode edit"],
  async run(input) {
    if (input.words.length > 0) throw wrong(`tutti acp takes no words, and got ${JSON.stringify(input.words[0])}.`);
    const tokenFile = input.text("token-file");
    return input.acp({
      settings: settingsOf(input),
      draftV2: input.on("draft-v2"),
      connect: (client) =>
        input.connect({
          cwd: input.cwd,
          attach: input.text("attach") ?? "local",
          ...(tokenFile !== undefined && { tokenFile: resolve(input.cwd, tokenFile) }),
          project: true,
          answers: true,
          client,
        }),
      note: (text) => input.terminal.error(`tutti: ${printable(text)}\n`),
    });
  },
};
