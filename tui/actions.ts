/**
 * What a person can do here, as one table: the palette, the help, the slash commands, the key tables and the configuration's
 * `bindings` all read it. What is done stands in app/do.ts, which the compiler holds to this list; what the editor does to its text
 * stands in edit/commands.ts.
 */

export interface Action {
  /** For people, in the palette and in help. */
  title: string;
  group: "App" | "Prompt" | "Turn" | "Transcript" | "Session" | "Model" | "View";
  /** The name after `/`, where it is a slash command. */
  slash?: string;
  /** What may follow the slash command, in help. */
  takes?: string;
  /** Not in the palette: it only makes sense as a key. */
  keyOnly?: true;
}

const table = {
  "palette.open": { title: "Find anything to do", group: "App", keyOnly: true },
  "help.open": { title: "Help: everything, with its keys", group: "App", slash: "help" },
  "keys.open": { title: "Keys: what is bound to what", group: "App", slash: "keys" },
  "app.quit": { title: "Quit", group: "App", slash: "quit" },
  "app.interrupt": {
    title: "Take away what is written, else stop the turn, else quit at the second time",
    group: "App",
    keyOnly: true,
  },
  "app.suspend": { title: "Suspend to the shell", group: "App" },
  "app.redraw": { title: "Draw the screen anew", group: "App" },
  "prompt.submit": { title: "Send, or queue while the agent works", group: "Prompt", keyOnly: true },
  "prompt.steer": { title: "Tell the running turn now", group: "Prompt" },
  "prompt.stash": { title: "Put the prompt aside", group: "Prompt", slash: "stash" },
  "prompt.stashes": { title: "Prompts put aside", group: "Prompt", slash: "stashes" },
  "prompt.external": { title: "Write in your own editor", group: "Prompt", slash: "editor" },
  "prompt.older": { title: "Older prompt", group: "Prompt", keyOnly: true },
  "prompt.newer": { title: "Newer prompt", group: "Prompt", keyOnly: true },
  "prompt.search": { title: "Search older prompts", group: "Prompt" },
  "prompt.expand": { title: "Show pasted text whole", group: "Prompt" },
  "prompt.attach": { title: "Attach a file", group: "Prompt", slash: "attach", takes: "PATH" },
  "prompt.pasteImage": { title: "Attach the picture in the clipboard", group: "Prompt", slash: "paste" },
  "turn.interrupt": { title: "Stop the turn, keep what was said", group: "Turn" },
  "queue.open": { title: "Queued prompts: edit, order, drop", group: "Turn", slash: "queue" },
  "transcript.up": { title: "Scroll up a line", group: "Transcript", keyOnly: true },
  "transcript.down": { title: "Scroll down a line", group: "Transcript", keyOnly: true },
  "transcript.halfUp": { title: "Scroll up half a screen", group: "Transcript", keyOnly: true },
  "transcript.halfDown": { title: "Scroll down half a screen", group: "Transcript", keyOnly: true },
  "transcript.pageUp": { title: "Scroll up a screen", group: "Transcript", keyOnly: true },
  "transcript.pageDown": { title: "Scroll down a screen", group: "Transcript", keyOnly: true },
  "transcript.top": { title: "To the beginning", group: "Transcript" },
  "transcript.bottom": { title: "To the end", group: "Transcript" },
  "transcript.previousPrompt": { title: "To the prompt before", group: "Transcript" },
  "transcript.nextPrompt": { title: "To the next prompt", group: "Transcript" },
  "transcript.search": { title: "Search in this session", group: "Transcript", slash: "find", takes: "TEXT" },
  "transcript.searchNext": { title: "Next place found", group: "Transcript", keyOnly: true },
  "transcript.searchPrevious": { title: "Place found before", group: "Transcript", keyOnly: true },
  "transcript.fold": { title: "Unfold or fold the last call", group: "Transcript" },
  "transcript.foldAll": { title: "Unfold or fold everything", group: "Transcript" },
  "transcript.copy": { title: "Copy the last answer", group: "Transcript", slash: "copy" },
  "session.new": { title: "New session", group: "Session", slash: "new" },
  "sessions.open": { title: "Sessions: go on with another", group: "Session", slash: "sessions" },
  "session.rename": { title: "Rename this session", group: "Session", slash: "rename", takes: "TITLE" },
  "session.fork": { title: "Fork this session here", group: "Session", slash: "fork" },
  "session.archive": { title: "Archive this session", group: "Session", slash: "archive" },
  "timeline.open": { title: "Timeline: go back to a prompt", group: "Session", slash: "rewind" },
  "models.open": { title: "Models", group: "Model", slash: "model", takes: "PROVIDER/MODEL" },
  "model.next": { title: "Next of the models used recently", group: "Model" },
  "effort.cycle": {
    title: "How much the model thinks",
    group: "Model",
    slash: "effort",
    takes: "none|low|medium|high",
  },
  "mode.cycle": { title: "What is asked first: plan, ask, edit, auto", group: "Model", slash: "mode", takes: "MODE" },
  "permissions.open": { title: "Permissions that were kept", group: "Model", slash: "permissions" },
  "trust.open": { title: "Trust: what this folder's files ask for", group: "Model", slash: "trust" },
  "usage.open": { title: "Usage by model", group: "Model", slash: "usage" },
  "sidebar.toggle": { title: "Show or hide the sidebar", group: "View", slash: "sidebar" },
  "reasoning.toggle": { title: "Show or fold reasoning", group: "View", slash: "thinking" },
  "diff.toggle": { title: "Diffs side by side or unified", group: "View", slash: "diff" },
  "plugins.open": { title: "Plugins: what runs, and what it brings", group: "App", slash: "plugins" },
  "themes.open": { title: "Themes, with a live preview", group: "View", slash: "theme", takes: "NAME" },
  "mouse.toggle": { title: "Mouse for Tutti, or for the terminal's own selection", group: "View", slash: "mouse" },
  "dialog.close": { title: "Close", group: "View", keyOnly: true },
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof table;

export const actions: Readonly<Record<ActionName, Action>> = table;

export const actionNames = Object.keys(table) as ActionName[];

export const isAction = (name: string): name is ActionName => Object.hasOwn(table, name);

/** Actions by the name after `/`. */
export const slashes: ReadonlyMap<string, ActionName> = new Map(
  actionNames.flatMap((name) => {
    const { slash } = actions[name];
    return slash === undefined ? [] : [[slash, name] as const];
  }),
);
