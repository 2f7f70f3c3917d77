/** Plugins: what is named here, what exactly each would start, what it brings, and a person's yes to both or the end of it. */
import { changeLines, lookLines, rowLines, startOf, stateWords } from "../../client/plugin-text.ts";
import type { PluginRow } from "../../protocol/plugin-methods.ts";
import { printable } from "../../protocol/printable.ts";
import type { App, ListSpec } from "../app/app.ts";
import { folderOf } from "../app/folder.ts";
import type { Item } from "../app/state.ts";
import { type Line, line } from "../draw/style.ts";

export const pluginsDialog: ListSpec = {
  title: "Plugins",
  empty: "None is named for this folder; `tutti plugins add` names one.",
  mustRead: true,
  async items(app) {
    const { plugins, problems } = await listed(app);
    return [
      ...plugins.map(
        (row): Item => ({
          id: row.name,
          text: row.name,
          detail: startOf(row),
          right: stateWords[row.state],
          mark: marks[row.state] ?? "",
        }),
      ),
      ...problems.map((problem): Item => ({ id: `\n${problem}`, text: problem, mark: "!", group: "Problems" })),
    ];
  },
  async preview(app, { id, text }) {
    const row = await rowNamed(app, id);
    return row ? linesOf([...rowLines(row), ...broughtLines(row)]) : linesOf([text]);
  },
  keys: {
    "ctrl+s": { label: "approve", does: approve },
    "ctrl+d": {
      label: "revoke",
      async does(app, { id }) {
        const row = await rowNamed(app, id);
        if (!row) return;
        await app.server.call("pluginsRevoke", { cwd: folderOf(app.state()), name: id });
        app.toast("info", `${id} is not approved any more.`);
      },
    },
  },
};

const marks: Readonly<Partial<Record<PluginRow["state"], string>>> = {
  ready: "●",
  idle: "○",
  starting: "○",
  changed: "!",
  failed: "!",
  off: "!",
};

const listed = (app: App) => app.server.call("pluginsList", { cwd: folderOf(app.state()) });

const rowNamed = async (app: App, name: string): Promise<PluginRow | undefined> =>
  (await listed(app)).plugins.find((row) => row.name === name);

const linesOf = (rows: readonly string[]): Line[] => rows.map((row) => line(printable(row).replaceAll("\t", "    ")));

const broughtLines = ({ tools, widgets }: PluginRow): string[] => [
  ...tools.map((tool) => `  tool       ${tool}`),
  ...widgets.map(({ name, slots }) => `  widget     ${name} (${slots.join(", ")})`),
];

/** Two questions: to start it, and then to use what it brings. Each names exactly what the yes is bound to. */
async function approve(app: App, { id }: Item): Promise<void> {
  const row = await rowNamed(app, id);
  if (!row) return;
  app.close();
  app.attempt(async () => {
    try {
      if (await isApproved(app, row)) app.toast("info", `${row.name} is approved.`);
    } finally {
      app.open(pluginsDialog);
    }
  });
}

async function isApproved(app: App, row: PluginRow): Promise<boolean> {
  const cwd = folderOf(app.state());
  const { name, identity } = row;
  if (!(await agrees(app, `Start ${name}?`, "Yes, start this", rowLines(row)))) return false;
  app.toast("info", `${name} is started, to see what it brings…`);
  const look = await app.server.call("pluginsLook", { cwd, name, identity });
  const brings = [...lookLines(row, look), ...(row.state === "changed" ? changeLines(look) : [])];
  if (!(await agrees(app, `Use ${name}, with what it brings?`, "Yes, it may be used", brings))) return false;
  await app.server.call("pluginsApprove", { cwd, name, identity, digest: look.digest });
  return true;
}

/** No unless a person says yes, whatever else happens. */
function agrees(app: App, title: string, yes: string, rows: readonly string[]): Promise<boolean> {
  return new Promise((resolve) =>
    app.open({
      title,
      empty: "",
      mustRead: true,
      items: () => [
        { id: "no", text: "No" },
        { id: "yes", text: yes },
      ],
      preview: () => linesOf(rows),
      choose: (_, { id }) => resolve(id === "yes"),
      left: () => resolve(false),
    }),
  );
}
