import { wholeNumber } from './figures.js';

/** The form that produces what is typed. */
export class ProduceForm {
  #client;
  #form = document.getElementById('produce');
  #names = document.getElementById('topic-names');
  #known = '';

  constructor(client) {
    this.#client = client;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#produce();
    });
  }

  choose(topic) {
    this.#form.elements.topic.value = topic;
  }

  update(topics) {
    const names = topics.filter(({ internal }) => !internal).map(({ topic }) => topic);
    if (names.join('\n') === this.#known) return;
    this.#known = names.join('\n');
    const options = names.map((name) => {
      const option = document.createElement('option');
      option.value = name;
      return option;
    });
    this.#names.replaceChildren(...options);
  }

  async #produce() {
    const { topic, key, value, partition, acks, copies } = this.#form.elements;
    const record = { value: value.value, ...(key.value === '' ? {} : { key: key.value }) };
    const records = new Array(Number(copies.value)).fill(record);
    const options = {
      acks: acks.value === 'all' ? 'all' : Number(acks.value),
      ...(partition.value === '' ? {} : { partition: Number(partition.value) }),
    };
    try {
      const offsets = await this.#client.produce(topic.value, records, options);
      this.#tell(offsets.length === 0 ? 'sent' : offsets.map(placeOf).join('; '), false);
    } catch (error) {
      this.#tell(error.message, true);
    }
  }

  #tell(text, isBad) {
    const { outcome } = this.#form.elements;
    outcome.value = text;
    outcome.className = isBad ? 'bad' : '';
  }
}

function placeOf({ partition, base, count }) {
  const last = count === 1 ? '' : ` to ${wholeNumber(base + count - 1)}`;
  return `partition ${partition}: offset ${wholeNumber(base)}${last}`;
}
