/** `tutti models`: what there is to choose from, with sizes, prices and abilities. */
import type { Command } from "./command.ts";
import { table } from "./print/table.ts";
import { safe } from "./print/text.ts";

export const models: Command = {
  name: "models",
  operands: "[PROVIDER]",
  purpose: "Models, with context, price and abilities.",
  flags: [
    { name: "discover", purpose: "ask the local servers what they serve" },
    { name: "refresh", purpose: "fetch the catalog from the address in the configuration" },
    { name: "ready", purpose: "those that can be used now: a key is there, or none is needed" },
    { name: "format", value: "FORMAT", of: ["text", "json"], purpose: "how to print" },
  ],
  examples: ["tutti models groq", "tutti models --discover"],
  async run(input) {
    const [provider] = input.words;
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    const json = input.text("format") === "json";
    const { out, note } = input.terminal;
    try {
      if (input.on("refresh")) {
        const { providers, models: count } = await link.call("modelRefresh", {});
        note(`The catalog has ${providers} providers and ${count} models now.\n`);
        return 0;
      }
      if (input.on("discover")) {
        const { endpoints } = await link.call("modelDiscover", {});
        if (json) out(`${JSON.stringify(endpoints, null, 2)}\n`);
        else if (endpoints.length === 0)
          note("No local server answered (Ollama 11434, LM Studio 1234, vLLM 8000, llama.cpp and LocalAI 8080).\n");
        for (const { provider: name, baseUrl, models: served } of json ? [] : endpoints) {
          out(`${name}  ${baseUrl}\n`);
          for (const { id, context, warning } of served) {
            out(`  ${safe(id)}  ${size(context)}${warning === undefined ? "" : `\n    ${safe(warning)}`}\n`);
          }
        }
        return 0;
      }
      const { models: all } = await link.call("modelList", provider === undefined ? {} : { provider });
      const shown = input.on("ready") ? all.filter(({ ready }) => ready) : all;
      if (json) out(`${JSON.stringify(shown, null, 2)}\n`);
      else {
        const rows = shown.map(({ id, context, output, price, tools, vision, reasoning, ready }) => [
          `${ready ? "*" : " "} ${safe(id)}`,
          size(context),
          size(output),
          price ? `${price.input} / ${price.output}` : "-",
          [tools && "tools", vision && "images", reasoning && "reasoning"].filter((word) => word !== false).join(" "),
        ]);
        out(table(["  MODEL", "CONTEXT", "OUTPUT", "USD/M IN / OUT", "CAN"], rows));
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
