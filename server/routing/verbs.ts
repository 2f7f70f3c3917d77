/** The tables of verbs, questions and polite words with which a prompt says what to do. Words and phrases are separated by `|`. */

/** What the first verb of an instruction asks for. */
export interface Verb {
  id: string;
  points: number;
  words: string;
}

export const VERBS: readonly Verb[] = [
  {
    id: "verb.mechanical",
    points: -3,
    words:
      "rename|reformat|prettify|pretty|prettier|sort|alphabetize|alphabetise|bump|pin|uppercase|lowercase|capitalize|strip|unwrap|list|show me|show all|show the last|show last|show the diff|show current|make a list|reply|respond|say|print|count|display|run|install|uninstall|revert|indent|spellcheck|copy|cp|mv|rm|git|npm|ls|cat|grep|open|close|tag|stage|commit|push|reword|rephrase|shorten|truncate|trim|dedupe|deduplicate|comment|uncomment|benenne|umbenennen|korrigiere|formatiere|sortiere|lösche|liste|zeige|übersetze|ersetze|ändere|renombra|corrige|lista|muestra|borra|elimina|traduce|cambia|formatea|renomme|supprime|affiche|traduis|formate|remplace|renomeie|liste|mostre|apague|traduza|переименуй|исправь|покажи|удали|переведи",
  },
  { id: "verb.convert", points: -2, words: "convert|turn this|turn these|turn the following|make this|rewrite this" },
  {
    id: "verb.material",
    points: -3,
    words:
      "summarise|summarize|translate|format|wrap|explain this line|explain ~ line|explain ~ regex|explain ~ command|explain ~ expression|explain ~ snippet|explain ~ syntax|proofread|transcribe|reformat|shorten|traduce|traduis|übersetze|resume|résume",
  },
  {
    id: "verb.small",
    points: -2,
    words:
      "delete|swap|remove|drop|move|change|set|use|turn|flip|switch|export|update|correct|organize|organise|align|center|hide|enable|disable|increase|decrease|adjust|tweak|append|prepend|insert|paste|generate|give|tell|get|grab|fetch|look|check|find",
  },
  { id: "verb.add", points: -1, words: "add|replace|put|include|attach|añade|agrega|ajoute|adicione|füge|добавь" },
  {
    id: "verb.fix",
    points: 0,
    words:
      "fix|repair|show|clean|cleanup|tidy|make|take|reduce|keep|stop|prevent|avoid|ensure|verify|test|help|behebe|arregla|corrige",
  },
  {
    id: "verb.deep",
    points: 2,
    words:
      "design|redesign|rewrite|rearchitect|optimize|optimise|audit|diagnose|investigate|debug|analyse|analyze|prove|disprove|parallelize|scale|harden|reverse|profile|untangle|rework|architect|split|decouple|optimiere|optimiza",
  },
  {
    id: "verb.build",
    points: 1,
    words:
      "implement|set up|setup|build|create|write|develop|support|introduce|refactor|extract|integrate|port|allow|let|return|validate|expose|extend|handle|improve|upgrade|migrate|pull|parse|scrape|load|dockerize|cache|pass|catch|send|aggregate|cross|review|explain|compare|plan|propose|crie|crea|erstelle|schreibe|implementiere|implementa|écris|implémente|crée|реализуй|напиши|создай|tdd|compile|render|process|track|store|persist|sync",
  },
];

/** How a question begins, where nothing else decides. */
export const QUESTIONS: readonly Verb[] = [
  {
    id: "question.fact",
    points: -4,
    words:
      "what is|what are|whats|what does|what do|what version|what columns|what port|which|where|who|when was|when did|how many|how much|how big|how long|how old|is there a|is there any|are there|is it|is the|is this|is docker|is|do we|does it|does this|does the|does|did|difference between|what|can i|how do i|how to|how do you|was ist|wo|welche|wie viele|dónde|cuál|où|quel|quelle|onde|qual|где|какой|сколько|wer|quién|qui",
  },
  {
    id: "question.definition",
    points: -6,
    words:
      "what is a|what is an|whats a|whats an|whats the difference|what is the difference|difference between|what does ~ mean|what does ~ stand for|meaning of|explain what a|explain what an|explain what ~ is|define|was bedeutet",
  },
  {
    id: "question.advice",
    points: 0,
    words:
      "how would|how should|how can we|how could|should we|should i|what would|what should|which ~ help|what is it|what can we do|what do we need|what do i need|what needs|what has to|what could",
  },
  { id: "question.why", points: 1, words: "why|warum|por qué|porque|pourquoi|почему" },
];

/** Chinese and Japanese are not split into words: these are searched in the text. */
export const UNSPACED_VERBS: readonly Verb[] = [
  {
    id: "verb.mechanical",
    points: -3,
    words:
      "改成|改为|重命名|格式化|列出|翻译|删除|替换|错别字|リネーム|に変更|一覧|翻訳|削除|置き換え|바꿔|이름을|번역|삭제",
  },
  { id: "verb.build", points: 1, words: "实现|编写|开发|添加|增加|重构|写一个|実装|作成|書いて|追加|구현|작성|추가" },
];

export const POLITE: ReadonlySet<string> = new Set(
  "hi hello hey please pls plz kindly can could would will you u i id im we need needs want wants to like should lets let us me just quickly simply also ok okay so now then and next first finally bitte kannst könntest du sie wir por favor puedes podrías pode poderia svp stp peux tu pouvez vous пожалуйста help thanks thank you good morning great cool nice perfect looks hallo hola bonjour try go ahead again".split(
    " ",
  ),
);

/** Words of a prompt that only goes on with the task before, such as "yes, do it" or "try again". */
export const CONTINUATION: ReadonlySet<string> = new Set(
  "yes yep yeah no nope ok okay sure right correct continue go on ahead do it that this these them both all the a an please try retry again proceed next keep going apply fix and now then rest first second third option one two three 1 2 3 b c thanks thank you great good perfect so still same also resume finish weiter ja nein mach das bitte los sí si sigue continúa oui non continue vas y 继续 好 好的 はい 続けて да дальше продолжай".split(
    " ",
  ),
);
