/** `tutti models`: lists models with sizes, prices and capabilities. */

import { formatTable } from "../client/table.ts";
import type { Command } from "./command.ts";
import { sanitize } from "./print/text.ts";

export const models: Command = {
  name: "models",
  operands: "[PROVIDER]",
  purpose: "List models with context size, price and capabilities.",
  flags: [
    { name: "discover", purpose: "List the models that local servers provide" },
    { name: "refresh", purpose: "Download the model catalog from the configured address" },
    { name: "ready", purpose: "List only models that are ready to use: an API key is available, or none is required" },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" },
  ],
  examples: ["tutti models groq", "tutti models --discover"],
  async run(input) {
    const [provider] = input.positionals;
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    const json = input.text("format") === "json";
    const { out, note } = input.terminal;
    try {
      if (input.isSet("refresh")) {
        const { providers, models: count } = await link.call("modelRefresh", {});
        note(`Updated the catalog: ${providers} providers, ${count} models.\n`);
        return 0;
      }
      if (input.isSet("discover")) {
        const { endpoints } = await link.call("modelDiscover", {});
        if (json) out(`${JSON.stringify(endpoints, null, 2)}\n`);
        else if (endpoints.length === 0)
          note(
            "No local server responded. Tried the default ports of Ollama (11434), LM Studio (1234), vLLM (8000), llama.cpp and LocalAI (8080).\n",
          );
        for (const { provider: name, baseUrl, models: served } of json ? [] : endpoints) {
          out(`${name}  ${baseUrl}\n`);
          for (const { id, context, warning } of served) {
            out(`  ${sanitize(id)}  ${size(context)}${warning === undefined ? "" : `\n    ${sanitize(warning)}`}\n`);
          }
        }
        return 0;
      }
      const { models: all } = await link.call("modelList", provider === undefined ? {} : { provider });
      const shown = input.isSet("ready") ? all.filter(({ ready }) => ready) : all;
      if (json) out(`${JSON.stringify(shown, null, 2)}\n`);
      else {
        const rows = shown.map(({ id, context, output, price, tools, vision, reasoning, ready }) => [
          `${ready ? "*" : " "} ${sanitize(id)}`,
          size(context),
          size(output),
          price ? `${price.input} / ${price.output}` : "-",
          [tools && "tools", vision && "images", reasoning && "reasoning"].filter((word) => word !== false).join(" "),
        ]);
        out(formatTable(["  MODEL", "CONTEXT", "OUTPUT", "USD/M IN / OUT", "CAPABILITIES"], rows));
      }
      return 0;
    } finally {
      await link.close();
    }
  },
};

function size(tokens: number | null): string {
  if (tokens === null) return "?";
  return tokens >= 1_000_000 ? `${Math.round(tokens / 100_000) / 10}M` : `${Math.round(tokens / 1_000)}k`;
}
