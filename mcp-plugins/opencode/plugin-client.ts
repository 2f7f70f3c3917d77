/** `client` of OpenCode plugins: the few methods that Tutti supports. Any other rejects with an error that names it. */
import type { FromPlugin } from "./messages.ts";

type Notify = (level: Extract<FromPlugin, { type: "notify" }>["level"], text: string) => void;

interface Request {
  body?: { message?: string; level?: string; service?: string; variant?: string; title?: string };
}

export function createClient(notify: Notify): unknown {
  const methods: Readonly<Record<string, (request: Request) => void>> = {
    "app.log": ({ body = {} }) => void process.stderr.write(`${body.service ?? "plugin"}: ${body.message ?? ""}\n`),
    "tui.showToast": ({ body = {} }) => {
      const level = body.variant === "error" || body.variant === "warning" ? body.variant : "info";
      notify(level, [body.title, body.message].filter(Boolean).join(": "));
    },
  };
  const createMember = (path: string): unknown =>
    new Proxy(() => undefined, {
      // Without `then`, so that awaiting it does not call it as a promise.
      get: (_, name) =>
        typeof name === "symbol" || name === "then" ? undefined : createMember(path === "" ? name : `${path}.${name}`),
      async apply(_, __, [request = {}]: [Request?]) {
        const method = methods[path];
        if (!method) throw new Error(`client.${path} is not available to OpenCode plugins in Tutti.`);
        method(request);
        return { data: true };
      },
    });
  return createMember("");
}
