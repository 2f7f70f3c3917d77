import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Theme } from "../../../client/theme.ts";
import {
  builtInThemeFolder,
  findThemeName,
  type LoadResult,
  listThemes,
  loadTheme,
  readThemeSync,
} from "../../../tui/theme/load.ts";
import { blocksOf } from "../../docs/markdown.ts";

const themeIn = (loaded: LoadResult): Theme => {
  assert.ok("theme" in loaded, "problem" in loaded ? loaded.problem : "");
  return loaded.theme;
};

describe("themes", () => {
  let user = "";
  beforeEach(async () => {
    user = await mkdtemp(join(tmpdir(), "tutti-themes-"));
  });
  afterEach(() => rm(user, { recursive: true, force: true }));

  const folders = () => ({ builtIn: builtInThemeFolder(), user });
  const write = (name: string, text: string | object) =>
    writeFile(join(user, `${name}.json`), typeof text === "string" ? text : JSON.stringify(text, null, 2));
  /** By both ways, which agree but for a hint. */
  const load = async (name: string): Promise<LoadResult> => {
    const loaded = await loadTheme(name, folders());
    const atOnce = readThemeSync(name, folders());
    if ("theme" in loaded) assert.deepEqual(atOnce, loaded);
    else assert.ok("problem" in atOnce && loaded.problem.startsWith(atOnce.problem));
    return loaded;
  };
  const problem = async (name: string): Promise<string> => {
    const loaded = await load(name);
    assert.ok("problem" in loaded);
    return loaded.problem.replaceAll(`${user}/`, "");
  };

  it("are found by their name or title, and others with the nearest", async () => {
    const find = async (wanted: string) => Object.values(await findThemeName(wanted, folders()))[0];
    await write("mine", { title: "My Night (2)", kind: "dark", extends: "dracula" });
    for (const [wanted, name] of [
      ["dracula", "dracula"],
      ["Dracula", "dracula"],
      ["Catppuccin Mocha", "catppuccin-mocha"],
      ["rosé pine moon", "rose-pine-moon"],
      ["TOKYO NIGHT", "tokyo-night"],
      ["my night 2", "mine"],
    ] as const)
      assert.equal(await find(wanted), name);
    assert.equal(await find("catpuccin-mocha"), 'Unknown theme "catpuccin-mocha". Did you mean catppuccin-mocha?');
    assert.match((await find("no such thing at all")) ?? "", /^Unknown theme .* Available: ayu-dark, /);
  });

  it("include the built-in ones, with or without a user folder", async () => {
    assert.equal(themeIn(await load("dracula")).colors.background, "#282a36");
    const found = await listThemes({ builtIn: builtInThemeFolder(), user: join(user, "none") });
    assert.ok(found.length >= 26 && found.every(({ from, problem }) => from === "tutti" && problem === undefined));
    assert.deepEqual(await listThemes({ builtIn: builtInThemeFolder(), user: null }), found);
    assert.deepEqual(
      found.find(({ name }) => name === "nord"),
      { name: "nord", title: "Nord", kind: "dark", from: "tutti" },
    );
  });

  it("of the user extend others and change some colors", async () => {
    await write("mine", { extends: "yours", title: "Mine", colors: { accent: "#123456" } });
    await write("yours", { extends: "nord", colors: { accent: "#000000", error: "brightRed" } });
    const { name, title, kind, colors } = themeIn(await load("mine"));
    assert.deepEqual([name, title, kind], ["mine", "Mine", "dark"]);
    assert.deepEqual([colors.accent, colors.error, colors.text], ["#123456", "brightRed", "#d8dee9"]);
  });

  it("of the user take precedence over built-in ones, and can extend them", async () => {
    await write("dracula", { extends: "dracula", kind: "light", colors: { background: "default" } });
    const { kind, colors } = themeIn(await load("dracula"));
    assert.deepEqual([kind, colors.background, colors.text], ["light", "default", "#f8f8f2"]);
    const found = (await listThemes(folders())).filter(({ name }) => name === "dracula");
    assert.deepEqual(found, [{ name: "dracula", title: "dracula", kind: "light", from: "yours" }]);
  });

  it("of the user can be complete by themselves", async () => {
    const { name: _, ...nord } = themeIn(await load("nord"));
    await write("whole", nord);
    assert.deepEqual(themeIn(await load("whole")), { ...nord, name: "whole" });
  });

  it("of the user work as documented", async () => {
    const page = await readFile(join(import.meta.dirname, "../../../docs/themes.md"), "utf8");
    const shown = blocksOf(page).filter(({ language }) => language === "json");
    assert.equal(shown.length, 1);
    for (const { text } of shown) await write("harbour", text);
    const { title, colors } = themeIn(await load("harbour"));
    assert.deepEqual([title, colors.accent, colors.background], ["Harbour", "#ffb454", "default"]);
  });

  it("are listed with their problem if invalid", async () => {
    await write("broken", "{");
    const found = (await listThemes(folders())).find(({ name }) => name === "broken");
    assert.match(found?.problem ?? "", /broken\.json is not valid JSON/);
  });

  it("suggest a name if not found", async () => {
    assert.equal(await problem("drakula"), 'Theme "drakula" not found. Did you mean dracula?');
    for (const name of ["", "..", "../../themes/nord", "nord/../../x", "\0"])
      assert.match(await problem(name), /^Theme ".*" not found\.$/);
  });

  const wrong: readonly [string | object, string | RegExp][] = [
    ["", /^mine\.json is not valid JSON: .+\.$/],
    ['{\n  "kind": "dark",\n  "colors" {}\n}', /^mine\.json is not valid JSON: .+line 3/],
    ["[]", 'mine.json must contain an object, for example {"extends": "dracula", "colors": {}}.'],
    ["null", 'mine.json must contain an object, for example {"extends": "dracula", "colors": {}}.'],
    [{ kind: "grey" }, 'mine.json, line 2: "kind" must be "dark" or "light", not "grey".'],
    [{ extends: 1 }, 'mine.json, line 2: "extends" must be the name of a theme, not 1.'],
    [{ name: "yours" }, `mine.json, line 2: "name" must be the file name without .json, not "yours".`],
    [{ title: "M", colours: {} }, 'mine.json, line 3: "colours" is not a valid key. Did you mean "colors"?'],
    [{ toString: 1 }, 'mine.json, line 2: "toString" is not a valid key.'],
    [{ colors: [] }, 'mine.json, line 2: "colors" must be an object of colors, not [].'],
    [{ colors: { acent: "red" } }, 'mine.json, line 3: "acent" is not a valid color name. Did you mean "accent"?'],
    [
      { colors: { text: "#fff" } },
      'mine.json, line 3: "text" must be "#rrggbb", one of the sixteen ANSI color names or "default", not "#fff".',
    ],
    [{ colors: { text: "brightred" } }, 'mine.json, line 3: "text" must be "brightRed", not "brightred".'],
    [{ extends: "nort" }, 'mine.json extends "nort", but no other theme has that name. Did you mean nord?'],
    [{ extends: "mine" }, 'mine.json extends "mine", but no other theme has that name.'],
    [{ colors: {} }, 'mine.json is missing "kind". Set it to "dark" or "light".'],
    [
      { kind: "dark", colors: { text: "red" } },
      /^mine\.json is missing colors: background, panel, .+ set "extends" to a theme that has them\.$/,
    ],
  ];
  for (const [content, says] of wrong)
    it(`report the problem of ${JSON.stringify(content)}`, async () => {
      await write("mine", content);
      const actual = await problem("mine");
      if (typeof says === "string") assert.equal(actual, says);
      else assert.match(actual, says);
    });

  it("report cycles and folders as problems", async () => {
    await write("mine", { extends: "yours" });
    await write("yours", { extends: "mine" });
    assert.match(await problem("mine"), /^yours\.json extends "mine", but no other theme has that name\./);
    await mkdir(join(user, "folder.json"));
    assert.match(await problem("folder"), /^Cannot read folder\.json: /);
  });
});
