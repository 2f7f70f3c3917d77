/**
 * All actions of the terminal UI as one table. The palette, help, slash commands, key tables and the configuration's `bindings` read it.
 * app/action-handlers.ts implements every action (checked by the compiler); text editing commands are in edit/commands.ts.
 */

export interface Action {
  /** Shown in the palette and in help. */
  title: string;
  group: "App" | "Prompt" | "Turn" | "Transcript" | "Session" | "Model" | "View";
  /** Name of the slash command, without `/`. */
  slash?: string;
  /** Placeholder of the slash command's argument, shown in help. */
  argument?: string;
  /** Only useful as a key; not listed in the palette. */
  keyOnly?: true;
}

const table = {
  "palette.open": { title: "Open the command palette", group: "App", keyOnly: true },
  "help.open": { title: "Show help: all commands and their key bindings", group: "App", slash: "help" },
  "keys.open": { title: "Show all key bindings", group: "App", slash: "keys" },
  "app.quit": { title: "Quit", group: "App", slash: "quit" },
  "app.interrupt": {
    title: "Clear the prompt; press again to stop the turn, then to quit",
    group: "App",
    keyOnly: true,
  },
  "app.suspend": { title: "Suspend Tutti and return to the shell", group: "App" },
  "app.redraw": { title: "Redraw the screen", group: "App" },
  "prompt.submit": { title: "Send the prompt, or queue it while a turn runs", group: "Prompt", keyOnly: true },
  "prompt.steer": { title: "Steer the running turn with the prompt", group: "Prompt" },
  "prompt.stash": { title: "Stash the prompt", group: "Prompt", slash: "stash" },
  "prompt.stashes": { title: "Open stashed prompts", group: "Prompt", slash: "stashes" },
  "prompt.external": { title: "Edit the prompt in an external editor", group: "Prompt", slash: "editor" },
  "prompt.older": { title: "Show the previous prompt", group: "Prompt", keyOnly: true },
  "prompt.newer": { title: "Show the next prompt", group: "Prompt", keyOnly: true },
  "prompt.search": { title: "Search prompt history", group: "Prompt" },
  "prompt.expand": { title: "Expand pasted text", group: "Prompt" },
  "prompt.attach": { title: "Attach a file", group: "Prompt", slash: "attach", argument: "PATH" },
  "prompt.pasteImage": { title: "Attach the image from the clipboard", group: "Prompt", slash: "paste" },
  "turn.interrupt": { title: "Stop the turn", group: "Turn" },
  "queue.open": { title: "Manage queued prompts", group: "Turn", slash: "queue" },
  "queue.resume": { title: "Send the waiting prompts", group: "Turn", slash: "next" },
  "tasks.open": { title: "Show the subagents", group: "Turn", slash: "tasks" },
  "plan.open": { title: "Show the plan", group: "Turn", slash: "todos" },
  "transcript.focus": { title: "Move the focus to the conversation", group: "Transcript" },
  "transcript.up": { title: "Scroll up one line", group: "Transcript", keyOnly: true },
  "transcript.down": { title: "Scroll down one line", group: "Transcript", keyOnly: true },
  "transcript.halfUp": { title: "Scroll up half a page", group: "Transcript", keyOnly: true },
  "transcript.halfDown": { title: "Scroll down half a page", group: "Transcript", keyOnly: true },
  "transcript.pageUp": { title: "Scroll up one page", group: "Transcript", keyOnly: true },
  "transcript.pageDown": { title: "Scroll down one page", group: "Transcript", keyOnly: true },
  "transcript.top": { title: "Go to the start of the session", group: "Transcript" },
  "transcript.bottom": { title: "Go to the end of the session", group: "Transcript" },
  "transcript.previousPrompt": { title: "Go to the previous prompt", group: "Transcript" },
  "transcript.nextPrompt": { title: "Go to the next prompt", group: "Transcript" },
  "transcript.search": { title: "Search this session", group: "Transcript", slash: "find", argument: "TEXT" },
  "transcript.searchNext": { title: "Go to the next match", group: "Transcript", keyOnly: true },
  "transcript.searchPrevious": { title: "Go to the previous match", group: "Transcript", keyOnly: true },
  "transcript.fold": { title: "Fold or unfold the last visible tool call", group: "Transcript" },
  "transcript.foldAll": { title: "Fold or unfold all tool calls", group: "Transcript" },
  "transcript.copy": { title: "Copy the last response", group: "Transcript", slash: "copy" },
  "session.new": { title: "Start a new session", group: "Session", slash: "new" },
  "sessions.open": { title: "Switch to another session", group: "Session", slash: "sessions" },
  "session.rename": { title: "Rename this session", group: "Session", slash: "rename", argument: "TITLE" },
  "session.fork": { title: "Fork this session", group: "Session", slash: "fork" },
  "session.archive": { title: "Archive this session", group: "Session", slash: "archive" },
  "share.open": { title: "Share this session with guests", group: "Session", slash: "share" },
  "web.open": { title: "Continue this session in a browser", group: "Session", slash: "web" },
  "people.open": { title: "Show who is here, follow a person, give the wheel", group: "Session", slash: "people" },
  "wheel.take": { title: "Take the wheel, or ask for it", group: "Session", slash: "wheel" },
  "hand.toggle": { title: "Raise or lower your hand", group: "Session", slash: "hand" },
  "comment.add": { title: "Comment on what is shown", group: "Session", slash: "comment", argument: "TEXT" },
  "comments.open": { title: "Show the comments", group: "Session", slash: "comments" },
  "session.parent": {
    title: "Return from a subagent to the session that started it",
    group: "Session",
    slash: "parent",
  },
  "timeline.open": { title: "Rewind to an earlier prompt", group: "Session", slash: "rewind" },
  "session.compact": {
    title: "Compact the conversation: replace its older part with a summary",
    group: "Session",
    slash: "compact",
    argument: "[FOCUS]",
  },
  "agent.cycle": { title: "Switch to the next agent", group: "Model" },
  "agents.open": { title: "Choose an agent", group: "Model", slash: "agent", argument: "NAME" },
  "models.open": { title: "Choose a model", group: "Model", slash: "model", argument: "PROVIDER/MODEL" },
  "setup.open": { title: "Set up a model: find, test and save one", group: "Model", slash: "setup" },
  "model.next": { title: "Switch to the next recently used model", group: "Model" },
  "tier.cycle": {
    title: "Change the tier: auto, quick, standard, advanced",
    group: "Model",
    slash: "tier",
    argument: "auto|quick|standard|advanced",
  },
  "route.explain": { title: "Explain why this model was chosen", group: "Model", slash: "why" },
  "effort.cycle": {
    title: "Change the reasoning effort",
    group: "Model",
    slash: "effort",
    argument: "none|low|medium|high",
  },
  "mode.cycle": { title: "Change the mode: plan, ask, edit, auto", group: "Model", slash: "mode", argument: "MODE" },
  "permissions.open": { title: "Manage saved permission rules", group: "Model", slash: "permissions" },
  "trust.open": { title: "Review this folder's configuration", group: "Model", slash: "trust" },
  "context.open": { title: "Show what fills the context", group: "Model", slash: "context" },
  "usage.open": { title: "Show usage and budgets", group: "Model", slash: "usage" },
  "sidebar.toggle": { title: "Show or hide the sidebar", group: "View", slash: "sidebar" },
  "reasoning.toggle": { title: "Show or hide reasoning", group: "View", slash: "thinking" },
  "diff.toggle": { title: "Switch between side-by-side and unified diffs", group: "View", slash: "diff" },
  "plugins.open": { title: "Manage plugins", group: "App", slash: "plugins" },
  "themes.open": { title: "Choose a theme", group: "View", slash: "theme", argument: "NAME" },
  "mouse.toggle": { title: "Turn mouse capture on or off", group: "View", slash: "mouse" },
  "dialog.close": { title: "Close the dialog", group: "View", keyOnly: true },
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof table;

export const actions: Readonly<Record<ActionName, Action>> = table;

export const actionNames = Object.keys(table) as ActionName[];

export const isAction = (name: string): name is ActionName => Object.hasOwn(table, name);

/** Actions by the name of their slash command. */
export const slashes: ReadonlyMap<string, ActionName> = new Map(
  actionNames.flatMap((name) => {
    const { slash } = actions[name];
    return slash === undefined ? [] : [[slash, name] as const];
  }),
);
