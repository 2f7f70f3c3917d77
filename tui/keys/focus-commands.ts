/** Commands for the part of the screen that has the focus, in addition to the actions of actions.ts. */

const table = {
  "list.previous": "Select the previous row",
  "list.next": "Select the next row",
  "list.pageUp": "Move up a page",
  "list.pageDown": "Move down a page",
  "list.first": "Select the first row",
  "list.last": "Select the last row",
  "list.accept": "Choose the selected row",
  "question.previous": "Select the previous choice",
  "question.next": "Select the next choice",
  "question.accept": "Answer with the selected choice",
  "question.choose": "Answer with the choice with this number",
  "question.allow": "Approve once",
  "question.always": "Always allow",
  "question.editRule": "Edit the rule before it is saved",
  "question.deny": "Deny",
  "question.back": "Exit full screen, or deny",
  "question.details": "Show the request full screen",
  "question.scrollUp": "Scroll the request up",
  "question.scrollDown": "Scroll the request down",
  "question.pageUp": "Scroll the request up a page",
  "question.pageDown": "Scroll the request down a page",
  "question.top": "Go to the start of the request",
  "question.bottom": "Go to the end of the request",
  "completion.previous": "Select the previous completion",
  "completion.next": "Select the next completion",
  "completion.accept": "Insert the selected completion",
  "completion.run": "Insert the selected completion, and run it if it is a complete command",
  "completion.close": "Close the completion menu",
  "search.previous": "Go to the previous match",
  "search.next": "Go to the next match",
  "search.accept": "Accept the input",
  "transcript.leave": "Return to the prompt",
  "transcript.previousCall": "Go to the previous tool call",
  "transcript.nextCall": "Go to the next tool call",
  "transcript.center": "Scroll back half a page",
  "clipboard.write": "Copy to the clipboard",
} as const;

export type FocusCommandName = keyof typeof table;

export const focusCommands: Readonly<Record<FocusCommandName, string>> = table;
