/** `tutti lsp`: the language server that an editor starts, on standard input and output. */
import { isAbsolute, resolve } from "node:path";
import { wrong } from "./args.ts";
import type { Command, Input } from "./command.ts";

export const lsp: Command = {
  name: "lsp",
  operands: "",
  purpose: "A language server on standard input and output, for editors: a face of the shared server, which it starts.",
  flags: [
    { name: "attach", value: "URL", purpose: "the server at this socket or address instead of your own" },
    { name: "token-file", value: "FILE", purpose: "with --attach ws://…: the token of that server" },
    { name: "stdio", purpose: "what it always does; editors like to say it" },
  ],
  examples: ["tutti lsp", "tutti lsp --attach /run/user/1000/tutti/tutti.sock"],
  run: runLsp,
};

async function runLsp(input: Input): Promise<number> {
  if (input.words.length > 0)
    throw wrong(`\`tutti lsp\` takes no words; ${JSON.stringify(input.words[0])} is too much.`);
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
