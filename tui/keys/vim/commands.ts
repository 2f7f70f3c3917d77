/** The commands of Vim's modes by name, so that the key tables and the configuration can bind them like everything else. */

export interface VimCommand {
  title: string;
  /** How it is run: motions.ts, objects.ts, operators.ts, or changes.ts. A shorthand is two others in a row. */
  kind: "motion" | "object" | "operator" | "change" | "shorthand";
  /** It waits for one more character. */
  takes?: "character";
}

const motion = (title: string) => ({ title, kind: "motion" }) as const;
const motionTo = (title: string) => ({ title, kind: "motion", takes: "character" }) as const;
const object = (title: string) => ({ title, kind: "object" }) as const;
const operator = (title: string) => ({ title, kind: "operator" }) as const;
const change = (title: string) => ({ title, kind: "change" }) as const;
const changeTo = (title: string) => ({ title, kind: "change", takes: "character" }) as const;
const shorthand = (title: string) => ({ title, kind: "shorthand" }) as const;

const table = {
  "vim.left": motion("Left"),
  "vim.right": motion("Right"),
  "vim.up": motion("Up a line"),
  "vim.down": motion("Down a line"),
  "vim.word": motion("To the next word"),
  "vim.wordBack": motion("To the word before"),
  "vim.wordEnd": motion("To the end of the word"),
  "vim.wordEndBack": motion("To the end of the word before"),
  "vim.bigWord": motion("To the next WORD"),
  "vim.bigWordBack": motion("To the WORD before"),
  "vim.bigWordEnd": motion("To the end of the WORD"),
  "vim.bigWordEndBack": motion("To the end of the WORD before"),
  "vim.lineStart": motion("To the start of the line"),
  "vim.lineText": motion("To the first character of the line that is no blank"),
  "vim.lineEnd": motion("To the end of the line"),
  "vim.textStart": motion("To the first line, or that of the count"),
  "vim.textEnd": motion("To the last line, or that of the count"),
  "vim.find": motionTo("To this character in the line"),
  "vim.findBack": motionTo("Back to this character in the line"),
  "vim.till": motionTo("Until this character in the line"),
  "vim.tillBack": motionTo("Back until this character in the line"),
  "vim.findAgain": motion("The same find again"),
  "vim.findReverse": motion("The same find the other way"),
  "vim.match": motion("To the bracket that belongs to this one"),
  "vim.paragraphBack": motion("Back a paragraph"),
  "vim.paragraph": motion("On a paragraph"),
  "vim.sentenceBack": motion("Back a sentence"),
  "vim.sentence": motion("On a sentence"),
  "vim.innerWord": object("A word"),
  "vim.aWord": object("A word with its blanks"),
  "vim.innerBigWord": object("A WORD"),
  "vim.aBigWord": object("A WORD with its blanks"),
  "vim.innerDoubleQuotes": object('What stands in ""'),
  "vim.aDoubleQuotes": object('"" and what stands in it'),
  "vim.innerSingleQuotes": object("What stands in ''"),
  "vim.aSingleQuotes": object("'' and what stands in it"),
  "vim.innerBackticks": object("What stands in backticks"),
  "vim.aBackticks": object("Backticks and what stands in them"),
  "vim.innerParentheses": object("What stands in ()"),
  "vim.aParentheses": object("() and what stands in it"),
  "vim.innerBraces": object("What stands in {}"),
  "vim.aBraces": object("{} and what stands in it"),
  "vim.innerBrackets": object("What stands in []"),
  "vim.aBrackets": object("[] and what stands in it"),
  "vim.innerAngles": object("What stands in <>"),
  "vim.anAngles": object("<> and what stands in it"),
  "vim.innerParagraph": object("A paragraph"),
  "vim.aParagraph": object("A paragraph with the empty lines after it"),
  "vim.delete": operator("Delete"),
  "vim.change": operator("Change"),
  "vim.yank": operator("Copy"),
  "vim.indent": operator("Indent"),
  "vim.outdent": operator("Indent less"),
  "vim.toggleCase": operator("Exchange capitals and small letters"),
  "vim.upcase": operator("To capitals"),
  "vim.downcase": operator("To small letters"),
  "vim.deleteCharacter": shorthand("Delete the character"),
  "vim.deleteCharacterBack": shorthand("Delete the character before"),
  "vim.deleteLineEnd": shorthand("Delete to the end of the line"),
  "vim.changeLineEnd": shorthand("Change to the end of the line"),
  "vim.yankLine": shorthand("Copy the line"),
  "vim.substitute": shorthand("Change the character"),
  "vim.substituteLine": shorthand("Change the line"),
  "vim.toggleCharacter": change("Exchange capital and small letter, and on"),
  "vim.insert": change("Insert before the cursor"),
  "vim.append": change("Insert after the cursor"),
  "vim.insertLine": change("Insert at the start of the line"),
  "vim.appendLine": change("Insert at the end of the line"),
  "vim.openBelow": change("Insert in a new line below"),
  "vim.openAbove": change("Insert in a new line above"),
  "vim.replace": changeTo("Another character instead"),
  "vim.replaceMode": change("Write over what is there"),
  "vim.join": change("Join lines"),
  "vim.put": change("Put after the cursor"),
  "vim.putBefore": change("Put before the cursor"),
  "vim.undo": change("Undo"),
  "vim.redo": change("Redo"),
  "vim.repeat": change("The last change again"),
  "vim.register": changeTo("The register for what follows"),
  "vim.putRegister": changeTo("Insert a register"),
  "vim.visual": change("Select characters"),
  "vim.visualLine": change("Select lines"),
  "vim.otherEnd": change("To the other end of the selection"),
  "vim.normalMode": change("Normal mode"),
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
