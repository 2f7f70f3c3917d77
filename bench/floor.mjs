// The floor: the minimum for the same task in Node. Requests the endpoint with fetch, reads the files of its calls, and prints the text.
import { readFileSync } from "node:fs";

const [, , url, model, prompt] = process.argv;
const messages = [{ role: "user", content: prompt }];
for (;;) {
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages, stream: true }),
  });
  const decoder = new TextDecoder();
  let rest = "";
  let call = null;
  for await (const bytes of response.body) {
    rest += decoder.decode(bytes, { stream: true });
    let out = "";
    for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
      const line = rest.slice(6, end);
      rest = rest.slice(end + 2);
      if (line === "[DONE]") continue;
      const { delta } = JSON.parse(line).choices[0];
      out += delta.content ?? "";
      call = delta.tool_calls?.[0] ?? call;
    }
    if (out) process.stdout.write(out);
  }
  if (!call) break;
  messages.push({ role: "assistant", content: null, tool_calls: [call] });
  messages.push({
    role: "tool",
    tool_call_id: call.id,
    content: readFileSync(JSON.parse(call.function.arguments).path, "utf8"),
  });
}
