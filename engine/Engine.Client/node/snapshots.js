'use strict';
// The latest snapshot that the client has seen in each workspace, so that no answer comes from an older one.

const DAY_LENGTH = 8;
const dayOf = (snapshot) => snapshot.slice(0, DAY_LENGTH);

/**
 * A snapshot is older when the day that its id begins with is earlier; among snapshots of one day, when another one has
 * taken its place since the client saw it.
 */
class SeenSnapshots {
  #latest = new Map();

  /** Whether an answer from a snapshot may be given to the caller; it is the latest then. */
  accept(workspace, snapshot) {
    const latest = this.#latest.get(workspace);
    if (snapshot.length < DAY_LENGTH || snapshot === latest?.id) {
      return true;
    }

    if (latest && (dayOf(snapshot) < dayOf(latest.id) || latest.replaced.includes(snapshot))) {
      return false;
    }

    const isSameDay = latest && dayOf(snapshot) === dayOf(latest.id);
    const replaced = isSameDay ? [...latest.replaced, latest.id] : [];
    this.#latest.set(workspace, { id: snapshot, replaced, since: performance.now() });
    return true;
  }

  /** Follows a rollback: a snapshot is the latest, whatever was seen before. */
  follow(workspace, snapshot) {
    this.#latest.set(workspace, { id: snapshot, replaced: [], since: performance.now() });
  }

  /** When the latest one was seen first. */
  since(workspace) {
    return this.#latest.get(workspace).since;
  }
}

module.exports = { SeenSnapshots };
