/** The definition of a plugin, as its author writes it. Only name and version are required. Types only. */
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
/** A value, or a function that creates it for each request. */
export type Resolvable<T> = T | ((context: Context) => Awaitable<T>);

// ── tools ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** JSON Schema of an object. */
export interface JsonSchema {
  type: "object";
  properties?: Record<string, object>;
  required?: string[];
  [keyword: string]: unknown;
}

/** The input of a tool: the fields of a zod object, a zod object, or JSON Schema. */
export type Input = Readonly<Record<string, z.ZodType>> | z.ZodObject | JsonSchema;

/** The type of the input that `run` gets. JSON Schema is validated, too, but has no static type. */
export type InputOf<I> = I extends z.ZodObject
  ? z.output<I>
  : I extends JsonSchema
    ? Record<string, unknown>
    : I extends Readonly<Record<string, z.ZodType>>
      ? z.output<z.ZodObject<I>>
      : Record<string, never>;

/** MCP content of a tool result or a prompt. `data` is base64. */
export type Content =
  | { type: "text"; text: string }
  | { type: "image"; data: string; mimeType: string }
  | { type: "audio"; data: string; mimeType: string }
  | { type: "resource_link"; uri: string; name: string; description?: string; mimeType?: string }
  | { type: "resource"; resource: { uri: string; text: string; mimeType?: string } };

/** A text, a list of content, or an object with these and more. An exception becomes an error result with its message. */
export type ToolResult =
  | string
  | Content[]
  | {
      text?: string;
      /** For programs; the model gets it as JSON if there is no text. */
      structured?: Record<string, unknown>;
      images?: { data: Uint8Array; mimeType: string }[];
      content?: Content[];
      /** Marks the result as an error for the model. */
      failed?: boolean;
    };

export interface Tool<I> {
  title?: string;
  /** For the model: what it does, and when to use it. */
  description: string;
  /** Absent: the tool has no input. */
  input?: I & Input;
  /** JSON Schema, or zod, of `structured`. */
  output?: Input;
  /** Hints for the host. Tutti shows them; they do not affect permissions. */
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
  /** By name, in the order in which users type them. */
  arguments?: Readonly<Record<string, { description?: string; required?: boolean }>>;
  run(values: Record<string, string>, context: Context): Awaitable<string | Message[]>;
}

export interface Resource {
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  /** `variables` are those of the URI, if it is a template such as `note://{name}`. */
  read(variables: Record<string, string>, context: Context): Awaitable<string | Uint8Array>;
}

// ── only for Tutti ───────────────────────────────────────────────────────────────────────────────────────────────────

/** `undefined` changes nothing. An exception is a failure, which `onFailure` handles. */
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
  list: Resolvable<Result<"tutti/provider/list">["providers"]>;
  /** A short-lived key for one of them. */
  token?(provider: string, context: Context): Awaitable<Token>;
}

export interface Skill {
  /** When to use it. */
  description: string;
  text: Resolvable<string>;
}

export type Span = z.infer<typeof widgetSpan>;
/** A line: plain text, or styled spans. */
export type Line = string | (string | Span)[];
export type WidgetRequest = Omit<Params<"tutti/widget/render">, "widget">;

export interface Widget {
  slots: [WidgetSlot, ...WidgetSlot[]];
  title?: string;
  /** Returns lines, and optionally the milliseconds until the next update. */
  render(request: WidgetRequest, context: Context): Awaitable<Line[] | { lines: Line[]; refreshMs?: number }>;
  /** Handles a key in the plugin's dialog, by its name in key tables. */
  key?(key: string, context: Context): Awaitable<Result<"tutti/widget/key"> | undefined>;
}

// ── the plugin ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** `Inputs` are the schemas of the tools, by name; TypeScript infers them. */
export interface Definition<Inputs = Readonly<Record<string, Input>>> {
  /** Should match `[a-z0-9][a-z0-9-]{0,39}`: it is a prefix of the names of tools, themes and commands. */
  name: string;
  version: string;
  title?: string;
  /** For the model: how to use the tools together. */
  instructions?: string;
  tools?: { readonly [Name in keyof Inputs]: Tool<Inputs[Name]> };
  prompts?: Readonly<Record<string, Prompt>>;
  /** By URI; one that contains `{name}` is a template. */
  resources?: Readonly<Record<string, Resource>>;
  hooks?: Hooks;
  themes?: Resolvable<Theme[]>;
  providers?: Providers;
  agents?: Resolvable<Agent[]>;
  skills?: Readonly<Record<string, Skill>>;
  widgets?: Readonly<Record<string, Widget>>;
  keymaps?: Resolvable<Keymap[]>;
}
