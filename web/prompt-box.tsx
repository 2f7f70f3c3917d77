/** Where a prompt is written: with files and symbols behind an @, commands behind a slash, and files that are dragged in. */
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Given } from "../client/frame.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt } from "./app.ts";
import { visible } from "./parts.tsx";
import { dataUrl, picturesIn, take as takePictures } from "./pictures.tsx";
import { accept, complete, submit } from "./prompt.ts";
import { Settings } from "./settings.tsx";
import type { Completion } from "./state.ts";

export function PromptBox({ app, view }: { app: App; view: SessionView | null }): VNode {
  const { draft, completion, attachments } = app.state();
  const area = useRef<HTMLTextAreaElement>(null);
  const cursor = useRef<number | null>(null);
  const running = view?.activity.state === "running";

  useLayoutEffect(() => {
    const at = area.current;
    if (!at) return;
    at.style.height = "auto";
    at.style.height = `${Math.min(at.scrollHeight + 2, 260)}px`;
    if (cursor.current !== null) at.setSelectionRange(cursor.current, cursor.current);
    cursor.current = null;
  }, [draft]);

  const take = (index: number): void => {
    cursor.current = accept(app, index, area.current?.selectionStart ?? draft.length);
    area.current?.focus();
  };
  const step = (rows: Completion, by: number): void =>
    app.set({ completion: { ...rows, chosen: (rows.chosen + by + rows.rows.length) % rows.rows.length } });
  const key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    // Keys may come faster than what is drawn.
    const { completion: open } = app.state();
    const does = keyOf(event, open, running);
    if (!does) return;
    event.preventDefault();
    if (does === "send" || does === "steer") submit(app, does);
    else if (does === "stop" && view) attempt(app, () => app.server.call("turnCancel", { session: view.id }));
    else if (open && does === "take") take(open.chosen);
    else if (open && does === "close") app.set({ completion: null });
    else if (open) step(open, does === "next" ? 1 : -1);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop files; the same is done by a mention or a paste.
    <div
      class="prompt-box"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const uris = urisOf(event.dataTransfer);
        if (uris.length > 0) app.host.tell({ type: "take", uris });
        else takePictures(app, picturesIn(event.dataTransfer));
      }}
    >
      {completion && <Choices completion={completion} take={take} />}
      <Attachments app={app} attachments={attachments} back={() => area.current?.focus()} />
      <textarea
        ref={area}
        id="prompt"
        rows={1}
        value={draft}
        aria-label="Prompt"
        aria-autocomplete="list"
        aria-controls="completion"
        {...(completion && { "aria-activedescendant": `completion-${completion.chosen}` })}
        placeholder={
          running
            ? "Enter queues · Ctrl+Enter tells it now · Esc stops"
            : "What should be done? @ for files, / for commands"
        }
        onInput={({ currentTarget: { value, selectionStart } }) => {
          app.set({ draft: value });
          complete(app, value, selectionStart);
        }}
        onKeyDown={key}
        onPaste={(event) => {
          const pictures = picturesIn(event.clipboardData);
          if (pictures.length === 0) return;
          event.preventDefault();
          takePictures(app, pictures);
        }}
        onBlur={() => app.set({ completion: null })}
      />
      <Settings app={app} view={view} />
    </div>
  );
}

/** Of several files a browser keeps one, and of a tab none: VS Code gives all of them in a list of its own. */
function urisOf(dropped: DataTransfer | null): string[] {
  const list = dropped?.getData("application/vnd.code.uri-list") || dropped?.getData("text/uri-list") || "";
  return list.split(/\r?\n/).filter((one) => one !== "" && !one.startsWith("#"));
}

type Does = "send" | "steer" | "stop" | "take" | "close" | "next" | "previous";

function keyOf(event: KeyboardEvent, completion: Completion | null, running: boolean): Does | null {
  const { key, shiftKey, ctrlKey, metaKey } = event;
  if (completion) {
    if (key === "ArrowDown") return "next";
    if (key === "ArrowUp") return "previous";
    if (key === "Tab" || (key === "Enter" && !shiftKey)) return "take";
    if (key === "Escape") return "close";
  }
  if (key === "Enter" && (ctrlKey || metaKey)) return running ? "steer" : "send";
  if (key === "Enter" && !shiftKey) return "send";
  return key === "Escape" && running ? "stop" : null;
}

function Choices({ completion, take }: { completion: Completion; take(index: number): void }): VNode {
  return (
    <div class="completion" id="completion" role="listbox" aria-label="Completions">
      {completion.rows.map(({ text, detail }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the keys are taken by the text that the list belongs to.
        <div
          key={text + detail}
          id={`completion-${index}`}
          role="option"
          aria-selected={index === completion.chosen}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => take(index)}
        >
          <span>{visible(text)}</span>
          <span class="muted">{visible(detail)}</span>
        </div>
      ))}
    </div>
  );
}

interface AttachmentsProps {
  app: App;
  attachments: readonly Given[];
  /** The button that had the focus is gone with what it stood for. */
  back(): void;
}

function Attachments({ app, attachments, back }: AttachmentsProps): VNode | null {
  if (attachments.length === 0) return null;
  return (
    <ul class="attachments" aria-label="Goes along">
      {attachments.map((attachment) => (
        <li key={attachment.name} class="chip">
          {attachment.data !== undefined && <img alt="" src={dataUrl(attachment.mediaType, attachment.data)} />}
          {visible(attachment.name)}
          <button
            type="button"
            aria-label={`Leave out ${attachment.name}`}
            onClick={() => {
              app.set({ attachments: app.state().attachments.filter((one) => one !== attachment) });
              back();
            }}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}
