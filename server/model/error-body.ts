/** Finds the error in a response body of any shape. Pure. */

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function firstText(...values: unknown[]): string {
  for (const value of values) if (typeof value === "string" && value.trim() !== "") return value;
  return "";
}

/** The message, code and extra text of an error body of any shape; null if the value is not an error. */
export function parseErrorBody(
  value: unknown,
): { message: string; code: string; status: number | null; failedText: string } | null {
  const outer = Array.isArray(value) ? record(value[0]) : record(value);
  if (outer === null) return null;
  const inner = record(outer.error);
  const details = Array.isArray(outer.detail)
    ? outer.detail.map((entry) => firstText(record(entry)?.msg)).join("; ")
    : outer.detail;
  const message = firstText(
    inner?.message,
    record(inner?.error)?.message,
    outer.error,
    outer.message,
    details,
    outer.Message,
    record(outer.detail)?.message,
  );
  const metadata = record(inner?.metadata);
  const upstream = firstText(metadata?.raw);
  const holder = inner ?? outer;
  const code = [holder.code, holder.type, holder.status]
    .filter((part) => typeof part === "string" || typeof part === "number")
    .join(" ");
  const number = Number(holder.code ?? holder.status_code);
  const failed =
    "error" in outer || /error/i.test(`${String(outer.object ?? "")} ${String(outer.type ?? "")}`) || message !== "";
  if (!failed) return null;
  return {
    message: upstream === "" || upstream.length > 400 ? message : `${message}: ${upstream}`,
    code: code.toLowerCase(),
    status: number >= 400 && number < 600 ? number : null,
    failedText: firstText(holder.failed_generation),
  };
}

export const looksLikeHtml = (text: string) => /^\s*(<!doctype html|<html|<head|<body)/i.test(text);
