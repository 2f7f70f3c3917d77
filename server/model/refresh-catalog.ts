/** Fetches a newer catalog, encoded or as collected data, and validates it before it replaces the previous one. */
import { TuttiError } from "../../protocol/errors.ts";
import { replaceFile } from "../config/replace-file.ts";
import { catalogFile, parseCatalog } from "./catalog.ts";
import { fetchText } from "./fetch-json.ts";
import { parseJson } from "./try-parse-json.ts";

const maxBytes = 8 * 1024 * 1024;
const defaultTimeoutMs = 30_000;

export async function refreshCatalog(
  url: string | undefined,
  cacheDir: string,
  timeoutMs = defaultTimeoutMs,
): Promise<{ providers: number; models: number }> {
  if (url === undefined)
    throw new TuttiError("config", "No catalog address is configured. Set catalog.url in your configuration.");
  const text = await fetchText({ url, timeoutMs, maxBytes }).catch((error: Error) => {
    throw new TuttiError(
      "failed",
      `Cannot fetch the catalog from ${new URL(url).host}: ${error.message}. The current catalog is unchanged.`,
    );
  });
  const encoded = await encode(text);
  const rows = parseCatalog(encoded);
  const counts = rows?.ids().map((id) => rows.row(id)?.models.length ?? 0) ?? [];
  const models = counts.reduce((sum, count) => sum + count, 0);
  if (rows === null || counts.length === 0 || models === 0)
    throw new TuttiError(
      "failed",
      `The response of ${new URL(url).host} is not a catalog. The current catalog is unchanged.`,
    );
  await replaceFile(catalogFile(cacheDir), encoded);
  return { providers: counts.length, models };
}

/** Encodes collected data, or validates a catalog that is already encoded. */
async function encode(text: string): Promise<string> {
  const { catalogSource, encodeCatalog, normalizeCatalog } = await import("./catalog-encode.ts");
  const value = parseJson(text);
  const collected = catalogSource.safeParse(value);
  if (collected.success) return encodeCatalog(collected.data);
  return normalizeCatalog(value) ?? "";
}
