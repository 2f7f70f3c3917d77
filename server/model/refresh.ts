/** Fetches a newer catalog, in the compact shape or as gathered facts; checks it before it takes the place of the last one. */
import { join } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import { replaceFile } from "../config/replace.ts";
import { askText } from "./ask-json.ts";
import { readRows } from "./catalog.ts";
import { parseJson } from "./parse-json.ts";

const most = 8 * 1024 * 1024;
const patienceMs = 30_000;

export async function refreshCatalog(
  url: string | undefined,
  cacheDir: string,
  ms = patienceMs,
): Promise<{ providers: number; models: number }> {
  if (url === undefined)
    throw new TuttiError(
      "config",
      "No address to fetch the catalog from is set; set catalog.url in your configuration.",
    );
  const text = await askText({ url, ms, most }).catch((error: Error) => {
    throw new TuttiError(
      "failed",
      `The catalog could not be fetched from ${new URL(url).host}: ${error.message}. The one that is here stays.`,
    );
  });
  const compact = await asCompact(text);
  const rows = readRows(compact);
  const counts = rows?.ids().map((id) => rows.row(id)?.models.length ?? 0) ?? [];
  const models = counts.reduce((sum, count) => sum + count, 0);
  if (rows === null || counts.length === 0 || models === 0)
    throw new TuttiError("failed", `What ${new URL(url).host} sent is not a catalog. The one that is here stays.`);
  await replaceFile(join(cacheDir, "catalog.json"), compact);
  return { providers: counts.length, models };
}

/** Whatever its layout, it comes out in ours, with each row checked. */
async function asCompact(text: string): Promise<string> {
  const [{ catalogSource, compactCatalog }, { checkRows }] = await Promise.all([
    import("./compact.ts"),
    import("./check-rows.ts"),
  ]);
  const value = parseJson(text);
  const facts = catalogSource.safeParse(value);
  if (facts.success) return compactCatalog(facts.data);
  return checkRows(value) ?? "";
}
