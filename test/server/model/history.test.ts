/** How the history is adapted to each kind of endpoint, checked in its requests. */
import assert from "node:assert/strict";
import type { Compat } from "../../../server/model/target.ts";
import type { AssistantContent, Message } from "../../../server/ports.ts";
import { readTool } from "../../help/model-client.ts";
import { requestFor } from "../../help/request-for.ts";
import type { Received } from "../../help/scripted-endpoint.ts";

type Json = Record<string, unknown>;

const user = (text: string): Message => ({ role: "user", content: [{ type: "text", text }] });
const assistant = (content: AssistantContent[], model = "acme/m"): Message => ({ role: "assistant", model, content });
const called = (id: string, name = "read"): AssistantContent => ({ type: "call", id, name, input: { path: "a" } });
const result = (id: string, images: { mediaType: string; data: Uint8Array }[] = []): Message => ({
  role: "tool",
  results: [{ id, name: "read", output: "text of a", failed: false, images }],
});
const image = { mediaType: "image/png", data: new Uint8Array([1, 2, 3]) };
const dataUrl = "data:image/png;base64,AQID";

const messagesOf = (received: Received) => (received.body.messages as Json[]).slice(1);
const rolesOf = (received: Received) => messagesOf(received).map((message) => message.role);
const history: Message[] = [
  user("one"),
  assistant([{ type: "reasoning", text: "hm" }, { type: "text", text: "so" }, called("c1")]),
  result("c1"),
];

describe("the history in a request", () => {
  const reasoning: { name: string; compat: Compat; model?: string; expected: Json }[] = [
    { name: "as reasoning_content", compat: {}, expected: { reasoning_content: "hm", content: "so" } },
    {
      name: "as reasoning for Cerebras, Groq and Ollama",
      compat: { reasoningOut: "reasoning" },
      expected: { reasoning: "hm", content: "so" },
    },
    {
      name: "as a thinking part for Mistral",
      compat: { reasoningOut: "thinking-part" },
      expected: {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
          { type: "text", text: "so" },
        ],
      },
    },
    {
      name: "in tags for MiniMax",
      compat: { reasoningOut: "think-tags" },
      expected: { content: "<think>hm</think>\nso" },
    },
    { name: "not at all", compat: { reasoningOut: "none" }, expected: { content: "so" } },
    { name: "not where another model thought", compat: {}, model: "other/x", expected: { content: "so" } },
    {
      name: "as an empty field where DeepSeek must have one",
      compat: { reasoningRequired: true },
      model: "other/x",
      expected: { content: "so", reasoning_content: "" },
    },
  ];
  for (const { name, compat, model, expected } of reasoning) {
    it(`sends earlier reasoning ${name}`, async () => {
      const messages = history.map((message) =>
        message.role === "assistant" ? { ...message, model: model ?? "acme/m" } : message,
      );
      const { tool_calls, ...rest } = messagesOf(await requestFor(compat, { messages }))[1] ?? {};
      assert.ok(tool_calls);
      assert.deepEqual(rest, { role: "assistant", ...expected });
    });
  }

  it("sends only the reasoning after the last prompt if earlier reasoning is rejected", async () => {
    const messages = [
      ...history,
      assistant([{ type: "text", text: "done" }]),
      user("two"),
      assistant([{ type: "reasoning", text: "again" }, called("c2")]),
      result("c2"),
    ];
    const received = await requestFor({ reasoningOut: "current" }, { messages });
    assert.deepEqual(
      messagesOf(received).map((message) => message.reasoning_content),
      [undefined, undefined, undefined, undefined, undefined, "again", undefined],
    );
  });

  it("maps a call and its result to the same nine letters for Mistral, and different calls to different ones", async () => {
    const messages: Message[] = [
      user("x"),
      assistant([called("call_0"), called("call_1")]),
      {
        role: "tool",
        results: ["call_0", "call_1"].map((id) => ({ id, name: "read", output: "", failed: false, images: [] })),
      },
    ];
    const [, assistantMessage, first, second] = messagesOf(await requestFor({ toolIds: "alnum9" }, { messages }));
    const ids = ((assistantMessage?.tool_calls ?? []) as Json[]).map((one) => String(one.id));
    for (const id of ids) assert.match(id, /^[A-Za-z0-9]{9}$/);
    assert.deepEqual([first?.tool_call_id, second?.tool_call_id], ids);
    assert.notEqual(ids[0], ids[1]);
  });

  it("adapts foreign ids for Claude and keeps valid ones", async () => {
    const id = async (callId: string) =>
      messagesOf(
        await requestFor({ toolIds: "word" }, { messages: [user("x"), assistant([called(callId)]), result(callId)] }),
      )[2]?.tool_call_id;
    assert.equal(await id("toolu_1-A"), "toolu_1-A");
    assert.match(String(await id("functions.read:0")), /^[A-Za-z0-9_-]+$/);
  });

  it("inserts an assistant message between a result and a prompt for Mistral", async () => {
    assert.deepEqual(rolesOf(await requestFor({ bridgeAfterTool: true }, { messages: [...history, user("two")] })), [
      "user",
      "assistant",
      "tool",
      "assistant",
      "user",
    ]);
  });

  it("adds a result for every interrupted call, and drops results without a call", async () => {
    const messages = [user("one"), assistant([called("c1")]), user("two"), result("nobody")];
    const received = await requestFor({}, { messages });
    assert.deepEqual(rolesOf(received), ["user", "assistant", "tool", "user"]);
    assert.match(String(messagesOf(received)[2]?.content), /interrupted/);
  });

  it("drops empty assistant messages, and merges adjacent prompts if roles must alternate", async () => {
    const messages = [
      user("one"),
      assistant([{ type: "reasoning", text: "hm" }]),
      assistant([{ type: "text", text: " " }]),
      user("two"),
    ];
    assert.deepEqual(rolesOf(await requestFor({}, { messages })), ["user", "user"]);
    assert.deepEqual(
      messagesOf(await requestFor({ mergeUsers: true }, { messages })).map((message) => message.content),
      [
        [
          { type: "text", text: "one" },
          { type: "text", text: "two" },
        ],
      ],
    );
  });

  it("adds the tool name to a result if required", async () => {
    assert.equal(messagesOf(await requestFor({ requireToolName: true }, { messages: history }))[2]?.name, "read");
    assert.equal("name" in (messagesOf(await requestFor({}, { messages: history }))[2] ?? {}), false);
  });

  it("lists an unavailable tool if the history contains calls and the endpoint requires one", async () => {
    const { body } = await requestFor({ toolsForHistory: true }, { messages: history });
    assert.equal((body.tools as Json[]).length, 1);
    assert.equal(body.tool_choice, "none");
  });

  it("sends back Gemini's signatures, and the value that skips the check for calls of other models", async () => {
    const own: AssistantContent = {
      type: "call",
      id: "1",
      name: "read",
      input: {},
      providerMetadata: { thoughtSignature: "sig" },
    };
    const signature = async (message: Message) => {
      const assistantMessage = messagesOf(
        await requestFor({ thoughtSignatures: true }, { messages: [user("x"), message] }),
      )[1];
      const [first] = (assistantMessage?.tool_calls ?? []) as { extra_content?: { google: unknown } }[];
      return first?.extra_content?.google;
    };
    assert.deepEqual(await signature(assistant([own])), { thought_signature: "sig" });
    assert.deepEqual(await signature(assistant([own], "other/x")), {
      thought_signature: "skip_thought_signature_validator",
    });
    assert.equal(await signature(assistant([called("1")])), undefined);
  });

  it("sends OpenRouter's reasoning details back unmodified, and not to another model", async () => {
    const details = [{ type: "reasoning.encrypted", data: "xyz" }];
    const parts: AssistantContent[] = [
      { type: "reasoning", text: "hm", providerMetadata: { reasoning_details: details } },
      called("c1"),
    ];
    const message = async (model: string) =>
      messagesOf(await requestFor({ reasoningDetails: true }, { messages: [user("x"), assistant(parts, model)] }))[1];
    assert.deepEqual((await message("acme/m"))?.reasoning_details, details);
    assert.equal((await message("other/x"))?.reasoning_details, undefined);
  });

  it("sends images only to models with vision", async () => {
    const messages: Message[] = [
      {
        role: "user",
        content: [
          { type: "text", text: "look" },
          { type: "image", ...image },
        ],
      },
    ];
    assert.match(JSON.stringify(messagesOf(await requestFor({}, { messages }))), /cannot see/);
    const seen = JSON.stringify(messagesOf(await requestFor({}, { messages }, { vision: true })));
    assert.ok(seen.includes(dataUrl));
  });

  it("sends images in results if accepted, else after them", async () => {
    const messages = [user("x"), assistant([called("c1")]), result("c1", [image])];
    const inside = await requestFor({ imageInToolResult: true }, { messages }, { vision: true });
    assert.deepEqual(messagesOf(inside)[2]?.content, [
      { type: "text", text: "text of a" },
      { type: "image_url", image_url: { url: dataUrl } },
    ]);
    const after = await requestFor({}, { messages }, { vision: true });
    assert.deepEqual(rolesOf(after), ["user", "assistant", "tool", "user"]);
    assert.ok(JSON.stringify(messagesOf(after)[3]).includes(dataUrl));
    assert.equal(JSON.stringify(messagesOf(after)[2]).includes("AQID"), false);
    assert.match(String(messagesOf(await requestFor({}, { messages }))[2]?.content), /text of a\n.*cannot see/);
  });

  it("starts the next request with the bytes of the previous one", async () => {
    const bytes = async (messages: Message[]) =>
      JSON.stringify((await requestFor({}, { messages, tools: [readTool] })).body.messages).slice(0, -1);
    const first = await bytes(history);
    const second = await bytes([
      ...history,
      assistant([{ type: "reasoning", text: "ok" }, called("c2")]),
      result("c2"),
    ]);
    assert.ok(second.startsWith(first));
  });
});
