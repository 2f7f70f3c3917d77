/**
 * What a guest may call: only the methods listed here, only for the shared session, and nothing that decides about the owner's machine or
 * configuration. What is not listed is refused, also a method that a later version adds.
 */
import { TuttiError } from "../../protocol/errors.ts";
import type { ParamsOf, RequestName } from "../../protocol/methods.ts";
import { type GuestRole, guestRoles } from "../../protocol/share-methods.ts";
import type { Scope } from "../rpc/core.ts";

/** The least role of each method. All take `session` or `cwd`, which must be those of the shared session, except `initialize`. */
const methods: Partial<Record<RequestName, GuestRole>> = {
  initialize: "viewer",
  sessionParts: "viewer",
  sessionFind: "viewer",
  sessionRead: "viewer",
  sessionBlob: "viewer",
  sessionContext: "viewer",
  agentList: "viewer",
  agentRead: "viewer",
  skillList: "viewer",
  skillRead: "viewer",
  commandList: "viewer",
  commandRead: "viewer",
  commandsList: "viewer",
  presenceUpdate: "viewer",
  commentAdd: "commenter",
  commentResolve: "commenter",
  commentDelete: "commenter",
  commentSend: "driver",
  wheelTake: "driver",
  wheelGive: "driver",
  turnPrompt: "driver",
  turnSteer: "driver",
  turnCancel: "driver",
  queueEdit: "driver",
  queueMove: "driver",
  queueDrop: "driver",
  queueResume: "driver",
  sessionAttach: "driver",
  sessionCompact: "driver",
  sessionRename: "driver",
  filesFind: "driver",
  symbolsFind: "driver",
  questionAnswer: "approver",
};

/** Settings of a prompt that a guest may choose: none that decide what runs without approval, or what it may cost. */
const allowedSettings: ReadonlySet<string> = new Set(["model", "tier", "effort"]);
/** Answers to approval requests that count once. Others would last longer than the guest. */
const singleAnswers: ReadonlySet<unknown> = new Set(["yes", "no"]);

export interface SharedSession {
  id: string;
  cwd(): string;
  /** Of an open question; null if there is none with this id. */
  questionKind(question: string): "approval" | "choice" | null;
}

/** Requests that write to the log without the agent's work: so many a minute for each guest. */
const MAX_A_MINUTE = 30;
const limited: ReadonlySet<RequestName> = new Set([
  "commentAdd",
  "commentResolve",
  "commentDelete",
  "wheelTake",
  "wheelGive",
]);
const MINUTE_MS = 60_000;

export function createGuestScope(session: SharedSession, role: GuestRole): Scope {
  let recent: number[] = [];
  const checkRate = (): void => {
    const now = Date.now();
    recent = recent.filter((at) => now - at < MINUTE_MS);
    if (recent.length >= MAX_A_MINUTE)
      throw new TuttiError("busy", `A guest can do this ${MAX_A_MINUTE} times a minute. Wait a moment.`);
    recent.push(now);
  };
  return {
    checkMethod(method) {
      const required = methods[method];
      if (required === undefined) throw forbidden("Guests of a shared session cannot do this. Ask its owner.");
      if (guestRoles.indexOf(role) < guestRoles.indexOf(required))
        throw forbidden(
          `This requires the role ${required}; your link gives the role ${role}. Ask the owner for another.`,
        );
    },
    checkParams(method, params) {
      if (method === "initialize") return;
      checkTarget(session, params);
      if (limited.has(method)) checkRate();
      if (method === "turnPrompt") checkSettings((params as ParamsOf<"turnPrompt">).settings ?? {});
      if (method === "questionAnswer") checkAnswer(session, params as ParamsOf<"questionAnswer">);
    },
  };
}

function checkTarget(session: SharedSession, params: object): void {
  const { session: id, cwd } = params as { session?: unknown; cwd?: unknown };
  const isShared =
    id === undefined ? cwd === session.cwd() : id === session.id && (cwd === undefined || cwd === session.cwd());
  if (!isShared) throw forbidden("This link is for one session only.");
}

function checkSettings(settings: object): void {
  const other = Object.entries(settings).find(([key, value]) => value !== undefined && !allowedSettings.has(key));
  if (other) throw forbidden(`A guest cannot set \`${other[0]}\` of a prompt; the owner can.`);
}

function checkAnswer(session: SharedSession, { question, answer }: ParamsOf<"questionAnswer">): void {
  if (session.questionKind(question) === "choice" && !("rule" in answer)) return;
  if ("choice" in answer && singleAnswers.has(answer.choice) && answer.rule === undefined) return;
  throw forbidden("A guest can allow or deny this once. Only the owner can allow it for longer.");
}

const forbidden = (message: string): TuttiError => new TuttiError("forbidden", message);
