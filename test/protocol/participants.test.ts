import assert from "node:assert/strict";
import fc from "fast-check";
import { type Participant, roles } from "../../protocol/method.ts";
import {
  applyPresence,
  comparePresence,
  LISTED_PARTICIPANTS,
  listParticipants,
  nobody,
} from "../../protocol/participants.ts";

const someone = (id: string, role: Participant["role"] = "owner"): Participant => ({ id, name: id, client: "a", role });
const everyone = fc
  .uniqueArray(fc.tuple(fc.nat(400), fc.constantFrom(...roles)), { selector: ([id]) => id, maxLength: 250 })
  .map((rows) => rows.map(([id, role]) => someone(`c${id}`, role)));
const idsOf = ({ participants }: { participants: readonly Participant[] }): string[] =>
  participants.map(({ id }) => id).toSorted();

describe("the list of participants", () => {
  it("is the same for one who applies its changes as for one who gets the list", () => {
    fc.assert(
      fc.property(fc.array(everyone, { maxLength: 5 }), (steps) => {
        let sent = nobody;
        let known = nobody;
        for (const all of steps) {
          const current = listParticipants(all);
          const change = comparePresence(sent, current);
          if (change) known = applyPresence(known, change);
          sent = current;
          assert.deepEqual([idsOf(known), known.count], [idsOf(current), all.length]);
        }
      }),
    );
  });

  it("has everyone up to its limit, and then no one before a guest who can approve", () => {
    fc.assert(
      fc.property(everyone, (all) => {
        const { participants, count } = listParticipants(all);
        assert.equal(count, all.length);
        assert.equal(participants.length, Math.min(all.length, LISTED_PARTICIPANTS));
        const approvers = all.filter(({ role }) => role === "approver").slice(0, LISTED_PARTICIPANTS);
        for (const approver of approvers) assert.ok(participants.includes(approver));
      }),
    );
  });

  it("has those who have watched longest among equals", () => {
    const all = Array.from({ length: 150 }, (_, index) => someone(`c${index}`, index < 120 ? "viewer" : "driver"));
    const ids = listParticipants(all).participants.map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...all.slice(0, 70), ...all.slice(120)].map(({ id }) => id),
    );
  });

  it("does not change when nothing has", () => {
    const list = listParticipants([someone("a"), someone("b")]);
    assert.equal(comparePresence(list, listParticipants([someone("b"), someone("a")])), null);
  });
});
