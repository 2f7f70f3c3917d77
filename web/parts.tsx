/** Each part of a conversation, by what kind it is. Whose tool made a call, nothing here knows. */
import type { ComponentChildren, VNode } from "preact";
import { kindSigns, stateMarks } from "../client/signs.ts";
import type { CallKind } from "../protocol/events.ts";
import type { CallPart, Part } from "../protocol/parts.ts";
import { printable } from "../protocol/printable.ts";
import { Diff } from "./diff.tsx";
import { Markdown } from "./markdown.tsx";
import { Picture } from "./pictures.tsx";

export interface Way {
  unfolded: boolean;
  fold(): void;
  link(href: string): void;
  file(path: string, line?: number): void;
  /** Bytes that the session keeps, in base64; null where it does not. */
  bytes(blob: string): Promise<string | null>;
}

/** Lines of output that are shown without being asked for, from the end; what was read is not. */
const tails: Partial<Record<CallKind, number>> = { execute: 8, other: 6, task: 6 };

/** What a reader of the screen is told before the part itself. */
export function labelOf(part: Part): string {
  switch (part.type) {
    case "prompt":
      return `${part.by.name}`;
    case "text":
      return "Answer";
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

export function PartOf({ part, way }: { part: Part; way: Way }): VNode {
  switch (part.type) {
    case "prompt":
      return (
        <div class="prompt">
          <div class="said">{visible(part.text)}</div>
          {part.attachments.length > 0 && (
            <div class="muted">{part.attachments.map(({ name }) => `📎 ${visible(name)}`).join("  ")}</div>
          )}
          {part.attachments.map(
            ({ blob, ...one }) => blob !== undefined && <Picture key={blob} {...one} {...{ blob, way }} />,
          )}
        </div>
      );
    case "text":
      return <Markdown text={part.text} open={part.open} link={way.link} />;
    case "reasoning":
      return (
        <Fold title={part.open ? "Reasoning…" : "Reasoning"} way={way}>
          <div class="reasoning">
            <Markdown text={part.text} open={part.open} link={way.link} />
          </div>
        </Fold>
      );
    case "call":
      return <Call part={part} way={way} />;
    case "notice":
      return <div class={`notice ${part.level}`}>{visible(part.text)}</div>;
    case "compaction":
      return (
        <Fold title={`The history was summarized: ${visible(part.reason)}`} way={way}>
          <Markdown text={part.summary} open={false} link={way.link} />
        </Fold>
      );
    default:
      return part satisfies never;
  }
}

export const visible = (text: string): string => printable(text, { keepNewlines: true });

function Fold({ title, way, children }: { title: string; way: Way; children: ComponentChildren }): VNode {
  return (
    <div>
      <button type="button" class="fold" aria-expanded={way.unfolded} onClick={way.fold}>
        {`${way.unfolded ? "▾" : "▸"} ${title}`}
      </button>
      {way.unfolded && children}
    </div>
  );
}

function Call({ part, way }: { part: CallPart; way: Way }): VNode {
  const place = part.locations[0];
  const took = part.endedAt === undefined ? "" : seconds(part.endedAt - part.askedAt);
  const foldable = part.output !== "" || part.diff !== undefined;
  return (
    <div class={`call ${part.state}`}>
      <div class="head">
        <span class="state" aria-hidden="true">
          {stateMarks[part.state]}
        </span>
        <span class="sign" aria-hidden="true">
          {kindSigns[part.kind]}
        </span>
        {foldable ? (
          <button type="button" class="title" aria-expanded={way.unfolded} onClick={way.fold}>
            {visible(part.title)}
          </button>
        ) : (
          <span class="title">{visible(part.title)}</span>
        )}
        {place && (
          <button
            type="button"
            class="link open"
            title={place.path}
            aria-label={`Open ${place.path}`}
            onClick={() => way.file(place.path, place.line)}
          >
            ↗
          </button>
        )}
        <span class="muted">
          {part.state === "refused" || part.state === "interrupted" ? `${part.state} ${took}` : took}
        </span>
      </div>
      <Body part={part} unfolded={way.unfolded} />
      {part.images.map((one) => (
        <Picture key={one.blob} name={part.title} {...one} way={way} />
      ))}
    </div>
  );
}

function Body({ part, unfolded }: { part: CallPart; unfolded: boolean }): VNode | null {
  if (part.diff !== undefined && part.diff !== "") return <Diff text={part.diff} whole={unfolded} />;
  const failed = part.state === "failed" || part.state === "refused";
  const tail = part.endedAt === undefined || failed ? 8 : (tails[part.kind] ?? 0);
  const text = visible(part.output.replace(/\n+$/, ""));
  const shown = unfolded ? text : tail === 0 ? "" : lastLines(text, tail);
  return shown === "" ? null : <pre class={failed ? "output error" : "output"}>{shown}</pre>;
}

function lastLines(text: string, most: number): string {
  const lines = text.split("\n");
  return lines.length <= most + 1 ? text : `… ${lines.length - most} lines before\n${lines.slice(-most).join("\n")}`;
}

function seconds(milliseconds: number): string {
  const whole = milliseconds / 1000;
  if (whole < 10) return `${whole.toFixed(1)} s`;
  return whole < 60 ? `${Math.round(whole)} s` : `${Math.floor(whole / 60)} min ${Math.round(whole % 60)} s`;
}
