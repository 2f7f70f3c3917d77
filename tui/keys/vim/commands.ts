/** The commands of Vim's modes, so that key tables and the configuration can bind them by name. */

export interface VimCommand {
  title: string;
  /** Where it is implemented: motions.ts, objects.ts, operators.ts or changes.ts. A shorthand is an operator with a motion. */
  kind: "motion" | "object" | "operator" | "change" | "shorthand";
  /** It needs one more character. */
  awaits?: "character";
}

const motion = (title: string) => ({ title, kind: "motion" }) as const;
const motionTo = (title: string) => ({ title, kind: "motion", awaits: "character" }) as const;
const object = (title: string) => ({ title, kind: "object" }) as const;
const operator = (title: string) => ({ title, kind: "operator" }) as const;
const change = (title: string) => ({ title, kind: "change" }) as const;
const changeTo = (title: string) => ({ title, kind: "change", awaits: "character" }) as const;
const shorthand = (title: string) => ({ title, kind: "shorthand" }) as const;

const table = {
  "vim.left": motion("Move left"),
  "vim.right": motion("Move right"),
  "vim.up": motion("Move up a line"),
  "vim.down": motion("Move down a line"),
  "vim.word": motion("Move to the next word"),
  "vim.wordBack": motion("Move to the previous word"),
  "vim.wordEnd": motion("Move to the end of the word"),
  "vim.wordEndBack": motion("Move to the end of the previous word"),
  "vim.bigWord": motion("Move to the next WORD"),
  "vim.bigWordBack": motion("Move to the previous WORD"),
  "vim.bigWordEnd": motion("Move to the end of the WORD"),
  "vim.bigWordEndBack": motion("Move to the end of the previous WORD"),
  "vim.lineStart": motion("Move to the start of the line"),
  "vim.lineText": motion("Move to the first non-blank character of the line"),
  "vim.lineEnd": motion("Move to the end of the line"),
  "vim.textStart": motion("Move to the first line, or to the line given by the count"),
  "vim.textEnd": motion("Move to the last line, or to the line given by the count"),
  "vim.find": motionTo("Move to a character in the line"),
  "vim.findBack": motionTo("Move back to a character in the line"),
  "vim.till": motionTo("Move to just before a character in the line"),
  "vim.tillBack": motionTo("Move back to just after a character in the line"),
  "vim.findAgain": motion("Repeat the last find"),
  "vim.findReverse": motion("Repeat the last find in the other direction"),
  "vim.match": motion("Move to the matching bracket"),
  "vim.paragraphBack": motion("Move back a paragraph"),
  "vim.paragraph": motion("Move forward a paragraph"),
  "vim.sentenceBack": motion("Move back a sentence"),
  "vim.sentence": motion("Move forward a sentence"),
  "vim.innerWord": object("A word"),
  "vim.aWord": object("A word with its spaces"),
  "vim.innerBigWord": object("A WORD"),
  "vim.aBigWord": object("A WORD with its spaces"),
  "vim.innerDoubleQuotes": object('The text in ""'),
  "vim.aDoubleQuotes": object('"" with the text inside'),
  "vim.innerSingleQuotes": object("The text in ''"),
  "vim.aSingleQuotes": object("'' with the text inside"),
  "vim.innerBackticks": object("The text in backticks"),
  "vim.aBackticks": object("Backticks with the text inside"),
  "vim.innerParentheses": object("The text in ()"),
  "vim.aParentheses": object("() with the text inside"),
  "vim.innerBraces": object("The text in {}"),
  "vim.aBraces": object("{} with the text inside"),
  "vim.innerBrackets": object("The text in []"),
  "vim.aBrackets": object("[] with the text inside"),
  "vim.innerAngles": object("The text in <>"),
  "vim.anAngles": object("<> with the text inside"),
  "vim.innerParagraph": object("A paragraph"),
  "vim.aParagraph": object("A paragraph with the empty lines after it"),
  "vim.delete": operator("Delete"),
  "vim.change": operator("Change"),
  "vim.yank": operator("Copy"),
  "vim.indent": operator("Indent"),
  "vim.outdent": operator("Outdent"),
  "vim.toggleCase": operator("Toggle case"),
  "vim.upcase": operator("Uppercase"),
  "vim.downcase": operator("Lowercase"),
  "vim.deleteCharacter": shorthand("Delete the character"),
  "vim.deleteCharacterBack": shorthand("Delete the previous character"),
  "vim.deleteLineEnd": shorthand("Delete to the end of the line"),
  "vim.changeLineEnd": shorthand("Change to the end of the line"),
  "vim.yankLine": shorthand("Copy the line"),
  "vim.substitute": shorthand("Change the character"),
  "vim.substituteLine": shorthand("Change the line"),
  "vim.toggleCharacter": change("Toggle the case of the character"),
  "vim.insert": change("Insert before the cursor"),
  "vim.append": change("Insert after the cursor"),
  "vim.insertLine": change("Insert at the start of the line"),
  "vim.appendLine": change("Insert at the end of the line"),
  "vim.openBelow": change("Insert on a new line below"),
  "vim.openAbove": change("Insert on a new line above"),
  "vim.replace": changeTo("Replace the character"),
  "vim.replaceMode": change("Overwrite text"),
  "vim.join": change("Join lines"),
  "vim.put": change("Paste after the cursor"),
  "vim.putBefore": change("Paste before the cursor"),
  "vim.undo": change("Undo"),
  "vim.redo": change("Redo"),
  "vim.repeat": change("Repeat the last change"),
  "vim.register": changeTo("Choose the register for the next command"),
  "vim.putRegister": changeTo("Insert a register"),
  "vim.visual": change("Select characters"),
  "vim.visualLine": change("Select lines"),
  "vim.otherEnd": change("Move to the other end of the selection"),
  "vim.normalMode": change("Switch to normal mode"),
} as const satisfies Record<string, VimCommand>;

export type VimCommandName = keyof typeof table;

/** The names of one kind. */
export type Named<Kind extends VimCommand["kind"]> = {
  [Name in VimCommandName]: (typeof table)[Name]["kind"] extends Kind ? Name : never;
}[VimCommandName];

export const vimCommands: Readonly<Record<VimCommandName, VimCommand>> = table;

export const isVimCommand = (name: string): name is VimCommandName => Object.hasOwn(table, name);

export const isKind = <Kind extends VimCommand["kind"]>(name: VimCommandName, kind: Kind): name is Named<Kind> =>
  vimCommands[name].kind === kind;
