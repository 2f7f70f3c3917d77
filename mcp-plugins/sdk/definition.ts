/** What an author writes down: the parts of a plugin, each optional but name and version. Types only. */
import type { z } from "zod";
import type {
  HookAnswer,
  HookEvent,
  HookPayload,
  HookSpec,
  pluginRequests,
  WidgetSlot,
  widgetSpan,
} from "../../protocol/plugin.ts";
import type { Context } from "./context.ts";

type Result<M extends keyof typeof pluginRequests> = z.infer<(typeof pluginRequests)[M]["result"]>;
type Params<M extends keyof typeof pluginRequests> = z.infer<(typeof pluginRequests)[M]["params"]>;

/** A value now, or later. */
export type Awaitable<T> = T | Promise<T>;
/** A value, or a function that makes it each time it is asked for. */
export type Given<T> = T | ((context: Context) => Awaitable<T>);

// ── tools ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** JSON Schema of an object. */
export interface JsonSchema {
  type: "object";
  properties?: Record<string, object>;
  required?: string[];
  [keyword: string]: unknown;
}

/** What a tool takes: the fields of a zod object, such a schema itself, or JSON Schema. */
export type Input = Readonly<Record<string, z.ZodType>> | z.ZodObject | JsonSchema;

/** What `run` is given of such a schema. JSON Schema is checked, too, but has no type here. */
export type InputOf<I> = I extends z.ZodObject
  ? z.output<I>
  : I extends JsonSchema
    ? Record<string, unknown>
    : I extends Readonly<Record<string, z.ZodType>>
      ? z.output<z.ZodObject<I>>
      : Record<string, never>;

/** One piece of a tool's result, or of a prompt, as MCP has it. `data` is base64. */
export type Content =
  | { type: "text"; text: string }
  | { type: "image"; data: string; mimeType: string }
  | { type: "audio"; data: string; mimeType: string }
  | { type: "resource_link"; uri: string; name: string; description?: string; mimeType?: string }
  | { type: "resource"; resource: { uri: string; text: string; mimeType?: string } };

/** A text, pieces of content, or both with more. Whatever is thrown instead becomes a result that says so, marked as an error. */
export type ToolResult =
  | string
  | Content[]
  | {
      text?: string;
      /** For programs; shown to the model as JSON where there is no text. */
      structured?: Record<string, unknown>;
      images?: { data: Uint8Array; mimeType: string }[];
      content?: Content[];
      /** The tool did not do what it was asked to; the model is told. */
      failed?: boolean;
    };

export interface Tool<I> {
  title?: string;
  /** For the model: what it does, and when to use it. */
  description: string;
  /** Nothing where absent. */
  input?: I & Input;
  /** JSON Schema, or zod, of `structured`. */
  output?: Input;
  /** Hints for the host. Tutti shows them and grants nothing because of them. */
  annotations?: {
    readOnlyHint?: boolean;
    destructiveHint?: boolean;
    idempotentHint?: boolean;
    openWorldHint?: boolean;
  };
  run(input: InputOf<I>, context: Context): Awaitable<ToolResult>;
}

// ── prompts and resources ────────────────────────────────────────────────────────────────────────────────────────────

export interface Message {
  role: "user" | "assistant";
  content: Content;
}

/** A slash command in Tutti: `/plugin:name`, followed by its arguments. */
export interface Prompt {
  title?: string;
  description?: string;
  /** By name, in the order in which they are typed. */
  arguments?: Readonly<Record<string, { description?: string; required?: boolean }>>;
  run(given: Record<string, string>, context: Context): Awaitable<string | Message[]>;
}

export interface Resource {
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  /** `variables` are those of the address, where it is a template such as `note://{name}`. */
  read(variables: Record<string, string>, context: Context): Awaitable<string | Uint8Array>;
}

// ── what only Tutti asks for ─────────────────────────────────────────────────────────────────────────────────────────

/** `undefined` says nothing. What is thrown is a failure, and `onFailure` says what that does. */
export type HookHandler<E extends HookEvent> = (
  payload: HookPayload<E>,
  context: Context,
) => Awaitable<HookAnswer<E> | undefined>;

export type Hook<E extends HookEvent> = HookHandler<E> | (Omit<HookSpec, "event"> & { run: HookHandler<E> });
export type Hooks = { [E in HookEvent]?: Hook<E> };

export type Theme = Result<"tutti/theme/list">["themes"][number];
export type Agent = Result<"tutti/agent/list">["agents"][number];
export type Keymap = Result<"tutti/keymap/list">["keymaps"][number];
export type Token = Result<"tutti/provider/token">;

export interface Providers {
  /** Rows in the shape of `providers` in Tutti's configuration, by name. */
  list: Given<Result<"tutti/provider/list">["providers"]>;
  /** A short-lived key for one of them. */
  token?(provider: string, context: Context): Awaitable<Token>;
}

export interface Skill {
  /** When to use it. */
  description: string;
  text: Given<string>;
}

export type Span = z.infer<typeof widgetSpan>;
/** A line: plain text, or pieces of it with how they look. */
export type Line = string | (string | Span)[];
export type WidgetRequest = Omit<Params<"tutti/widget/render">, "widget">;

export interface Widget {
  slots: [WidgetSlot, ...WidgetSlot[]];
  title?: string;
  /** Lines, or lines and the milliseconds until it wants to be drawn again. */
  render(request: WidgetRequest, context: Context): Awaitable<Line[] | { lines: Line[]; refreshMs?: number }>;
  /** A key in the plugin's dialog, by its name in key tables. */
  key?(key: string, context: Context): Awaitable<Result<"tutti/widget/key"> | undefined>;
}

// ── all of it ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `Inputs` are the schemas of the tools, by name; the compiler finds them. */
export interface Definition<Inputs = Readonly<Record<string, Input>>> {
  /** `[a-z0-9][a-z0-9-]{0,39}` fits everywhere: it stands before the names of tools, themes and commands. */
  name: string;
  version: string;
  title?: string;
  /** For the model: how the tools belong together. */
  instructions?: string;
  tools?: { readonly [Name in keyof Inputs]: Tool<Inputs[Name]> };
  prompts?: Readonly<Record<string, Prompt>>;
  /** By address; one with `{name}` in it is a template. */
  resources?: Readonly<Record<string, Resource>>;
  hooks?: Hooks;
  themes?: Given<Theme[]>;
  providers?: Providers;
  agents?: Given<Agent[]>;
  skills?: Readonly<Record<string, Skill>>;
  widgets?: Readonly<Record<string, Widget>>;
  keymaps?: Given<Keymap[]>;
}
