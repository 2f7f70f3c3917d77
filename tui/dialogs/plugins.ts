/** Lists plugins with the program that each starts and what it provides, and lets the user approve or revoke them. */
import { formatChanges, formatInspection, formatLaunch, formatPlugin, stateLabels } from "../../client/plugin-text.ts";
import type { PluginRow } from "../../protocol/plugin-methods.ts";
import { printable } from "../../protocol/printable.ts";
import type { App, ListSpec } from "../app/app.ts";
import { currentFolder, type Item } from "../app/state.ts";
import { type Line, line } from "../draw/style.ts";

export const pluginsDialog: ListSpec = {
  title: "Plugins",
  empty: "No plugins configured for this folder. Add one with `tutti plugins add`.",
  previewRequired: true,
  async items(app) {
    const { plugins, problems } = await listPlugins(app);
    return [
      ...plugins.map(
        (row): Item => ({
          id: row.name,
          text: row.name,
          detail: formatLaunch(row),
          right: stateLabels[row.state],
          mark: stateMarks[row.state] ?? "",
        }),
      ),
      ...problems.map((problem): Item => ({ id: `\n${problem}`, text: problem, mark: "!", group: "Problems" })),
    ];
  },
  async preview(app, { id, text }) {
    const row = await findPlugin(app, id);
    return row ? toLines([...formatPlugin(row), ...contributionLines(row)]) : toLines([text]);
  },
  keys: {
    "ctrl+s": { label: "approve", run: approve },
    "ctrl+d": {
      label: "revoke",
      async run(app, { id }) {
        const row = await findPlugin(app, id);
        if (!row) return;
        await app.server.call("pluginsRevoke", { cwd: currentFolder(app.state()), name: id });
        app.toast("info", `Revoked the approval of ${id}.`);
      },
    },
  },
};

const stateMarks: Readonly<Partial<Record<PluginRow["state"], string>>> = {
  ready: "●",
  idle: "○",
  starting: "○",
  changed: "!",
  failed: "!",
  off: "!",
};

const listPlugins = (app: App) => app.server.call("pluginsList", { cwd: currentFolder(app.state()) });

const findPlugin = async (app: App, name: string): Promise<PluginRow | undefined> =>
  (await listPlugins(app)).plugins.find((row) => row.name === name);

const toLines = (rows: readonly string[]): Line[] => rows.map((row) => line(printable(row).replaceAll("\t", "    ")));

const contributionLines = ({ tools, widgets }: PluginRow): string[] => [
  ...tools.map((tool) => `  tool       ${tool}`),
  ...widgets.map(({ name, slots }) => `  widget     ${name} (${slots.join(", ")})`),
];

/** Two approvals: to start the program, and then to use what it provides. Each covers exactly what its dialog shows. */
async function approve(app: App, { id }: Item): Promise<void> {
  const row = await findPlugin(app, id);
  if (!row) return;
  app.closeDialog();
  app.attempt(async () => {
    try {
      if (await approveInSteps(app, row)) app.toast("info", `Approved ${row.name}.`);
    } finally {
      app.openList(pluginsDialog);
    }
  });
}

async function approveInSteps(app: App, row: PluginRow): Promise<boolean> {
  const cwd = currentFolder(app.state());
  const { name, identity } = row;
  if (!(await confirm(app, `Start ${name}?`, "Yes, start it", formatPlugin(row)))) return false;
  app.toast("info", `Starting ${name} to inspect it…`);
  const inspection = await app.server.call("pluginsInspect", { cwd, name, identity });
  const details = [...formatInspection(row, inspection), ...(row.state === "changed" ? formatChanges(inspection) : [])];
  if (!(await confirm(app, `Enable ${name} and its tools?`, "Yes, enable it", details))) return false;
  await app.server.call("pluginsApprove", { cwd, name, identity, digest: inspection.digest });
  return true;
}

/** Resolves with true only if the user chooses yes. */
function confirm(app: App, title: string, yes: string, rows: readonly string[]): Promise<boolean> {
  return new Promise((resolve) =>
    app.openList({
      title,
      empty: "",
      previewRequired: true,
      items: () => [
        { id: "no", text: "No" },
        { id: "yes", text: yes },
      ],
      preview: () => toLines(rows),
      choose: (_, { id }) => resolve(id === "yes"),
      onCancel: () => resolve(false),
    }),
  );
}
