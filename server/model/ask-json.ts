/** One small question over HTTP to a server nearby or to a list of models: JSON, or null where none came in time. */

export interface JsonQuestion {
  url: string;
  /** With a body it is a POST. */
  body?: unknown;
  headers?: Record<string, string>;
  ms: number;
  /** Bytes that are read at most. */
  most?: number;
}

const MiB = 1024 * 1024;

/** The text of a good answer; rejects with the reason otherwise. Follows no redirect. */
export function askText({ url, body, headers = {}, ms, most = 4 * MiB }: JsonQuestion): Promise<string> {
  const client = process.getBuiltinModule(url.startsWith("https:") ? "node:https" : "node:http");
  return new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const sent = client.request(
      url,
      {
        method: body === undefined ? "GET" : "POST",
        headers: { accept: "application/json", ...(text !== "" && { "content-type": "application/json" }), ...headers },
        agent: false,
        signal: AbortSignal.timeout(ms),
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on("data", (part: Buffer) => {
          size += part.length;
          if (size > most) sent.destroy(new Error(`the answer is larger than ${most} bytes`));
          else parts.push(part);
        });
        response.on("error", reject);
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          if (status === 200) resolve(Buffer.concat(parts).toString("utf8"));
          else reject(new Error(`it answered with status ${status}`));
        });
      },
    );
    sent.on("error", (error) => reject(error.name === "TimeoutError" ? new Error(`no answer within ${ms} ms`) : error));
    sent.end(text);
  });
}

export async function askJson(question: JsonQuestion): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = JSON.parse(await askText(question));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
