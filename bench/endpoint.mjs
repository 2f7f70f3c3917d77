// A scripted endpoint in a process of its own, as fast as Node allows, for Tutti and the floor.
// The model's name selects the response: `echo`, `stream-N` (N tokens at full speed), `paced-N-R` (N tokens, R per second), `wide-N-R-S` (N pieces of S bytes, R per second), `reads-N` (N file reads, one per step).
// `/completions` responds with text: `fill-N` after N ms, others as above.
// Prints its port. With --log FILE, writes a JSON line per request: when it was received, when its response was sent, its port and body.
import { openSync, writeSync } from "node:fs";
import { createServer } from "node:http";

const at = process.argv.indexOf("--log");
const log = at < 0 ? -1 : openSync(process.argv[at + 1], "a");
const now = () => Number(process.hrtime.bigint()) / 1e6;
const chunk = (delta, finish = null, more = {}) =>
  `data: ${JSON.stringify({ id: "bench", object: "chat.completion.chunk", created: 1, model: "bench", choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;

const textChunk = (text) => `data: ${JSON.stringify({ id: "bench", choices: [{ index: 0, text }] })}\n\n`;

const words =
  "the agent reads one file and then writes a small change while every test goes on running until all is green".split(
    " ",
  );
const tokens = (count) =>
  Array.from({ length: count }, (_, index) => `${words[(index * 7) % words.length]}${index % 20 === 19 ? ".\n" : " "}`);

function chooseResponse(model, messages) {
  const [kind, count, rate, size] = model.split("/").at(-1).split("-");
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  const results = messages.slice(lastUser).filter(({ role }) => role === "tool").length;
  if (kind === "paced") return { texts: tokens(Number(count)), rate: Number(rate) };
  if (kind === "wide")
    return { texts: tokens(Number(count)).map((token) => token.padEnd(Number(size), ".")), rate: Number(rate) };
  if (kind === "stream") return { texts: tokens(Number(count)) };
  if (kind === "reads" && results < Number(count)) return { read: `src/f${String(results).padStart(3, "0")}.txt` };
  return { texts: ["PONG"] };
}

/** Responds to a completion request, and logs how many tokens were sent before the client disconnected. */
async function complete(response, body, receivedAt) {
  const [kind, count, rate] = body.model
    .split("/")
    .at(-1)
    .replace(/^starcoder-/, "")
    .split("-");
  const texts = kind === "paced" ? tokens(Number(count)).map((token) => `${token.trimEnd()} `) : ["a + b;"];
  let sentTokens = 0;
  if (log >= 0 && kind === "paced") writeSync(log, `${JSON.stringify({ receivedAt })}\n`);
  response.on("close", () => {
    const aborted = response.writableEnded ? {} : { abortedAt: now() };
    if (log >= 0) writeSync(log, `${JSON.stringify({ receivedAt, sentAt: now(), tokens: sentTokens, ...aborted })}\n`);
  });
  const wait = kind === "fill" ? Number(count) : 0;
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const text of texts) {
    if (response.destroyed) return;
    response.write(textChunk(text));
    sentTokens += 1;
    if (rate) await new Promise((resolve) => setTimeout(resolve, 1000 / Number(rate)));
  }
  response.end("data: [DONE]\n\n");
}

createServer((request, response) => {
  const receivedAt = now();
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", async () => {
    const raw = Buffer.concat(pieces);
    const body = JSON.parse(raw.toString());
    if (request.url.endsWith("/completions") && !request.url.endsWith("/chat/completions"))
      return complete(response, body, receivedAt);
    const { texts, read, rate } = chooseResponse(body.model, body.messages);
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (read) {
      const call = {
        index: 0,
        id: `call_${receivedAt}`,
        type: "function",
        function: { name: "read", arguments: JSON.stringify({ path: read }) },
      };
      response.write(chunk({ role: "assistant", tool_calls: [call] }));
    } else {
      // Paced: one token at a time, when it is due.
      const started = now();
      for (let from = 0; rate && from < texts.length; from++) {
        const wait = started + (from * 1000) / rate - now();
        if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
        response.write(chunk({ content: texts[from] }));
      }
      for (let from = 0; !rate && from < texts.length; from += 16) {
        const more = response.write(
          texts
            .slice(from, from + 16)
            .map((content) => chunk({ content }))
            .join(""),
        );
        if (!more) await new Promise((resolve) => response.once("drain", resolve));
      }
    }
    const usage = { prompt_tokens: Math.ceil(raw.length / 4), completion_tokens: texts?.length ?? 10, total_tokens: 0 };
    response.end(`${chunk({}, read ? "tool_calls" : "stop", { usage })}data: [DONE]\n\n`);
    if (log >= 0)
      writeSync(
        log,
        `${JSON.stringify({ receivedAt, sentAt: now(), body: process.argv.includes("--bodies") ? body : undefined, port: request.socket.remotePort })}\n`,
      );
  });
}).listen(0, "127.0.0.1", function () {
  process.stdout.write(`${this.address().port}\n`);
});
