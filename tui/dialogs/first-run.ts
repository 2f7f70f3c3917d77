/** The dialog that sets up a model: choose one, enter the key of its provider, test it, and save it as the default. */
import { formatCount } from "../../client/format.ts";
import { describeError } from "../../protocol/errors.ts";
import type { ResultOf } from "../../protocol/methods.ts";
import { printable } from "../../protocol/printable.ts";
import type { App, ListSpec } from "../app/app.ts";
import {
  type Check,
  createFailedCheck,
  type LocalEndpoint,
  listModelSources,
  type Provider,
  REHEARSAL,
  splitName,
  summarizeChecks,
} from "../app/model-setup.ts";
import type { Item } from "../app/state.ts";
import { type Line, line } from "../draw/style.ts";
import { useModel } from "./models.ts";

/** A model to test before it is used. */
interface Candidate {
  provider: string;
  /** Without the provider. */
  model: string;
  /** To store for the provider once the test has succeeded; null if it has one, or needs none. */
  key: string | null;
  /** A key entered here would be used: none of the environment or the configuration comes before it. */
  acceptsKey: boolean;
}

/** Does nothing while another dialog is open. */
export function openFirstRun(app: App): void {
  if (app.state().dialogs.length === 0) app.openList(createFirstRunDialog());
}

function createFirstRunDialog(): ListSpec {
  let providers: readonly Provider[] = [];
  return {
    title: "Set up a model",
    intro: "Choose the model that answers your prompts. Esc closes this list; /setup opens it again.",
    loading: "Looking for local servers…",
    empty: "No models found.",
    async items(app) {
      const sources = await listModelSources(app.server, (message) => app.toast("warning", message));
      providers = sources.providers;
      return [
        ...sources.endpoints.flatMap(toLocalItems),
        ...providers.filter(({ key }) => key !== "none").map(toProviderItem),
        ...providers.filter(({ key }) => key === "none").map(toProviderItem),
        { id: REHEARSAL, text: REHEARSAL, detail: "a scripted model, to look around", group: "Without a model" },
      ];
    },
    choose(app, { id }) {
      if (id === REHEARSAL) return rehearse(app);
      const provider = providers.find((one) => one.id === id);
      if (provider?.key === "none") return askForKey(app, provider.id, (key) => openModels(app, provider, key));
      if (provider) return openModels(app, provider, null);
      testModel(app, { ...splitName(id), key: null, acceptsKey: false });
    },
    onCancel(app) {
      if (app.state().needsModel) app.toast("info", "No model is set up. /setup opens the list again.");
    },
  };
}

const toLocalItems = ({ provider, baseUrl, models }: LocalEndpoint): Item[] =>
  models.map(({ id, context, warning }) => ({
    id: `${provider}/${id}`,
    text: `${provider}/${id}`,
    detail: [`runs at ${new URL(baseUrl).origin}`, ...(warning === undefined ? [] : [warning])].join(" · "),
    group: "On this machine",
    right: context === null ? "" : formatCount(context),
  }));

const toProviderItem = ({ id, name, key, keyNames }: Provider): Item => ({
  id,
  text: id,
  detail: name === id ? "" : name,
  ...(key === "none"
    ? { group: "With an API key", right: keyNames[0] ?? "" }
    : { group: "Ready", right: key === "not needed" ? "ready: no key needed" : `ready: key in the ${key}` }),
});

function rehearse(app: App): void {
  useModel(app, REHEARSAL);
  app.toast("info", `Using ${REHEARSAL}, a scripted model, until you quit. Type /setup to choose a real model.`);
}

function askForKey(app: App, provider: string, onKey: (key: string) => void): void {
  const accept = (text: string): void => {
    const key = text.trim();
    if (key === "") {
      app.toast("warning", "No key was entered.");
      openFirstRun(app);
    } else onKey(key);
  };
  const hint = "It is stored in the system keychain, or in a file that only you can read, after a test.";
  app.openSecretInput(`API key for ${provider}`, hint, accept, () => openFirstRun(app));
}

/** The models of a provider, its default first. A provider whose models are unknown lets the user name one. */
function openModels(app: App, { id: provider, key: source, models: count }: Provider, key: string | null): void {
  const test = (model: string): void =>
    testModel(app, { provider, model, key, acceptsKey: source !== "environment" && source !== "configuration" });
  const back = (): void => openFirstRun(app);
  if (count === 0) {
    const hint = "Its name, as the provider writes it";
    app.openInput(`Model of ${provider}`, hint, "", (name) => test(name.trim()), back);
    return;
  }
  app.openList({
    title: `Models of ${provider}`,
    intro: "The first one is this provider's default. The one you choose is tested with a few small requests.",
    empty: `No models of ${provider} were found.`,
    async items() {
      try {
        const [{ models }, best] = await Promise.all([
          app.server.call("modelList", { provider }),
          app.server.call("modelCheck", { model: `${provider}/` }).catch(() => ({ model: "" })),
        ]);
        return models
          .map(toModelItem(best.model))
          .toSorted((a, b) => Number(b.id === best.model) - Number(a.id === best.model));
      } catch (error) {
        app.closeDialog();
        throw error;
      }
    },
    choose: (_, { id }) => test(splitName(id).model),
    onCancel: back,
  });
}

const toModelItem =
  (best: string) =>
  ({ id, context, tools }: ResultOf<"modelList">["models"][number]): Item => ({
    id,
    text: id,
    detail: [...(id === best ? ["default"] : []), ...(tools ? [] : ["no tools"])].join(" · "),
    right: context === null ? "" : formatCount(context),
  });

/** Tests the model while a dialog says so, and saves it if it works. */
function testModel(app: App, candidate: Candidate): void {
  let isClosed = false;
  app.openList({
    title: `Test of ${nameOf(candidate)}`,
    intro: "A few small requests are sent. Esc cancels.",
    loading: "Testing…",
    empty: "",
    async items() {
      const checks = await runTest(app, candidate);
      if (isClosed) return [];
      isClosed = true;
      app.closeDialog();
      await finishTest(app, candidate, checks);
      return [];
    },
    onCancel() {
      if (isClosed) return;
      isClosed = true;
      openFirstRun(app);
    },
  });
}

const nameOf = ({ provider, model }: Candidate): string => `${provider}/${model}`;

/** A request that cannot be sent is a failed check. */
async function runTest(app: App, { provider, model, key }: Candidate): Promise<readonly Check[]> {
  try {
    return (await app.server.call("providerTest", { provider, model, ...(key !== null && { key }) })).checks;
  } catch (error) {
    return [createFailedCheck(error)];
  }
}

async function finishTest(app: App, candidate: Candidate, checks: readonly Check[]): Promise<void> {
  const { callsTools, failed } = summarizeChecks(checks);
  if (failed.length === 0)
    return save(app, candidate, `The test succeeded${callsTools ? ", including tool calls" : ""}.`);
  openFailure(app, candidate, failed);
}

/** `result`: what the test has shown. */
async function save(app: App, candidate: Candidate, result: string): Promise<void> {
  const { provider, key } = candidate;
  const model = nameOf(candidate);
  try {
    if (key !== null) await app.server.call("providerLogin", { provider, key });
  } catch (error) {
    app.toast("error", `The API key could not be saved: ${describeError(error)}`);
    return openFirstRun(app);
  }
  useModel(app, model);
  try {
    await app.server.call("configWrite", { key: "model", text: JSON.stringify(model) });
  } catch (error) {
    app.toast(
      "warning",
      `${model} is used until you quit. It could not be saved as your default: ${describeError(error)}`,
    );
    return;
  }
  app.set({ defaults: { ...app.state().defaults, model } });
  app.toast("info", `${result} ${model} is now your default model; change it with /model or /setup.`);
}

const decisions = {
  back: "Choose another model",
  again: "Test again",
  key: "Enter another API key",
  use: "Use it anyway",
} as const;

/** Says why the test failed, and leads back to the list. */
function openFailure(app: App, candidate: Candidate, failed: readonly Check[]): void {
  const { responds } = summarizeChecks(failed);
  const { provider, acceptsKey } = candidate;
  const isOffered = { back: true, again: true, key: acceptsKey && !responds, use: responds };
  const leave = (): void => openFirstRun(app);
  const run: Record<string, () => void | Promise<void>> = {
    back: leave,
    again: () => testModel(app, candidate),
    key: () => askForKey(app, provider, (key) => testModel(app, { ...candidate, key })),
    use: () => save(app, candidate, "Without tools, this model can only chat."),
  };
  app.openList({
    title: responds ? `${nameOf(candidate)} cannot call tools` : `${nameOf(candidate)} does not work`,
    intro: responds ? "It can chat, but neither read nor change files." : "Nothing was saved.",
    empty: "",
    items: () =>
      (["back", "again", "key", "use"] as const)
        .filter((id) => isOffered[id])
        .map((id): Item => ({ id, text: decisions[id] })),
    preview: () => failed.map(({ detail }): Line => line(printable(detail))),
    previewRequired: true,
    choose: (_, { id }) => run[id]?.(),
    onCancel: leave,
  });
}
