/** Renders each part of a conversation by its type. Tool calls are rendered by kind and title, never by tool name. */
import type { ComponentChildren, VNode } from "preact";
import { kindIcons, stateIcons } from "../client/icons.ts";
import type { CallKind } from "../protocol/events.ts";
import type { CallPart, Part } from "../protocol/parts.ts";
import { printable } from "../protocol/printable.ts";
import { describeOutcome } from "../protocol/questions.ts";
import { Diff } from "./diff.tsx";
import { SessionImage } from "./images.tsx";
import { Markdown } from "./markdown.tsx";

export interface PartActions {
  unfolded: boolean;
  toggleFold(): void;
  link(href: string): void;
  file(path: string, line?: number): void;
  /** Stored bytes in base64; null if the session does not have them. */
  bytes(blob: string): Promise<string | null>;
}

/** How many of the last lines of output are shown while collapsed. Kinds without an entry show none. */
const tailLines: Partial<Record<CallKind, number>> = { execute: 8, other: 6, task: 6 };

/** The accessible label of a part. */
export function describePart(part: Part): string {
  switch (part.type) {
    case "prompt":
      return `${part.by.name}`;
    case "text":
      return "Response";
    case "reasoning":
      return "Reasoning";
    case "call":
      return `${part.kind}, ${part.state}: ${part.title}`;
    case "notice":
      return part.level;
    case "compaction":
      return "Summary";
    default:
      return part satisfies never;
  }
}

export function PartView({ part, actions }: { part: Part; actions: PartActions }): VNode {
  switch (part.type) {
    case "prompt":
      return (
        <div class="prompt">
          <div class="prompt-author">{sanitize(part.by.kind === "person" ? part.by.name : part.by.kind)}</div>
          <div class="prompt-text">{sanitize(part.text)}</div>
          {part.attachments.length > 0 && (
            <div class="muted">{part.attachments.map(({ name }) => `📎 ${sanitize(name)}`).join("  ")}</div>
          )}
          {part.attachments.map(
            ({ blob, ...one }) => blob !== undefined && <SessionImage key={blob} {...one} {...{ blob, actions }} />,
          )}
        </div>
      );
    case "text":
      return <Markdown text={part.text} open={part.open} link={actions.link} />;
    case "reasoning":
      return (
        <Collapsible title={part.open ? "Reasoning…" : "Reasoning"} actions={actions}>
          <div class="reasoning">
            <Markdown text={part.text} open={part.open} link={actions.link} />
          </div>
        </Collapsible>
      );
    case "call":
      return <Call part={part} actions={actions} />;
    case "notice":
      return <div class={`notice ${part.level}`}>{sanitize(part.text)}</div>;
    case "compaction":
      return (
        <Collapsible title={`History compacted: ${sanitize(part.reason)}`} actions={actions}>
          <Markdown text={part.summary} open={false} link={actions.link} />
        </Collapsible>
      );
    default:
      return part satisfies never;
  }
}

export const sanitize = (text: string): string => printable(text, { keepNewlines: true });

function Collapsible({
  title,
  actions,
  children,
}: {
  title: string;
  actions: PartActions;
  children: ComponentChildren;
}): VNode {
  return (
    <div>
      <button type="button" class="fold" aria-expanded={actions.unfolded} onClick={actions.toggleFold}>
        {`${actions.unfolded ? "▾" : "▸"} ${title}`}
      </button>
      {actions.unfolded && children}
    </div>
  );
}

function Call({ part, actions }: { part: CallPart; actions: PartActions }): VNode {
  const location = part.locations[0];
  const duration = part.endedAt === undefined ? "" : formatSeconds(part.endedAt - part.askedAt);
  const foldable = part.output !== "" || part.diff !== undefined;
  return (
    <div class={`call ${part.state}`}>
      <div class="head">
        <span class="state" aria-hidden="true">
          {stateIcons[part.state]}
        </span>
        <span class="icon" aria-hidden="true">
          {kindIcons[part.kind]}
        </span>
        {foldable ? (
          <button type="button" class="title" aria-expanded={actions.unfolded} onClick={actions.toggleFold}>
            {sanitize(part.title)}
          </button>
        ) : (
          <span class="title">{sanitize(part.title)}</span>
        )}
        {location && (
          <button
            type="button"
            class="link open"
            title={location.path}
            aria-label={`Open ${location.path}`}
            onClick={() => actions.file(location.path, location.line)}
          >
            ↗
          </button>
        )}
        <span class="muted">
          {part.state === "refused" || part.state === "interrupted" ? `${part.state} ${duration}` : duration}
        </span>
      </div>
      {(part.outcomes ?? []).map((outcome) => (
        <div class={`outcome ${outcome.outcome}`}>{`↳ ${sanitize(describeOutcome(outcome))}`}</div>
      ))}
      <Body part={part} unfolded={actions.unfolded} />
      {part.images.map((one) => (
        <SessionImage key={one.blob} name={part.title} {...one} actions={actions} />
      ))}
    </div>
  );
}

function Body({ part, unfolded }: { part: CallPart; unfolded: boolean }): VNode | null {
  if (part.diff !== undefined && part.diff !== "") return <Diff text={part.diff} whole={unfolded} />;
  const failed = part.state === "failed" || part.state === "refused";
  const tail = part.endedAt === undefined || failed ? 8 : (tailLines[part.kind] ?? 0);
  const text = sanitize(part.output.replace(/\n+$/, ""));
  const shown = unfolded ? text : tail === 0 ? "" : lastLines(text, tail);
  return shown === "" ? null : <pre class={failed ? "output error" : "output"}>{shown}</pre>;
}

function lastLines(text: string, most: number): string {
  const lines = text.split("\n");
  return lines.length <= most + 1 ? text : `… ${lines.length - most} earlier lines\n${lines.slice(-most).join("\n")}`;
}

function formatSeconds(milliseconds: number): string {
  const whole = milliseconds / 1000;
  if (whole < 10) return `${whole.toFixed(1)} s`;
  return whole < 60 ? `${Math.round(whole)} s` : `${Math.floor(whole / 60)} min ${Math.round(whole % 60)} s`;
}
