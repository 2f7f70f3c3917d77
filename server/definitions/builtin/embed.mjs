// An esbuild plugin: embeds the included agents parsed, so that a start reads no file and loads no YAML parser.
import { readdirSync, readFileSync } from "node:fs";
import { parseBuiltinAgent } from "./parse.ts";

const readFolder = (name) => {
  const folder = new URL(`./${name}/`, import.meta.url);
  const files = readdirSync(folder).toSorted();
  return files.map((file) => [file, readFileSync(new URL(file, folder), "utf8")]);
};

export const embedDefinitions = {
  name: "definitions-as-data",
  setup(build) {
    build.onLoad({ filter: /server[/\\]definitions[/\\]builtin[/\\]read\.ts$/ }, () => ({
      contents: `
        const agents = ${JSON.stringify(readFolder("agents").map(([file, text]) => parseBuiltinAgent(file, text)))};
        export const readBuiltinAgents = async () => agents;`,
    }));
  },
};
