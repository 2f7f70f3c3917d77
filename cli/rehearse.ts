/** `tutti rehearse`: serves a scripted model, for trying things out and for tests. */
import { resolve } from "node:path";
import { wrong } from "./args.ts";
import type { Command } from "./command.ts";

export const rehearse: Command = {
  name: "rehearse",
  operands: "FILE",
  purpose: "Serves a scenario as an OpenAI-compatible endpoint on this machine, until it is stopped.",
  flags: [{ name: "port", value: "N", purpose: "listen there (any free port)" }],
  examples: ["tutti rehearse scenario.jsonc --port 7801", "tutti rehearse recording.json"],
  async run(input) {
    const [file, more] = input.words;
    if (file === undefined || more !== undefined) throw wrong("Name one scenario: tutti rehearse FILE.");
    const text = input.text("port");
    const port = text === undefined ? 0 : Number(text);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw wrong(`--port must be a number up to 65535; ${JSON.stringify(text)} is not.`);
    const { out, note } = input.terminal;
    return input.rehearse({
      file: resolve(file),
      port,
      ready(baseUrl, model) {
        out(`${baseUrl}\n`);
        note(
          `Serving ${file} there; stop it with Ctrl+C. For example:\n  tutti run --base-url ${baseUrl} --model ${model} "Hello"\n`,
        );
      },
      tell: (line) => note(`${line}\n`),
    });
  },
};
