// Builds the page for browsers into a folder that the server serves: files with hashes in their names, and the colors of all themes.
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const OUT = "dist/web/browser";
const GUEST_OUT = "dist/web/guest";

/** `options`: those of every script of the page. `build`: esbuild's. */
export async function buildBrowserPage(build, options) {
  const themes = readThemes().map(makeReadable(await loadColors(build)));
  const { metafile } = await build({
    ...options,
    metafile: true,
    plugins: [...options.plugins, themeColors(themes)],
    entryPoints: { browser: "web/browser.ts", grammars: "web/grammars.ts", style: "web/browser.css" },
    entryNames: "[name]-[hash]",
    outdir: OUT,
  });
  const built = Object.keys(metafile.outputs).map((path) => basename(path));
  const find = (start) => built.find((name) => name.startsWith(`${start}-`));
  const html = renderHtml({ script: find("browser"), grammars: find("grammars"), style: find("style"), themes });
  writeFileSync(`${OUT}/index.html`, html);
  cpSync("web/static", OUT, { recursive: true });
  const files = readdirSync(OUT).filter((name) => name !== "service-worker.js");
  const hash = createHash("sha256");
  for (const name of files.toSorted()) hash.update(name).update(readFileSync(`${OUT}/${name}`));
  const paths = files.map((name) => (name === "index.html" ? "/" : `/${name}`));
  const define = {
    SHELL_FILES: JSON.stringify(paths),
    SHELL_NAME: JSON.stringify(`tutti-${hash.digest("hex").slice(0, 16)}`),
  };
  await build({ ...options, entryPoints: { "service-worker": "web/service-worker.ts" }, define, outdir: OUT });
}

/** The page of guests, which hubs serve. Its script is pinned by its hash. */
export async function buildGuestPage(build, options) {
  const themes = readThemes();
  const { metafile } = await build({
    ...options,
    metafile: true,
    plugins: [...options.plugins, themeColors(themes)],
    entryPoints: { guest: "web/guest.ts", grammars: "web/grammars.ts", style: "web/browser.css" },
    entryNames: "[name]-[hash]",
    outdir: GUEST_OUT,
  });
  const built = Object.keys(metafile.outputs).map((path) => basename(path));
  const find = (start) => built.find((name) => name.startsWith(`${start}-`));
  const integrity = createHash("sha384")
    .update(readFileSync(`${GUEST_OUT}/${find("guest")}`))
    .digest("base64");
  const names = { script: find("guest"), grammars: find("grammars"), style: find("style"), themes, integrity };
  writeFileSync(`${GUEST_OUT}/index.html`, renderHtml(names));
  cpSync("web/static/icon.svg", `${GUEST_OUT}/icon.svg`);
}

const isHex = (theme) => Object.values(theme.colors).every((color) => color.startsWith("#"));

/** All themes but those with the colors of a terminal. */
function readThemes() {
  const files = readdirSync("client/themes").toSorted();
  return files.map((name) => JSON.parse(readFileSync(`client/themes/${name}`, "utf8"))).filter(isHex);
}

/** The functions of client/color.ts, which is TypeScript: not every Node that builds Tutti runs it directly. */
async function loadColors(build) {
  const bundled = { entryPoints: ["client/color.ts"], bundle: true, format: "esm", write: false };
  const { outputFiles } = await build(bundled);
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
}

/** What is written in small text, and where. Terminals draw larger, and themes guarantee less contrast there. */
const smallText = /^(muted|link|error|warning|code|heading|quote|syntax.*)$/;
const backgrounds = ["background", "panel", "overlay", "codeBackground"];
/** What is also written in changed lines, which have backgrounds of their own: there as `changed-NAME`. */
const changedText = /^(muted|syntax(Keyword|String|Number|Function|Type|Variable))$/;
const changedBackgrounds = ["diffAddedBackground", "diffRemovedBackground"];
const MIN_CONTRAST = 4.6;

/** Moves the colors of small text toward that of body text until they can be read on every background. */
const makeReadable =
  ({ contrastRatio, formatHex, mixColors, parseHex }) =>
  (theme) => {
    const { colors } = theme;
    const text = parseHex(colors.text);
    const adapt = (color, where) => {
      const isReadable = (one) => where.every((name) => contrastRatio(one, parseHex(colors[name])) >= MIN_CONTRAST);
      const shares = Array.from({ length: 21 }, (_, step) => step / 20);
      const share = shares.find((one) => isReadable(mixColors(color, text, one))) ?? 1;
      return formatHex(mixColors(color, text, share));
    };
    const adapted = Object.entries(colors).map(([name, color]) => [
      name,
      smallText.test(name) ? adapt(parseHex(color), backgrounds) : color,
    ]);
    const changed = Object.entries(colors)
      .filter(([name]) => changedText.test(name))
      .map(([name, color]) => [`changed-${name}`, adapt(parseHex(color), changedBackgrounds)]);
    return { ...theme, colors: Object.fromEntries([...adapted, ...changed]) };
  };

/** `@import "themes"` in a style sheet: each theme as variables, and the default ones by the setting of the system. */
function themeColors(themes) {
  const variables = ({ kind, colors }) =>
    [`color-scheme:${kind}`, ...Object.entries(colors).map(([name, color]) => `--color-${name}:${color}`)].join(";");
  const find = (name) => themes.find((theme) => theme.name === name);
  const css = [
    `:root{${variables(find("catppuccin-mocha"))}}`,
    `@media (prefers-color-scheme: light){:root{${variables(find("catppuccin-latte"))}}}`,
    ...themes.map((theme) => `:root[data-theme="${theme.name}"]{${variables(theme)}}`),
  ];
  return {
    name: "theme-colors",
    setup(build) {
      build.onResolve({ filter: /^themes$/ }, () => ({ path: "themes", namespace: "themes" }));
      build.onLoad({ filter: /.*/, namespace: "themes" }, () => ({ contents: css.join("\n"), loader: "css" }));
    },
  };
}

const renderHtml = ({ script, grammars, style, themes, integrity }) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="referrer" content="no-referrer">
<meta name="tutti-themes" content="${themes.map(({ name, title }) => `${name}=${title}`).join("|")}">
<title>Tutti</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
${integrity === undefined ? '<link rel="apple-touch-icon" href="/icon-192.png">\n<link rel="manifest" href="/manifest.webmanifest">\n' : ""}<link rel="stylesheet" href="/${style}">
</head>
<body>
<div id="root"></div>
<script src="/${script}" data-grammars="/${grammars}"${integrity === undefined ? "" : ` integrity="sha384-${integrity}"`}></script>
</body>
</html>
`;
