/** A plugin with one of every feature. The test starts it as a program. */
import { z } from "zod";
import { plugin } from "../../../mcp-plugins/sdk/plugin.ts";

let calls = 0;

const host = await plugin({
  name: "orchestra",
  version: "1.2.3",
  title: "The orchestra",
  instructions: "Tune first.",
  tools: {
    add: {
      description: "Adds two numbers.",
      input: { a: z.number(), b: z.number().default(1) },
      output: { sum: z.number() },
      annotations: { readOnlyHint: true },
      run: ({ a, b }) => ({ structured: { sum: a + b } }),
    },
    echo: {
      title: "Echo",
      description: "Says it again.",
      input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
      run: ({ text }) => String(text),
    },
    draw: {
      description: "One red pixel and a link.",
      run: () => ({
        text: "red",
        images: [{ data: new Uint8Array([1, 2, 3]), mimeType: "image/png" }],
        content: [{ type: "resource_link", uri: "score://one", name: "one" }],
        failed: true,
      }),
    },
    break: {
      description: "Throws.",
      run() {
        calls += 1;
        console.log("on standard error");
        throw new Error(`broken ${calls}`);
      },
    },
    wait: {
      description: "Waits until it is cancelled, and says so with a notification.",
      async run(_, { signal, progress, notify }) {
        await progress(1, 3, "waiting");
        await new Promise((done) => signal.addEventListener("abort", done));
        await notify("cancelled", "warning");
        return "never heard";
      },
    },
    form: {
      description: "Asks for a name.",
      async run(_, { elicit }) {
        const form = await elicit("Who is it?", { name: z.string(), loud: z.boolean().default(false) });
        return form ? `${form.name}, ${form.loud ? "loud" : "quiet"}` : "nobody";
      },
    },
    sessions: {
      description: "Uses each request that a plugin may make.",
      input: { session: z.string() },
      async run({ session }, host) {
        const { title } = await host.read({ session, parts: 3 });
        const { text } = await host.complete({ session, tier: "quick", prompt: title });
        const { answer } = await host.ask({ session, title: text, choices: [{ id: "y", label: "Yes" }] });
        const { prompt } = await host.prompt({ session, text: `${answer}` });
        return prompt;
      },
    },
  },
  prompts: {
    play: {
      title: "Play",
      description: "Plays a piece.",
      arguments: { piece: { description: "Which one", required: true }, tempo: {} },
      run: ({ piece, tempo = "moderato" }) => `Play ${piece} ${tempo}.`,
    },
    duet: {
      run: () => [
        { role: "user", content: { type: "text", text: "One" } },
        { role: "assistant", content: { type: "text", text: "Two" } },
      ],
    },
  },
  resources: {
    "score://one": { name: "one", mimeType: "text/plain", read: () => "do re mi" },
    "score://{name}/raw": { name: "raw", read: ({ name = "" }) => new TextEncoder().encode(name) },
  },
  hooks: {
    "tool.before": {
      match: "bash|edit",
      timeoutMs: 1000,
      onFailure: "closed",
      run: ({ tool, input }) => (tool === "bash" ? { decision: "deny", reason: JSON.stringify(input) } : undefined),
    },
    "session.started": async ({ reason }, { notify }) => {
      await notify(reason);
      return { context: `It is ${reason}.` };
    },
    "turn.ended": () => {
      throw new Error("no baton");
    },
  },
  themes: [{ name: "gold", kind: "dark", colors: { accent: "#ffd700" } }],
  providers: {
    list: () => ({ hall: { baseUrl: "http://127.0.0.1:9/v1" } }),
    token: (provider) => ({ token: `key of ${provider}`, expiresAt: 5 }),
  },
  agents: async () => [{ name: "critic", description: "Finds faults.", prompt: "Be kind." }],
  skills: {
    tuning: { description: "When it sounds wrong.", text: "Turn the pegs." },
    breathing: { description: "Before a solo.", text: async () => "In and out." },
  },
  widgets: {
    beat: {
      slots: ["status", "dialog"],
      title: "Beat",
      render: ({ slot, width, view }) => ({
        lines: [slot, [{ text: "♩", fg: "accent" }, ` ${width} ${view?.session ?? "none"}`]],
        refreshMs: 1000,
      }),
      key: (key) => ({ close: key === "escape" }),
    },
    still: { slots: ["home"], render: () => ["still"] },
  },
  keymaps: [{ name: "keys", bindings: { "ctrl+b": "beat" } }],
}).serve();

await host.changed("themes");
