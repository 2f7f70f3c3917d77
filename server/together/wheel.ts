/**
 * Who drives. With one driver at a time, requests that drive are refused for all others, here and not only in clients. The owner always may:
 * a prompt of the owner takes the wheel.
 */
import { TuttiError } from "../../protocol/errors.ts";
import { type Participant, type Role, roles } from "../../protocol/method.ts";
import type { Caller, Handlers, ParamsOf, RequestName } from "../../protocol/methods.ts";
import type { Wheel } from "../../protocol/together.ts";
import type { Driver } from "../../protocol/together-events.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Sessions } from "../session/sessions.ts";

export const OWNER = "owner";

/** As in the event: all clients of the owner are one driver. */
export const toDriver = ({ role, author }: Pick<Caller, "role" | "author">): Driver => ({
  id: role === "owner" ? OWNER : author.id,
  name: author.name,
});

export const mayDrive = (role: Role): boolean => roles.indexOf(role) >= roles.indexOf("driver");

/** Requests that need the wheel. Those that give the agent work take it while it is free. */
const driving = {
  turnPrompt: "takes",
  turnSteer: "takes",
  sessionCompact: "takes",
  shellRun: "takes",
  turnCancel: "needs",
  queueEdit: "needs",
  queueMove: "needs",
  queueDrop: "needs",
  queueResume: "needs",
} as const satisfies Partial<Record<RequestName, "takes" | "needs">>;

type DrivingMethod = keyof typeof driving;

const moved = (driver: Driver | null) => ({ type: "wheel.moved", mode: "one", driver }) as const;

/** The wheel as it is after the request, null if it stays; throws if the request is refused. */
export function moveForRequest(
  wheel: Wheel | undefined,
  caller: Caller,
  takes: boolean,
): ReturnType<typeof moved> | null {
  if (wheel?.mode !== "one") return null;
  const self = toDriver(caller);
  if (wheel.driver?.id === self.id) return null;
  if (self.id !== OWNER && wheel.driver !== null) throw notDriving(wheel.driver);
  return takes ? moved(self) : null;
}

/** Wraps the handlers of requests that drive. */
export function guardWheel(handlers: Handlers, sessions: Pick<Sessions, "live">): Handlers {
  const guarded = Object.entries(driving).map(([name, use]) => {
    const handle = handlers[name as DrivingMethod] as (...input: unknown[]) => Promise<unknown>;
    const guard = async (params: ParamsOf<DrivingMethod>, caller: Caller, signal: AbortSignal): Promise<unknown> => {
      // What is not open has no driver but its owner.
      const session = sessions.live(params.session);
      await session?.decide(({ wheel }) => moveForRequest(wheel, caller, use === "takes"), caller.author);
      return handle(params, caller, signal);
    };
    return [name, guard];
  });
  return { ...handlers, ...(Object.fromEntries(guarded) as Pick<Handlers, DrivingMethod>) };
}

export function take({ wheel }: SessionView, caller: Caller): ReturnType<typeof moved> | null {
  if (wheel?.mode !== "one") throw everyoneDrives();
  return moveForRequest(wheel, caller, true);
}

/** `to`: null makes the wheel free. */
export function give({ wheel }: SessionView, caller: Caller, to: Participant | null): ReturnType<typeof moved> | null {
  if (wheel?.mode !== "one") throw everyoneDrives();
  const self = toDriver(caller);
  if (self.id !== OWNER && wheel.driver?.id !== self.id)
    throw new TuttiError("forbidden", `Only who drives can give the wheel. ${ask(wheel.driver)}`);
  if (to && !mayDrive(to.role))
    throw new TuttiError("conflict", `${to.name} has the role ${to.role}: driving requires the role driver.`);
  const driver = to && { id: to.role === "owner" ? OWNER : to.id, name: to.name };
  return driver?.id === wheel.driver?.id ? null : moved(driver);
}

/** A guest has left: what it held becomes free. */
export const release = (
  { wheel }: SessionView,
  hasLeft: (driver: string) => boolean,
): ReturnType<typeof moved> | null =>
  wheel?.mode === "one" && wheel.driver && wheel.driver.id !== OWNER && hasLeft(wheel.driver.id) ? moved(null) : null;

const ask = (driver: Driver | null): string =>
  driver
    ? `${driver.name} drives this session now. Raise your hand to ask for the wheel.`
    : "The wheel is free: take it.";

const notDriving = (driver: Driver): TuttiError => new TuttiError("forbidden", ask(driver), { driver: driver.name });

const everyoneDrives = (): TuttiError =>
  new TuttiError("conflict", "Everyone with the role driver can send prompts: there is no wheel to take.");
