/** Which member of a group owns which partition: never two at a time. */
export class Ownership {
  #loop;
  #history;
  #owners = new Map();

  constructor(loop, history) {
    this.#loop = loop;
    this.#history = history;
  }

  /**
   * A member was told that a partition is its own. Another one that holds it may only have been
   * forgotten when the broker has not heard of it for all of its session.
   */
  claim(group, place, member) {
    const name = `${group} ${place.name} ${place.topicId}`;
    const owner = this.#owners.get(name);
    if (owner !== undefined && owner !== member) {
      const silentMs = this.#loop.nowMs - owner.heardMs;
      if (silentMs < owner.sessionMs) {
        this.#history.fail(`${place.name} is given to ${member.name} while ${owner.name} owns it`);
      }
      owner.lose(place);
    }
    this.#owners.set(name, member);
    this.#history.note(`${member.name} owns ${place.name}`);
    this.#history.count('owned');
  }

  release(group, place, member) {
    const name = `${group} ${place.name} ${place.topicId}`;
    if (this.#owners.get(name) === member) this.#owners.delete(name);
  }
}
