// An esbuild plugin: embeds the templates as text, replacing the module that reads them from their folders.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("./", import.meta.url));
const readTexts = (lang) => {
  const folder = join(here, lang);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  return paths.map((path) => [relative(folder, path).replaceAll("\\", "/"), readFileSync(path, "utf8")]);
};

export const embedTemplates = {
  name: "templates-as-text",
  setup(build) {
    build.onLoad({ filter: /mcp-plugins[/\\]templates[/\\]files\.ts$/ }, () => ({
      contents: `
        const all = ${JSON.stringify({ ts: readTexts("ts"), python: readTexts("python") })};
        export const readTemplate = async (lang) => Object.fromEntries(all[lang]);
        export const sdk = new URL("./plugin-sdk/", import.meta.url);`,
    }));
  },
};
