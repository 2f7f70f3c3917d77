/** `tutti acp`: the agent for editors that speak the Agent Client Protocol. */
import { resolve } from "node:path";
import { printable } from "../protocol/printable.ts";
import { usageError } from "./args.ts";
import type { Command } from "./command.ts";
import { settingsFlags, settingsFromFlags } from "./settings-flags.ts";

export const acp: Command = {
  name: "acp",
  operands: "",
  purpose: "Run the agent for editors that speak the Agent Client Protocol (ACP), on standard input and output.",
  flags: [
    ...settingsFlags,
    { name: "attach", value: "URL", purpose: "Use the server at this socket or address instead of your own" },
    { name: "token-file", value: "FILE", purpose: "With --attach ws://…: the file with the server's token" },
    { name: "draft-v2", purpose: "Also offer the draft of protocol version 2 to editors that request it" },
  ],
  examples: ["tutti acp", "tutti acp --mode edit"],
  async run(input) {
    if (input.positionals.length > 0)
      throw usageError(`Unexpected argument ${JSON.stringify(input.positionals[0])}: \`tutti acp\` takes none.`);
    const tokenFile = input.text("token-file");
    return input.acp({
      settings: settingsFromFlags(input),
      draftV2: input.isSet("draft-v2"),
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
