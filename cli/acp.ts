/** `tutti acp`: the agent for editors that support the Agent Client Protocol. */
import { printable } from "../protocol/printable.ts";
import { usageError } from "./args.ts";
import { attachFlags, attachFromFlags } from "./attach-flags.ts";
import type { Command } from "./command.ts";
import { settingsFlags, settingsFromFlags } from "./settings-flags.ts";

export const acp: Command = {
  name: "acp",
  operands: "",
  purpose: "Run the agent over standard input and output, for editors that support the Agent Client Protocol (ACP).",
  flags: [
    ...settingsFlags,
    ...attachFlags,
    { name: "draft-v2", purpose: "Also support the draft of protocol version 2, for editors that request it" },
  ],
  examples: ["tutti acp", "tutti acp --mode edit"],
  async run(input) {
    if (input.positionals.length > 0)
      throw usageError(
        `Unexpected argument ${JSON.stringify(input.positionals[0])}: \`tutti acp\` takes no arguments.`,
      );
    return input.acp({
      settings: settingsFromFlags(input),
      draftV2: input.isSet("draft-v2"),
      connect: (client, mayStart) =>
        input.connect({
          cwd: input.cwd,
          ...attachFromFlags(input, mayStart ? "local" : "running"),
          project: true,
          answers: true,
          client,
        }),
      note: (text) => input.terminal.error(`tutti: ${printable(text)}\n`),
    });
  },
};
