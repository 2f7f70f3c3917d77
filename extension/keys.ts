/**
 * Provider API keys: stored in the editor's secret storage, and sent to the server, which may run on another machine, whenever it has
 * no key for a provider.
 */
import * as vscode from "vscode";
import type { Ext } from "./ext.ts";

const secretName = (provider: string): string => `key ${provider}`;
const STORED_PROVIDERS = "keys";

export async function setProviderKey(ext: Ext): Promise<void> {
  const { providers } = await ext.server().call("providerList", {});
  const rows = providers
    .filter(({ key }) => key !== "not needed")
    .map(({ id, name, key }) => ({
      label: name,
      description: id,
      detail: key === "none" ? "no key" : `key: ${key}`,
    }));
  const chosen = await vscode.window.showQuickPick(rows, { title: "Select a provider", matchOnDescription: true });
  if (!chosen) return;
  const key = await vscode.window.showInputBox({
    title: `API key for ${chosen.label}`,
    password: true,
    ignoreFocusOut: true,
    prompt: "The key is stored in the editor's secret storage and sent to your server.",
  });
  if (key === undefined || key.trim() === "") return;
  await ext.server().call("providerLogin", { provider: chosen.description, key: key.trim() });
  await ext.context.secrets.store(secretName(chosen.description), key.trim());
  await ext.context.secrets.store(
    STORED_PROVIDERS,
    JSON.stringify([...new Set([...(await readStoredProviders(ext)), chosen.description])]),
  );
  void vscode.window.showInformationMessage(`Tutti: Saved the API key for ${chosen.label}.`);
}

export async function removeProviderKey(ext: Ext): Promise<void> {
  const stored = await readStoredProviders(ext);
  if (stored.length === 0)
    return void vscode.window.showInformationMessage("Tutti: No API keys are stored in this editor.");
  const provider = await vscode.window.showQuickPick(stored, { title: "Select the provider whose key to remove" });
  if (provider === undefined) return;
  await ext.context.secrets.delete(secretName(provider));
  await ext.context.secrets.store(STORED_PROVIDERS, JSON.stringify(stored.filter((one) => one !== provider)));
  await ext.server().call("providerLogout", { provider });
}

/** Sends stored keys to a server that has none for a provider: a new one, or one on another machine. */
export async function sendStoredKeys(ext: Ext): Promise<void> {
  const all = await readStoredProviders(ext);
  if (all.length === 0) return;
  const { providers } = await ext.server().call("providerList", {});
  for (const { id, key } of providers) {
    const storedKey = key === "none" && all.includes(id) ? await ext.context.secrets.get(secretName(id)) : undefined;
    if (storedKey !== undefined) await ext.server().call("providerLogin", { provider: id, key: storedKey });
  }
}

/** Providers with a stored key. Also in secret storage, because not every editor can list its secrets. */
const readStoredProviders = async ({ context }: Ext): Promise<string[]> =>
  JSON.parse((await context.secrets.get(STORED_PROVIDERS)) ?? "[]") as string[];
