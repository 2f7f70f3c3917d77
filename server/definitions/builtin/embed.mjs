// An esbuild plugin: embeds the included agents and commands parsed, so that a start reads no file and loads no YAML parser.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";

const readFolder = (name) => {
  const folder = new URL(`./${name}/`, import.meta.url);
  const files = readdirSync(folder).toSorted();
  return files.map((file) => [file, readFileSync(new URL(file, folder), "utf8")]);
};

/** The parser, compiled: the program is also built with a Node that cannot load TypeScript. */
async function loadParser() {
  const entry = fileURLToPath(new URL("parse.ts", import.meta.url));
  const options = { bundle: true, format: "cjs", platform: "node", write: false };
  const { outputFiles } = await bundle({ entryPoints: [entry], ...options });
  const compiled = { exports: {} };
  new Function("module", "require", outputFiles[0].text)(compiled, createRequire(import.meta.url));
  return compiled.exports;
}

export const embedDefinitions = {
  name: "definitions-as-data",
  setup(build) {
    build.onLoad({ filter: /server[/\\]definitions[/\\]builtin[/\\]read\.ts$/ }, async () => {
      const { parseBuiltinAgent, parseBuiltinCommand } = await loadParser();
      const agents = readFolder("agents").map(([file, text]) => parseBuiltinAgent(file, text));
      const commands = readFolder("commands").map(([file, text]) => parseBuiltinCommand(file, text));
      return {
        contents: `
          const agents = ${JSON.stringify(agents)};
          const commands = ${JSON.stringify(commands)};
          export const readBuiltinAgents = async () => agents;
          export const readBuiltinCommands = async () => commands;`,
      };
    });
  },
};
