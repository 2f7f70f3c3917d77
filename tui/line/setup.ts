/** Chooses a model in line mode: `/setup` lists what can be used now, tests the choice and saves it as the default. */
import { describeError, endSentence } from "../../protocol/errors.ts";
import {
  createFailedCheck,
  hasModel,
  isMissingModel,
  isRehearsal,
  listModelSources,
  REHEARSAL,
  splitName,
  summarizeChecks,
} from "../app/model-setup.ts";
import type { LineApp } from "./app.ts";
import type { Choice } from "./menu.ts";
import { SETUP_HINT } from "./messages.ts";

/** The text of an error. If no model is set up, it also names the command that sets one up. */
export const describeLineError = (error: unknown): string =>
  isMissingModel(error) ? `${describeError(error)} ${SETUP_HINT}` : describeError(error);

/** `words` narrow the list, or name a model. */
export async function openSetup(app: LineApp, words: string): Promise<void> {
  if (isRehearsal(words)) return chooseModel(app, words);
  if (/^\S+\/\S+$/.test(words)) return testModel(app, words);
  const { endpoints, providers } = await listModelSources(app.server, (message) => app.write("notice", message));
  const choices: Choice[] = [
    ...endpoints.flatMap(({ provider, baseUrl, models }) =>
      models.map(({ id }) => ({
        id: `${provider}/${id}`,
        label: `${provider}/${id}, runs at ${new URL(baseUrl).origin}`,
      })),
    ),
    // Its default model.
    ...providers
      .filter(({ key }) => key !== "none")
      .map(({ id, key }) => ({
        id: `${id}/`,
        label: `${id}, ${key === "not needed" ? "no API key needed" : `API key in the ${key}`}`,
      })),
    { id: REHEARSAL, label: `${REHEARSAL}, a scripted model, to look around` },
  ];
  app.write(
    "status",
    "To add a provider, run `tutti providers login PROVIDER`, then type /setup again. `tutti providers list` shows all providers.",
  );
  await app.openMenu({ title: "Set up a model:", empty: "", choices }, words, (id) => chooseModel(app, id));
}

async function chooseModel(app: LineApp, id: string): Promise<void> {
  const { model } = await app.server.call("modelCheck", { model: id });
  if (!isRehearsal(model)) return testModel(app, model);
  app.setSettings({ ...app.settings(), model });
  app.write("status", `Using ${model}, a scripted model, until you quit. Type /setup to choose a real model.`);
}

async function testModel(app: LineApp, name: string): Promise<void> {
  app.write("status", `Testing ${name} with a few small requests.`);
  const { checks } = await app.server
    .call("providerTest", splitName(name))
    .catch((error) => ({ checks: [createFailedCheck(error)] }));
  const { responds, callsTools, failed } = summarizeChecks(checks);
  const reasons = failed.map(({ detail }) => endSentence(detail)).join(" ");
  if (!responds)
    return app.write("error", `${name} does not work: ${reasons} Nothing was saved. Choose another model with /setup.`);
  if (failed.length > 0)
    return app.write(
      "error",
      `${name} cannot call tools: ${reasons} It can chat, but neither read nor change files. Nothing was saved. To use it anyway, type /model ${name}.`,
    );
  await app.server.call("configWrite", { key: "model", text: JSON.stringify(name) });
  app.setSettings({ ...app.settings(), model: name });
  const result = `The test succeeded${callsTools ? ", including tool calls" : ""}.`;
  app.write("status", `${result} ${name} is now your default model; change it with /setup.`);
}

/** Says at the start that there is no model, when a prompt would fail. Other failures are announced with the prompt. */
export async function announceMissingModel(app: LineApp): Promise<void> {
  const { model = "" } = app.view() ?? {};
  if (app.settings().model !== undefined || app.defaults().model !== "" || model !== "") return;
  if (!(await hasModel(app.server))) app.write("notice", "No model is set up. Type /setup to choose one.");
}
