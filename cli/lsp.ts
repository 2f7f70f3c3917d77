/** `tutti lsp`: the language server that editors start. */
import { isAbsolute, resolve } from "node:path";
import { usageError } from "./args.ts";
import type { Command, CommandInput } from "./command.ts";

export const lsp: Command = {
  name: "lsp",
  operands: "",
  purpose: "Run the language server for editors, on standard input and output. Starts the shared server if necessary.",
  flags: [
    { name: "attach", value: "URL", purpose: "Use the server at this socket or address instead of your own" },
    { name: "token-file", value: "FILE", purpose: "With --attach ws://…: the file with the server's token" },
    { name: "stdio", purpose: "Accepted for compatibility: standard input and output are always used" },
  ],
  examples: ["tutti lsp", "tutti lsp --attach /run/user/1000/tutti/tutti.sock"],
  run: runLsp,
};

async function runLsp(input: CommandInput): Promise<number> {
  if (input.positionals.length > 0)
    throw usageError(`Unexpected argument ${JSON.stringify(input.positionals[0])}: \`tutti lsp\` takes none.`);
  const { cwd } = input;
  const attach = input.text("attach") ?? "local";
  const tokenFile = input.text("token-file");
  return input.lsp({
    cwd,
    connect: (client) =>
      input.connect({
        cwd,
        attach,
        ...(tokenFile !== undefined && { tokenFile: isAbsolute(tokenFile) ? tokenFile : resolve(tokenFile) }),
        project: true,
        answers: true,
        client,
      }),
  });
}
