/** `tutti lsp`: the language server that editors start. */
import { usageError } from "./args.ts";
import { attachFlags, attachFromFlags } from "./attach-flags.ts";
import type { Command, CommandInput } from "./command.ts";

export const lsp: Command = {
  name: "lsp",
  operands: "",
  purpose: "Run the language server for editors over standard input and output. Starts the shared server if necessary.",
  flags: [
    ...attachFlags,
    { name: "stdio", purpose: "Accepted for compatibility: standard input and output are always used" },
  ],
  examples: ["tutti lsp", "tutti lsp --attach /run/user/1000/tutti/tutti.sock"],
  run: runLsp,
};

async function runLsp(input: CommandInput): Promise<number> {
  if (input.positionals.length > 0)
    throw usageError(`Unexpected argument ${JSON.stringify(input.positionals[0])}: \`tutti lsp\` takes no arguments.`);
  const { cwd } = input;
  return input.lsp({
    cwd,
    connect: (client, mayStart) =>
      input.connect({
        cwd,
        ...attachFromFlags(input, mayStart ? "local" : "running"),
        project: true,
        answers: true,
        client,
      }),
  });
}
