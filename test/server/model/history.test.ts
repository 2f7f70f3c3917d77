/** How the history is told to each kind of endpoint, read from the requests that it gets. */
import assert from "node:assert/strict";
import type { Compat } from "../../../server/model/target.ts";
import type { AssistantContent, Message } from "../../../server/ports.ts";
import { readTool } from "../../help/door.ts";
import type { Received } from "../../help/scripted-endpoint.ts";
import { sent } from "../../help/sent.ts";

type Json = Record<string, unknown>;

const user = (text: string): Message => ({ role: "user", content: [{ type: "text", text }] });
const said = (content: AssistantContent[], model = "acme/m"): Message => ({ role: "assistant", model, content });
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
  said([{ type: "reasoning", text: "hm" }, { type: "text", text: "so" }, called("c1")]),
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
    it(`tells earlier reasoning ${name}`, async () => {
      const messages = history.map((message) =>
        message.role === "assistant" ? { ...message, model: model ?? "acme/m" } : message,
      );
      const { tool_calls, ...rest } = messagesOf(await sent(compat, { messages }))[1] ?? {};
      assert.ok(tool_calls);
      assert.deepEqual(rest, { role: "assistant", ...expected });
    });
  }

  it("tells only the reasoning after the last prompt where earlier reasoning is refused", async () => {
    const messages = [
      ...history,
      said([{ type: "text", text: "done" }]),
      user("two"),
      said([{ type: "reasoning", text: "again" }, called("c2")]),
      result("c2"),
    ];
    const received = await sent({ reasoningOut: "current" }, { messages });
    assert.deepEqual(
      messagesOf(received).map((message) => message.reasoning_content),
      [undefined, undefined, undefined, undefined, undefined, "again", undefined],
    );
  });

  it("gives a call and its result the same nine letters for Mistral, and different ones to different calls", async () => {
    const messages: Message[] = [
      user("x"),
      said([called("call_0"), called("call_1")]),
      {
        role: "tool",
        results: ["call_0", "call_1"].map((id) => ({ id, name: "read", output: "", failed: false, images: [] })),
      },
    ];
    const [, spoken, first, second] = messagesOf(await sent({ toolIds: "alnum9" }, { messages }));
    const ids = ((spoken?.tool_calls ?? []) as Json[]).map((one) => String(one.id));
    for (const id of ids) assert.match(id, /^[A-Za-z0-9]{9}$/);
    assert.deepEqual([first?.tool_call_id, second?.tool_call_id], ids);
    assert.notEqual(ids[0], ids[1]);
  });

  it("makes foreign ids acceptable to Claude and keeps good ones", async () => {
    const id = async (given: string) =>
      messagesOf(await sent({ toolIds: "word" }, { messages: [user("x"), said([called(given)]), result(given)] }))[2]
        ?.tool_call_id;
    assert.equal(await id("toolu_1-A"), "toolu_1-A");
    assert.match(String(await id("functions.read:0")), /^[A-Za-z0-9_-]+$/);
  });

  it("puts an assistant between a result and a prompt for Mistral", async () => {
    assert.deepEqual(rolesOf(await sent({ bridgeAfterTool: true }, { messages: [...history, user("two")] })), [
      "user",
      "assistant",
      "tool",
      "assistant",
      "user",
    ]);
  });

  it("answers every call that an interruption left open, and drops results without a call", async () => {
    const messages = [user("one"), said([called("c1")]), user("two"), result("nobody")];
    const received = await sent({}, { messages });
    assert.deepEqual(rolesOf(received), ["user", "assistant", "tool", "user"]);
    assert.match(String(messagesOf(received)[2]?.content), /interrupted/);
  });

  it("drops assistant messages that say nothing, and joins the prompts around them where roles must alternate", async () => {
    const messages = [
      user("one"),
      said([{ type: "reasoning", text: "hm" }]),
      said([{ type: "text", text: " " }]),
      user("two"),
    ];
    assert.deepEqual(rolesOf(await sent({}, { messages })), ["user", "user"]);
    assert.deepEqual(
      messagesOf(await sent({ mergeUsers: true }, { messages })).map((message) => message.content),
      [
        [
          { type: "text", text: "one" },
          { type: "text", text: "two" },
        ],
      ],
    );
  });

  it("names the tool in its result where that is wanted", async () => {
    assert.equal(messagesOf(await sent({ requireToolName: true }, { messages: history }))[2]?.name, "read");
    assert.equal("name" in (messagesOf(await sent({}, { messages: history }))[2] ?? {}), false);
  });

  it("lists a tool that cannot be used where the history holds calls and the endpoint wants one", async () => {
    const { body } = await sent({ toolsForHistory: true }, { messages: history });
    assert.equal((body.tools as Json[]).length, 1);
    assert.equal(body.tool_choice, "none");
  });

  it("sends back Gemini's signatures, and the word that skips the check for calls of other models", async () => {
    const own: AssistantContent = {
      type: "call",
      id: "1",
      name: "read",
      input: {},
      replay: { thoughtSignature: "sig" },
    };
    const signature = async (message: Message) => {
      const spoken = messagesOf(await sent({ thoughtSignatures: true }, { messages: [user("x"), message] }))[1];
      const [first] = (spoken?.tool_calls ?? []) as { extra_content?: { google: unknown } }[];
      return first?.extra_content?.google;
    };
    assert.deepEqual(await signature(said([own])), { thought_signature: "sig" });
    assert.deepEqual(await signature(said([own], "other/x")), {
      thought_signature: "skip_thought_signature_validator",
    });
    assert.equal(await signature(said([called("1")])), undefined);
  });

  it("sends OpenRouter's reasoning details back unmodified, and not to another model", async () => {
    const details = [{ type: "reasoning.encrypted", data: "xyz" }];
    const parts: AssistantContent[] = [
      { type: "reasoning", text: "hm", replay: { reasoning_details: details } },
      called("c1"),
    ];
    const message = async (model: string) =>
      messagesOf(await sent({ reasoningDetails: true }, { messages: [user("x"), said(parts, model)] }))[1];
    assert.deepEqual((await message("acme/m"))?.reasoning_details, details);
    assert.equal((await message("other/x"))?.reasoning_details, undefined);
  });

  it("shows images only to models that see", async () => {
    const messages: Message[] = [
      {
        role: "user",
        content: [
          { type: "text", text: "look" },
          { type: "image", ...image },
        ],
      },
    ];
    assert.match(JSON.stringify(messagesOf(await sent({}, { messages }))), /cannot see/);
    const seen = JSON.stringify(messagesOf(await sent({}, { messages }, { vision: true })));
    assert.ok(seen.includes(dataUrl));
  });

  it("shows the images of results where they are accepted, and after them elsewhere", async () => {
    const messages = [user("x"), said([called("c1")]), result("c1", [image])];
    const inside = await sent({ imageInToolResult: true }, { messages }, { vision: true });
    assert.deepEqual(messagesOf(inside)[2]?.content, [
      { type: "text", text: "text of a" },
      { type: "image_url", image_url: { url: dataUrl } },
    ]);
    const after = await sent({}, { messages }, { vision: true });
    assert.deepEqual(rolesOf(after), ["user", "assistant", "tool", "user"]);
    assert.ok(JSON.stringify(messagesOf(after)[3]).includes(dataUrl));
    assert.equal(JSON.stringify(messagesOf(after)[2]).includes("AQID"), false);
    assert.match(String(messagesOf(await sent({}, { messages }))[2]?.content), /text of a\n.*cannot see/);
  });

  it("begins the next request with the bytes of this one", async () => {
    const bytes = async (messages: Message[]) =>
      JSON.stringify((await sent({}, { messages, tools: [readTool] })).body.messages).slice(0, -1);
    const first = await bytes(history);
    const second = await bytes([...history, said([{ type: "reasoning", text: "ok" }, called("c2")]), result("c2")]);
    assert.ok(second.startsWith(first));
  });
});
