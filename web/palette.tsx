/** The dialogs over the page: the command palette, and the list of keys. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type PaletteRow, paletteRows } from "./action-handlers.ts";
import type { App } from "./app.ts";
import { pageKeys } from "./keys.ts";

export function PageDialog({ app }: { app: App }): VNode | null {
  const { dialog } = app.state();
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (dialog !== null && box.current?.open === false) box.current.showModal();
  }, [dialog]);
  if (dialog === null) return null;
  const close = (): void => app.set({ dialog: null });
  return (
    <dialog ref={box} class="palette" aria-label={dialog === "keys" ? "Keys" : "Commands"} onClose={close}>
      {dialog === "keys" ? <Keys close={close} /> : <Palette app={app} close={close} />}
    </dialog>
  );
}

function Palette({ app, close }: { app: App; close(): void }): VNode {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const shown = paletteRows.filter(({ title }) => title.toLowerCase().includes(text.trim().toLowerCase()));
  const run = (row: PaletteRow | undefined): void => {
    if (!row) return;
    close();
    row.run(app);
  };
  return (
    <>
      <input
        role="combobox"
        aria-label="Command"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={shown.length > 0 ? `command-${chosen}` : undefined}
        placeholder="Search commands"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (by !== 0 && shown.length > 0) setChosen((chosen + by + shown.length) % shown.length);
          else if (event.key === "Enter") run(shown[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <div id="commands" role="listbox" aria-label="Commands">
        {shown.map((row, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field that controls the list handles the keys.
          <div
            key={row.title}
            id={`command-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={() => run(row)}
          >
            <span class="grow">{row.title}</span>
            {row.keys !== undefined && <kbd>{describeKeys(row.keys)}</kbd>}
          </div>
        ))}
      </div>
      {shown.length === 0 && <p class="muted">No command matches.</p>}
    </>
  );
}

const promptKeys: readonly (readonly [string, string])[] = [
  ["enter", "Send the prompt, or queue it while a turn runs"],
  ["ctrl+enter", "Steer the running turn with the prompt"],
  ["escape", "Stop the turn"],
];

function Keys({ close }: { close(): void }): VNode {
  const all = [...Object.values(pageKeys).map(({ keys, title }) => [keys, title] as const), ...promptKeys];
  return (
    <>
      <h2>Keys</h2>
      <dl class="keys">
        {all.map(([keys, title]) => (
          <div key={keys}>
            <dt>
              <kbd>{describeKeys(keys)}</kbd>
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={close}>
        Close
      </button>
    </>
  );
}

const describeKeys = (keys: string): string =>
  keys
    .split(" ")
    .map((one) => one.replace(/\w{2,}/g, (word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
    .join(" ");
