/** The prompt input, with completion for @ (files and symbols) and / (commands), and drag and drop of files. */
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { PendingAttachment } from "../client/webview-messages.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt } from "./app.ts";
import { attachImageFiles, dataUrl, imageFilesIn } from "./images.tsx";
import { sanitize } from "./parts.tsx";
import { acceptCompletion, submit, updateCompletion } from "./prompt.ts";
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

  const acceptRow = (index: number): void => {
    cursor.current = acceptCompletion(app, index, area.current?.selectionStart ?? draft.length);
    area.current?.focus();
  };
  const moveSelection = (rows: Completion, by: number): void =>
    app.set({ completion: { ...rows, chosen: (rows.chosen + by + rows.rows.length) % rows.rows.length } });
  const handleKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    // Keys may arrive faster than the page renders.
    const { completion: open } = app.state();
    const action = actionForKey(event, open, running);
    if (!action) return;
    event.preventDefault();
    if (action === "send" || action === "steer") submit(app, action);
    else if (action === "stop" && view) attempt(app, () => app.server.call("turnCancel", { session: view.id }));
    else if (open && action === "accept") acceptRow(open.chosen);
    else if (open && action === "close") app.set({ completion: null });
    else if (open) moveSelection(open, action === "next" ? 1 : -1);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only a drop target; mention and paste do the same with the keyboard.
    <div
      class="prompt-box"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const uris = readUris(event.dataTransfer);
        if (uris.length > 0) app.host.post({ type: "attachFiles", uris });
        else attachImageFiles(app, imageFilesIn(event.dataTransfer));
      }}
    >
      {completion && <CompletionList completion={completion} onAccept={acceptRow} />}
      <Attachments app={app} attachments={attachments} focusPrompt={() => area.current?.focus()} />
      <textarea
        ref={area}
        id="prompt"
        rows={1}
        value={draft}
        aria-label="Prompt"
        aria-autocomplete="list"
        {...(completion && {
          "aria-controls": "completion",
          "aria-activedescendant": `completion-${completion.chosen}`,
        })}
        placeholder={
          running ? "Enter to queue · Ctrl+Enter to steer · Esc to stop" : "Ask Tutti. @ for files, / for commands"
        }
        onInput={({ currentTarget: { value, selectionStart } }) => {
          app.set({ draft: value });
          updateCompletion(app, value, selectionStart);
        }}
        onKeyDown={handleKey}
        onPaste={(event) => {
          const images = imageFilesIn(event.clipboardData);
          if (images.length === 0) return;
          event.preventDefault();
          attachImageFiles(app, images);
        }}
        onBlur={() => app.set({ completion: null })}
      />
      <Settings app={app} view={view} />
    </div>
  );
}

/** Browsers keep only one of several files, and none for an editor tab. VS Code passes all of them in its own format. */
function readUris(dropped: DataTransfer | null): string[] {
  const list = dropped?.getData("application/vnd.code.uri-list") || dropped?.getData("text/uri-list") || "";
  return list.split(/\r?\n/).filter((one) => one !== "" && !one.startsWith("#"));
}

type PromptAction = "send" | "steer" | "stop" | "accept" | "close" | "next" | "previous";

function actionForKey(event: KeyboardEvent, completion: Completion | null, running: boolean): PromptAction | null {
  const { key, shiftKey, ctrlKey, metaKey } = event;
  if (completion) {
    if (key === "ArrowDown") return "next";
    if (key === "ArrowUp") return "previous";
    if (key === "Tab" || (key === "Enter" && !shiftKey)) return "accept";
    if (key === "Escape") return "close";
  }
  if (key === "Enter" && (ctrlKey || metaKey)) return running ? "steer" : "send";
  if (key === "Enter" && !shiftKey) return "send";
  return key === "Escape" && running ? "stop" : null;
}

function CompletionList({ completion, onAccept }: { completion: Completion; onAccept(index: number): void }): VNode {
  return (
    <div class="completion" id="completion" role="listbox" aria-label="Completions">
      {completion.rows.map(({ text, detail }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the textarea that controls the list handles the keys.
        <div
          key={text + detail}
          id={`completion-${index}`}
          role="option"
          aria-selected={index === completion.chosen}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onAccept(index)}
        >
          <span>{sanitize(text)}</span>
          <span class="muted">{sanitize(detail)}</span>
        </div>
      ))}
    </div>
  );
}

interface AttachmentsProps {
  app: App;
  attachments: readonly PendingAttachment[];
  /** Returns the focus to the prompt: the focused button is removed with its attachment. */
  focusPrompt(): void;
}

function Attachments({ app, attachments, focusPrompt }: AttachmentsProps): VNode | null {
  if (attachments.length === 0) return null;
  return (
    <ul class="attachments" aria-label="Attachments">
      {attachments.map((attachment) => (
        <li key={attachment.name} class="chip">
          {attachment.data !== undefined && <img alt="" src={dataUrl(attachment.mediaType, attachment.data)} />}
          {sanitize(attachment.name)}
          <button
            type="button"
            aria-label={`Remove ${attachment.name}`}
            onClick={() => {
              app.set({ attachments: app.state().attachments.filter((one) => one !== attachment) });
              focusPrompt();
            }}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}
