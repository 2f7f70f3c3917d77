/** `tutti rehearse`: serves a scripted model for tests and demos. */
import { resolve } from "node:path";
import { usageError } from "./args.ts";
import type { Command } from "./command.ts";

export const rehearse: Command = {
  name: "rehearse",
  operands: "FILE",
  purpose: "Serve a scenario or a recording as an OpenAI-compatible endpoint on this machine, until you stop it.",
  flags: [{ name: "port", value: "N", purpose: "The port to listen on (default: any free port)" }],
  examples: ["tutti rehearse scenario.jsonc --port 7801", "tutti rehearse recording.json"],
  async run(input) {
    const [file, extra] = input.positionals;
    if (file === undefined || extra !== undefined) throw usageError("Pass exactly one file: `tutti rehearse FILE`.");
    const text = input.text("port");
    const port = text === undefined ? 0 : Number(text);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw usageError(`Invalid --port ${JSON.stringify(text)}. Use a number from 0 to 65535.`);
    const { out, note } = input.terminal;
    return input.rehearse({
      file: resolve(file),
      port,
      ready(baseUrl, model) {
        out(`${baseUrl}\n`);
        note(
          `Serving ${file}. Press Ctrl+C to stop. For example:\n  tutti run --base-url ${baseUrl} --model ${model} "Hello"\n`,
        );
      },
      log: (line) => note(`${line}\n`),
    });
  },
};
