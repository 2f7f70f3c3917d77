/**
 * What keys ask of the part of the screen that has the keyboard, beside the actions of actions.ts: the row of a list, the choice of a
 * question. Each means the same wherever it is asked.
 */

const table = {
  "list.previous": "The row before",
  "list.next": "The next row",
  "list.pageUp": "A page up",
  "list.pageDown": "A page down",
  "list.first": "The first row",
  "list.last": "The last row",
  "list.accept": "Take this row",
  "question.previous": "The choice before",
  "question.next": "The next choice",
  "question.accept": "Take this choice",
  "question.choose": "Take the choice of this number",
  "question.allow": "Allow once",
  "question.always": "Allow from now on",
  "question.deny": "Do not allow",
  "question.details": "Show all of what is asked",
  "completion.previous": "The proposal before",
  "completion.next": "The next proposal",
  "completion.accept": "Take this proposal",
  "completion.run": "Take this proposal, and do it where it is a whole command",
  "completion.close": "Close the proposals",
  "search.previous": "The place found before",
  "search.next": "The next place found",
  "search.accept": "Stay at this place",
  "transcript.leave": "Back to the prompt",
  "transcript.previousCall": "The call before",
  "transcript.nextCall": "The next call",
  "transcript.center": "The chosen row to the middle",
  "clipboard.write": "Give to the clipboard",
} as const;

export type AskName = keyof typeof table;

export const asks: Readonly<Record<AskName, string>> = table;
