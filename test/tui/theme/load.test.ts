import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Theme } from "../../../client/theme.ts";
import { builtInThemes, type Loaded, listThemes, loadTheme, readThemeSync } from "../../../tui/theme/load.ts";
import { blocksOf } from "../../docs/markdown.ts";

const themeIn = (loaded: Loaded): Theme => {
  assert.ok("theme" in loaded, "problem" in loaded ? loaded.problem : "");
  return loaded.theme;
};

describe("themes", () => {
  let user = "";
  beforeEach(async () => {
    user = await mkdtemp(join(tmpdir(), "tutti-themes-"));
  });
  afterEach(() => rm(user, { recursive: true, force: true }));

  const folders = () => ({ builtIn: builtInThemes(), user });
  const write = (name: string, text: string | object) =>
    writeFile(join(user, `${name}.json`), typeof text === "string" ? text : JSON.stringify(text, null, 2));
  /** By both ways, which agree but for a hint. */
  const load = async (name: string): Promise<Loaded> => {
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

  it("that ship are there, whether or not there is a folder of one's own", async () => {
    assert.equal(themeIn(await load("dracula")).colors.background, "#282a36");
    const found = await listThemes({ builtIn: builtInThemes(), user: join(user, "none") });
    assert.ok(found.length >= 26 && found.every(({ from, problem }) => from === "tutti" && problem === undefined));
    assert.deepEqual(await listThemes({ builtIn: builtInThemes(), user: null }), found);
    assert.deepEqual(
      found.find(({ name }) => name === "nord"),
      { name: "nord", title: "Nord", kind: "dark", from: "tutti" },
    );
  });

  it("of one's own extend others and change a few colors", async () => {
    await write("mine", { extends: "yours", title: "Mine", colors: { accent: "#123456" } });
    await write("yours", { extends: "nord", colors: { accent: "#000000", error: "brightRed" } });
    const { name, title, kind, colors } = themeIn(await load("mine"));
    assert.deepEqual([name, title, kind], ["mine", "Mine", "dark"]);
    assert.deepEqual([colors.accent, colors.error, colors.text], ["#123456", "brightRed", "#d8dee9"]);
  });

  it("of one's own count before one that ships, and may extend that", async () => {
    await write("dracula", { extends: "dracula", kind: "light", colors: { background: "default" } });
    const { kind, colors } = themeIn(await load("dracula"));
    assert.deepEqual([kind, colors.background, colors.text], ["light", "default", "#f8f8f2"]);
    const found = (await listThemes(folders())).filter(({ name }) => name === "dracula");
    assert.deepEqual(found, [{ name: "dracula", title: "dracula", kind: "light", from: "yours" }]);
  });

  it("of one's own may be whole in themselves", async () => {
    const { name: _, ...nord } = themeIn(await load("nord"));
    await write("whole", nord);
    assert.deepEqual(themeIn(await load("whole")), { ...nord, name: "whole" });
  });

  it("of one's own are as the documents show them", async () => {
    const page = await readFile(join(import.meta.dirname, "../../../docs/themes.md"), "utf8");
    const shown = blocksOf(page).filter(({ language }) => language === "json");
    assert.equal(shown.length, 1);
    for (const { text } of shown) await write("harbour", text);
    const { title, colors } = themeIn(await load("harbour"));
    assert.deepEqual([title, colors.accent, colors.background], ["Harbour", "#ffb454", "default"]);
  });

  it("that are broken are listed with what is wrong", async () => {
    await write("broken", "{");
    const found = (await listThemes(folders())).find(({ name }) => name === "broken");
    assert.match(found?.problem ?? "", /broken\.json is not JSON/);
  });

  it("that are not there are a problem with a name that was meant", async () => {
    assert.equal(await problem("drakula"), 'There is no theme "drakula". Did you mean dracula?');
    for (const name of ["", "..", "../../themes/nord", "nord/../../x", "\0"])
      assert.match(await problem(name), /^There is no theme ".*"\.$/);
  });

  const wrong: readonly [string | object, string | RegExp][] = [
    ["", /^mine\.json is not JSON: .+\.$/],
    ['{\n  "kind": "dark",\n  "colors" {}\n}', /^mine\.json is not JSON: .+line 3/],
    ["[]", 'mine.json must hold one object, as {"extends": "dracula", "colors": {}}.'],
    ["null", 'mine.json must hold one object, as {"extends": "dracula", "colors": {}}.'],
    [{ kind: "grey" }, 'mine.json, line 2: "kind" must be "dark" or "light", not "grey".'],
    [{ extends: 1 }, 'mine.json, line 2: "extends" must be the name of a theme, not 1.'],
    [{ name: "yours" }, `mine.json, line 2: "name" must be the file's name without .json, not "yours".`],
    [{ title: "M", colours: {} }, 'mine.json, line 3: "colours" is not a key of a theme; did you mean "colors"?'],
    [{ toString: 1 }, 'mine.json, line 2: "toString" is not a key of a theme.'],
    [{ colors: [] }, 'mine.json, line 2: "colors" must be an object of colors, not [].'],
    [{ colors: { acent: "red" } }, 'mine.json, line 3: "acent" is not a color of a theme; did you mean "accent"?'],
    [
      { colors: { text: "#fff" } },
      'mine.json, line 3: "text" must be "#rrggbb", the name of one of the sixteen colors or "default", not "#fff".',
    ],
    [{ colors: { text: "brightred" } }, 'mine.json, line 3: "text" must be "brightRed", not "brightred".'],
    [{ extends: "nort" }, 'mine.json extends "nort", which is no other theme. Did you mean nord?'],
    [{ extends: "mine" }, 'mine.json extends "mine", which is no other theme.'],
    [{ colors: {} }, 'mine.json lacks "kind", which is "dark" or "light".'],
    [{ kind: "dark", colors: { text: "red" } }, /^mine\.json lacks background, panel, .+ that it "extends"\.$/],
  ];
  for (const [content, says] of wrong)
    it(`say in one sentence what is wrong with ${JSON.stringify(content)}`, async () => {
      await write("mine", content);
      const said = await problem("mine");
      if (typeof says === "string") assert.equal(said, says);
      else assert.match(said, says);
    });

  it("that lead in a circle, or are folders, are a problem", async () => {
    await write("mine", { extends: "yours" });
    await write("yours", { extends: "mine" });
    assert.match(await problem("mine"), /^yours\.json extends "mine", which is no other theme\./);
    await mkdir(join(user, "folder.json"));
    assert.match(await problem("folder"), /^folder\.json cannot be read: /);
  });
});
