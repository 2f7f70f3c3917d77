/**
 * Keys of providers: kept by the editor's secret storage and nowhere else here, and handed to the server, which may be on another
 * machine, once, and again where it has none.
 */
import * as vscode from "vscode";
import type { Ext } from "./ext.ts";

const nameOf = (provider: string): string => `key ${provider}`;
const KNOWN = "keys";

export async function giveKey(ext: Ext): Promise<void> {
  const { providers } = await ext.server().call("providerList", {});
  const rows = providers
    .filter(({ key }) => key !== "not needed")
    .map(({ id, name, key }) => ({
      label: name,
      description: id,
      detail: key === "none" ? "no key yet" : `key: ${key}`,
    }));
  const chosen = await vscode.window.showQuickPick(rows, { title: "Tutti: whose key?", matchOnDescription: true });
  if (!chosen) return;
  const key = await vscode.window.showInputBox({
    title: `Tutti: the key of ${chosen.label}`,
    password: true,
    ignoreFocusOut: true,
    prompt: "Kept in the editor's secret storage and handed to your server.",
  });
  if (key === undefined || key.trim() === "") return;
  await ext.server().call("providerLogin", { provider: chosen.description, key: key.trim() });
  await ext.context.secrets.store(nameOf(chosen.description), key.trim());
  await ext.context.secrets.store(KNOWN, JSON.stringify([...new Set([...(await known(ext)), chosen.description])]));
  void vscode.window.showInformationMessage(`Tutti: ${chosen.label} has a key now.`);
}

export async function forgetKey(ext: Ext): Promise<void> {
  const all = await known(ext);
  if (all.length === 0) return void vscode.window.showInformationMessage("Tutti: no key was given here.");
  const provider = await vscode.window.showQuickPick(all, { title: "Tutti: whose key is forgotten?" });
  if (provider === undefined) return;
  await ext.context.secrets.delete(nameOf(provider));
  await ext.context.secrets.store(KNOWN, JSON.stringify(all.filter((one) => one !== provider)));
  await ext.server().call("providerLogout", { provider });
}

/** A server that was made anew, or that is elsewhere, gets what it lacks. */
export async function handOver(ext: Ext): Promise<void> {
  const all = await known(ext);
  if (all.length === 0) return;
  const { providers } = await ext.server().call("providerList", {});
  for (const { id, key } of providers) {
    const kept = key === "none" && all.includes(id) ? await ext.context.secrets.get(nameOf(id)) : undefined;
    if (kept !== undefined) await ext.server().call("providerLogin", { provider: id, key: kept });
  }
}

/** Which providers have one: in the secret storage too, since it cannot be listed everywhere. */
const known = async ({ context }: Ext): Promise<string[]> =>
  JSON.parse((await context.secrets.get(KNOWN)) ?? "[]") as string[];
