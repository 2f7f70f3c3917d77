/** Small HTTP requests to local servers and model lists. Uses Node's own client, because fetch would load undici. */

export interface JsonRequest {
  url: string;
  /** Sent as JSON with POST; without a body the request is a GET. */
  body?: unknown;
  headers?: Record<string, string>;
  timeoutMs: number;
  maxBytes?: number;
}

const MiB = 1024 * 1024;

/** The body of a 200 response. Rejects with the reason otherwise. Follows no redirects. */
export function fetchText({ url, body, headers = {}, timeoutMs, maxBytes = 4 * MiB }: JsonRequest): Promise<string> {
  const client = process.getBuiltinModule(url.startsWith("https:") ? "node:https" : "node:http");
  return new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const sent = client.request(
      url,
      {
        method: body === undefined ? "GET" : "POST",
        headers: { accept: "application/json", ...(text !== "" && { "content-type": "application/json" }), ...headers },
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on("data", (part: Buffer) => {
          size += part.length;
          if (size > maxBytes) sent.destroy(new Error(`the response is larger than ${maxBytes} bytes`));
          else parts.push(part);
        });
        response.on("error", reject);
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          if (status === 200) resolve(Buffer.concat(parts).toString("utf8"));
          else reject(new Error(`it responded with status ${status}`));
        });
      },
    );
    sent.on("error", (error) =>
      reject(error.name === "TimeoutError" ? new Error(`no response within ${timeoutMs} ms`) : error),
    );
    sent.end(text);
  });
}

/** Null if no JSON object arrives in time. */
export async function fetchJson(question: JsonRequest): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = JSON.parse(await fetchText(question));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
